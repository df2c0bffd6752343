"""From the database to Telegram: screens and messages, in order, within its limits, recorded as they arrive."""
