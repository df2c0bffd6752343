"""The Bot API: updates as events of the engine, calls and their errors."""
