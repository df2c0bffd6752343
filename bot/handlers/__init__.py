"""Units of work: all that one update, or one timer, leads to, in one transaction."""
