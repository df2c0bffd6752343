"""The flows in force: read, compared with the database, replaced while people talk."""
