"""Where people stand in their dialogs, what time is to do there, and updates that were quarantined."""
