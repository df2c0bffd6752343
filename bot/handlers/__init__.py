"""Units of work: what one update, or one moment, leads to, inside one transaction."""
