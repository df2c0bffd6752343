"""The flow language, as one pydantic schema."""
