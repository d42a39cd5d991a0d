"""A results document in the forms that other tools read."""
