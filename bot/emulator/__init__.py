"""A strict Bot API emulator and the local chat page: Telegram for tests, process tests and first steps."""
