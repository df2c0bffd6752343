"""Uncaught errors, and warnings: logged as all other events are, without their messages."""

import asyncio
import sys
import threading
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger(__name__)


def install_hooks() -> None:
    """Install the hooks of the interpreter that log uncaught errors, in any thread, and warnings."""
    sys.excepthook = _in_program
    sys.unraisablehook = _in_cleaning
    threading.excepthook = _in_thread
    warnings.showwarning = _warned


def in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error that reached the event loop; for `loop.set_exception_handler`.

    Only the start of its message is logged: that of an error in a callback goes on with the arguments of the call.
    """
    message = str(context.get("message", "")).partition("\n")[0].partition("(")[0].partition("<")[0]
    log.error("uncaught", where="loop", reason=message.strip(), exc_info=context.get("exception"))


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
