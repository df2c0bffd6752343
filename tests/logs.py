"""The process-wide state of logs, for tests that configure them."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from structlog._config import BoundLoggerLazyProxy

from bot.telemetry import QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOOKS = [(sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"), (warnings, "showwarning")]


@contextmanager
def as_before() -> Iterator[None]:
    """Undo what is configured in the block: handlers, levels, hooks, and the loggers that modules have kept."""
    root = logging.getLogger()
    handlers, before = root.handlers, structlog.get_config()
    levels = {each: each.level for each in (root, *map(logging.getLogger, QUIET))}
    hooks = [(module, name, getattr(module, name)) for module, name in _HOOKS]
    yield
    for module, name, hook in hooks:
        setattr(module, name, hook)
    root.handlers = handlers
    for logger, level in levels.items():
        logger.setLevel(level)
    structlog.configure(**before)
    for module in [*sys.modules.values()]:
        log = vars(module).get("log")
        if isinstance(log, BoundLoggerLazyProxy):
            # Once used, it would go on as it was configured then.
            vars(log).pop("bind", None)
