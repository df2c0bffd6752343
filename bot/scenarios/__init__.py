"""Scenarios of the flows, played: the real bot on a database of its own, with the emulator in place of Telegram."""
