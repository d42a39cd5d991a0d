"""From what a user names (SPEC, callable, class, module) to an `Implementation`."""
