"""Handling one event: which branch it selects, where that leads, what is shown and who is notified."""
