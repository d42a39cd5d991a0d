"""How far roundings may move a sum: what a contract says of it, and what is summed; compiled."""
