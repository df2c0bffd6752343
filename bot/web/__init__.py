"""A server on a port: for Telegram's calls, for whoever watches the bot, and for the chat page."""
