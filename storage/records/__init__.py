"""What the organisation keeps: requests with their comments, files and history, people, catalogues, settings."""
