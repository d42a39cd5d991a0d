"""Cases of what a contract claims beside the values: kinds of inputs, bits that do not depend on the batch, no rows."""
