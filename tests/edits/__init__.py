"""Random edits of flows, as people make them who try something, and walks through what the check lets through."""
