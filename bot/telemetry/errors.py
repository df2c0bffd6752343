"""What may be reported of an error: its class, where it was raised, its causes; never its message or any values."""

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

OURS = frozenset({"bot", "engine", "storage", "migrations"})
"""Our packages: a mistake of ours is in their code, even where a library raises."""


def error_in(exc_info: Any) -> BaseException | None:
    """Return the error that `exc_info` stands for, in any of the forms that loggers take."""
    error = exc_info[1] if isinstance(exc_info, tuple) else sys.exc_info()[1] if exc_info is True else exc_info
    return error if isinstance(error, BaseException) else None


def chain(error: BaseException) -> list[BaseException]:
    """Return an error and its causes, as a traceback would show them; itself first."""
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and all(each is not known for known in found):
        found.append(each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found


def traceback_summary(error: BaseException) -> str:
    """Return the files and lines that an error passed through, where it was raised last."""
    return " > ".join(f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in frames(error))


def frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Return the frames that an error passed through, each with its line, where it was raised last."""
    return traceback.walk_tb(error.__traceback__)


def module_of(frame: FrameType) -> str:
    """Return the name of the module of a frame."""
    return str(frame.f_globals.get("__name__", ""))


def is_ours(frame: FrameType) -> bool:
    """Return whether a frame is in the bot's own code."""
    return module_of(frame).partition(".")[0] in OURS


def origin(error: BaseException) -> str | None:
    """Return the last function of ours that an error passed through, as module:function; None where there is none."""
    own = [frame for frame, _ in frames(error) if is_ours(frame)]
    return f"{module_of(own[-1])}:{own[-1].f_code.co_qualname}" if own else None
