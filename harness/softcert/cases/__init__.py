"""Cases: recipes, the inputs that are built from them, and the batteries that every subject gets."""
