"""What makes a run claim less than an earlier one: contracts that were loosened, domains that were narrowed."""
