"""The HTML page of a results document, and of several side by side."""
