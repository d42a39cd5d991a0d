"""The implementations that are shipped: textbook algorithms, torch's own, and the faithful one."""
