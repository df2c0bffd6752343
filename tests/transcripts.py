"""Snapshots that people read: one text file a test."""

from __future__ import annotations

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class TextSnapshot(SingleFileSnapshotExtension):
    """Keeps a snapshot as a text file, Cyrillic as it is."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT
