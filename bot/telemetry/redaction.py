"""Redaction of what libraries log: of a message, its pattern and its numbers are kept.

All other arguments are values: what people wrote, addresses with a token in them.
"""

import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_SLOT = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z%]")
"""A placeholder in the pattern of a message
(https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting)."""


def redact(record: logging.LogRecord) -> str:
    """Return the first line of a message that is a constant in the library's code; of one built at run time, its place.

    To be called while the record is emitted: the constant is searched for in the functions that are on the stack.
    """
    if isinstance(record.msg, str) and _stands_in_code(record.msg):
        return record.msg.partition("\n")[0]
    return f"… ({Path(record.pathname).name}:{record.lineno})"


def filled(pattern: str, args: Any) -> str:
    """Return the pattern of a message with its numbers filled in, and with … for all other arguments."""
    values = iter(args if isinstance(args, tuple) else ())

    def fill(slot: re.Match[str]) -> str:
        if slot[0] == "%%":
            return "%"
        value = next(values, None)
        try:
            return slot[0] % value if isinstance(value, int | float) else "…"
        except (TypeError, ValueError, OverflowError):
            return "…"

    return _SLOT.sub(fill, pattern)


def _stands_in_code(text: str) -> bool:
    # A library may log through a helper of its own: the constant is in the caller of that.
    frame: FrameType | None = sys._getframe()
    while frame:
        if text in frame.f_code.co_consts:
            return True
        frame = frame.f_back
    return False
