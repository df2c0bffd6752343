"""The lending desk and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.desk import Desk
from tests.test_engine.laptops import laptop_flows

if TYPE_CHECKING:
    from engine.compiled import CompiledFlows
    from tests.test_engine.desk import Chat


@pytest.fixture(scope="session")
def lending() -> CompiledFlows:
    """Give the laptop flows, compiled once: nothing changes them."""
    return laptop_flows()


@pytest.fixture
def desk(lending: CompiledFlows) -> Desk:
    return Desk(flows=lending)


@pytest.fixture
def anna(desk: Desk) -> Chat:
    """A teacher."""
    return desk.chat(1)


@pytest.fixture
def boris(desk: Desk) -> Chat:
    """Another teacher, whose name looks like a tag."""
    return desk.chat(2)


@pytest.fixture
def vera(desk: Desk) -> Chat:
    """The librarian."""
    return desk.chat(3)


@pytest.fixture
def gleb(desk: Desk) -> Chat:
    """The technician."""
    return desk.chat(4)
