"""What waits to be sent: messages and screens, their queue, and who has leased them."""
