"""The help desk: requests as this organisation handles them, and the hooks by which flows use it."""
