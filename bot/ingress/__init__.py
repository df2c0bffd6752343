"""What sets the bot going: updates, polled or by webhook, retried or quarantined; timers."""
