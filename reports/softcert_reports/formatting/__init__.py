"""Words and numbers for people: wording, figures, and text made safe to show."""
