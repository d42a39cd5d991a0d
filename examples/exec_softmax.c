/* A program in any language, here C: it reads requests on stdin and writes results to stdout.
 *
 *     cc -O2 -o softmax examples/exec_softmax.c -lm
 *     softcert certify exec:./softmax
 *
 * docs/exec-protocol.md describes the protocol. The lines between the two rules are all that it takes.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void softmax(float *x, uint64_t rows, uint64_t classes) {
    for (uint64_t i = 0; i < rows; i++, x += classes) {
        float max = -INFINITY, sum = 0;
        for (uint64_t j = 0; j < classes; j++)
            if (!(x[j] <= max)) max = x[j]; /* the negated test lets NaN through */
        for (uint64_t j = 0; j < classes; j++) sum += x[j] = expf(x[j] - max);
        for (uint64_t j = 0; j < classes; j++) x[j] /= sum;
    }
}

int main(void) {
    /* ------------------------------------------------------------------------------------------------------- */
    struct { uint32_t version, operation, format, label_bytes; uint64_t rows, classes; } head;
    while (fread(&head, sizeof head, 1, stdin) == 1) {
        int64_t bytes = (int64_t)(head.rows * head.classes * (head.format == 1 ? 8 : 4));
        float *x = malloc((size_t)bytes + 1);
        if (fread(x, 1, (size_t)bytes, stdin) != (size_t)bytes) return 1;
        int64_t answer = head.operation == 1 && head.format == 2 ? bytes : -1; /* softmax in float32, else: no */
        if (answer > 0) softmax(x, head.rows, head.classes);
        fwrite(&answer, sizeof answer, 1, stdout);
        if (answer > 0) fwrite(x, 1, (size_t)answer, stdout);
        fflush(stdout);
        free(x);
    }
    /* ------------------------------------------------------------------------------------------------------- */
    return 0;
}
