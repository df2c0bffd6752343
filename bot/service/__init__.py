"""How the bot is: its health and numbers over HTTP, its readiness to systemd, its commands to Telegram."""
