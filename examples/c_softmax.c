/* Softmax over the rows of a matrix in C order, as a shared library for c_library.py. */
#include <math.h>
#include <stddef.h>

void softmax_f32(const float *x, float *out, size_t rows, size_t classes) {
    for (size_t i = 0; i < rows; i++, x += classes, out += classes) {
        float max = -INFINITY, sum = 0;
        for (size_t j = 0; j < classes; j++)
            if (!(x[j] <= max)) max = x[j]; /* the negated test lets NaN through */
        for (size_t j = 0; j < classes; j++) sum += out[j] = expf(x[j] - max);
        for (size_t j = 0; j < classes; j++) out[j] /= sum;
    }
}
