"""Snapshots that people read: one text file a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex


class TextSnapshot(SingleFileSnapshotExtension):
    """Keeps a snapshot as a text file, Cyrillic as it is."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


class RussianSnapshot(TextSnapshot):
    """Keeps the Russian words beside the English ones."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """Return the name of the test, without the number that a second snapshot has, and the language."""
        del index
        return super().get_snapshot_name(test_location=test_location) + ".ru"


class SharedTextSnapshot(TextSnapshot):
    """Keeps one snapshot for all databases that a test runs on."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """Return the name of the test without the database's."""
        name = super().get_snapshot_name(test_location=test_location, index=index)
        return name.replace("[sqlite]", "").replace("[postgresql]", "")

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Tell whether a file belongs to a test, on whichever database it runs."""
        path = Path(snapshot_location)
        return (path.parent.name, path.stem) == (test_location.basename, test_location.methodname)
