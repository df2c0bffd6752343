"""Health and metrics over HTTP, readiness for systemd, the menu of commands for Telegram."""
