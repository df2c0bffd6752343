"""What the bot says: sandboxed, autoescaped templates, checked before they are used."""
