"""Everything that touches the database: models, transactions, and the functions that read and write."""
