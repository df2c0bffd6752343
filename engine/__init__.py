"""Flows written in YAML, checked, compiled to state machines and run one event at a time."""
