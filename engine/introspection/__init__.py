"""Documents generated from flows and their language: graphs, differences, the JSON Schema, the reference."""
