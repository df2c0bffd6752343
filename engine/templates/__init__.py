"""Templates: sandboxed, autoescaped, and checked before they are used."""
