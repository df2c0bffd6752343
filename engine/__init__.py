"""Flows written in YAML: read, checked, compiled to state machines, and run one event at a time."""
