"""tf.nn and tf.math."""

import tensorflow as tf


def softmax(x):
    return tf.nn.softmax(x, axis=-1)


def log_softmax(x):
    return tf.nn.log_softmax(x, axis=-1)


def logsumexp(x):
    return tf.math.reduce_logsumexp(x, axis=-1)


def cross_entropy(x, labels):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x))
