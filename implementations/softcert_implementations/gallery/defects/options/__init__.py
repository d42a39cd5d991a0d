"""Defects of options: weights, targets, upstream gradients, and options that change the logits."""
