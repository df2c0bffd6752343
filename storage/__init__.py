"""Everything that touches the database: models, units of work, and the functions that read and write."""
