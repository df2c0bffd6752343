"""Conversations with the state of their dialogs, timers, and quarantined updates."""
