"""The organisation's records: requests with their comments, files and history, people, catalogues, settings."""
