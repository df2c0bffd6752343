"""What the bot tells of itself: the log, what it counts, what goes to Sentry."""
