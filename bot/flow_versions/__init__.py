"""Versions of the flows: read, checked against the database, replaced while the bot runs."""
