"""The process-wide state of logs, for tests that configure them."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from structlog._config import BoundLoggerLazyProxy

from bot.telemetry.logs import QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

_HOOKS = [(sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"), (warnings, "showwarning")]


@contextmanager
def as_before() -> Iterator[None]:
    """Undo what is configured in the block: handlers, levels, hooks, and the loggers that modules have kept."""
    root = logging.getLogger()
    handlers, before = root.handlers, structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in [*root.manager.loggerDict, *QUIET]}
    level = root.level
    hooks = [(module, name, getattr(module, name)) for module, name in _HOOKS]
    yield
    for module, name, hook in hooks:
        setattr(module, name, hook)
    root.handlers = handlers
    root.setLevel(level)
    for name in [*root.manager.loggerDict]:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.configure(**before)
    for module in [*sys.modules.values()]:
        log = vars(module).get("log")
        if isinstance(log, BoundLoggerLazyProxy):
            # Once used, it would go on as it was configured then.
            vars(log).pop("bind", None)


def told(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    """Read the lines of JSON that were logged since the last look; return the events of that name, without their time.

    Level and logger are left out too.
    """
    found = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    plain = ("timestamp", "event", "level", "logger")
    return [{key: each[key] for key in each if key not in plain} for each in found if each["event"] == name]
