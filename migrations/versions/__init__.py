"""Revisions, numbered in the order they were made."""
