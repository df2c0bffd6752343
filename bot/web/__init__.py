"""An HTTP server on a port: for the webhook, for monitoring, and for the chat page."""
