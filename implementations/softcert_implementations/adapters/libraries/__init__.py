"""One file for each array library: its `Adapter`, made without importing the library."""
