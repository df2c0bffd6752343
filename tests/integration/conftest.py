"""A bot on a fresh database, of one kind and then of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transcripts import SharedTextSnapshot

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Town


@pytest.fixture
def town(city: Town) -> Town:
    """Give the town on each kind of database."""
    return city


@pytest.fixture
def transcripts(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Give a snapshot that both databases have to match."""
    return snapshot.use_extension(SharedTextSnapshot)
