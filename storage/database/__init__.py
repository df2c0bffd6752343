"""Access to a database: its URL, engines, drivers, transactions, and errors."""
