"""The worker's side: what runs in the process of the subject."""
