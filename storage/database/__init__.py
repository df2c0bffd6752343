"""The way to a database: its address, engines, drivers, transactions and what may go wrong on it."""
