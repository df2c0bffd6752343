"""One event at a time: what was sent or pressed, where it leads, what is shown and told."""
