"""From files to the book of flows: YAML with its marks, the schema's verdict, names and shapes."""
