"""Errors that nobody caught, and warnings: they go into the log as all else does, without the words they carry."""

import asyncio
import sys
import threading
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def log_them() -> None:
    """Let the interpreter tell the log of errors that nobody caught, in any thread, and of warnings."""
    sys.excepthook = _in_program
    sys.unraisablehook = _in_cleaning
    threading.excepthook = _in_thread
    warnings.showwarning = _warned


def in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what an event loop complains of; for `loop.set_exception_handler`.

    Of its words only those before a value: an error in a callback shows the values that it was called with.
    """
    words = str(context.get("message", "")).partition("\n")[0].partition("(")[0].partition("<")[0]
    log.error("uncaught", where="loop", reason=words.strip(), exc_info=context.get("exception"))


def _in_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("uncaught", where="program", exc_info=error)


def _in_thread(args: threading.ExceptHookArgs) -> None:
    log.critical("uncaught", where="thread", exc_info=args.exc_value)


def _in_cleaning(args: "sys.UnraisableHookArgs") -> None:
    log.error("uncaught", where="cleaning", exc_info=args.exc_value)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: object = None,
    line: str | None = None,
) -> None:
    log.warning("python_warning", category=category.__name__, place=f"{Path(filename).name}:{lineno}")
