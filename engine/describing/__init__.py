"""Flows and their language for readers: drawings, the JSON Schema, the reference."""
