"""What may be told of a library's message: its pattern and its numbers.

All else that is put in shows values: what people wrote, addresses with a token in them.
"""

import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_SLOT = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z%]")
"""A place for a value in the pattern of a message
(https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting)."""


def redact(record: logging.LogRecord) -> str:
    """Return the first line of a message as the library's code has it; where it was put together, the place of it.

    To be called while the record is emitted: the code is looked for among those who are logging it.
    """
    if isinstance(record.msg, str) and _stands_in_code(record.msg):
        return record.msg.partition("\n")[0]
    return f"… ({Path(record.pathname).name}:{record.lineno})"


def filled(pattern: str, args: Any) -> str:
    """Return the pattern of a message with its numbers in their places, and with … in the places of all else."""
    given = iter(args if isinstance(args, tuple) else ())

    def fill(slot: re.Match[str]) -> str:
        if slot[0] == "%%":
            return "%"
        value = next(given, None)
        try:
            return slot[0] % value if isinstance(value, int | float) else "…"
        except (TypeError, ValueError, OverflowError):
            return "…"

    return _SLOT.sub(fill, pattern)


def _stands_in_code(text: str) -> bool:
    # A library may log through a function of its own: the text stands in that one's caller.
    frame: FrameType | None = sys._getframe()
    while frame:
        if text in frame.f_code.co_consts:
            return True
        frame = frame.f_back
    return False
