"""Every input of a shape: its rows by number, and their correctly rounded results at the speed of a table."""
