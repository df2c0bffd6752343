"""Reading flow files: YAML with positions, validation by the schema, the catalog of names, shapes of variables."""
