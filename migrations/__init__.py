"""Versioned schema: Alembic's environment and the revisions."""
