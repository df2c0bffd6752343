"""What sets the bot going: updates that are fetched or brought, tried again or set aside, and time."""
