"""The flow language: one pydantic schema is the whole of it."""
