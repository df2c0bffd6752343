"""How a failure is logged after which a loop goes on."""

import re
from typing import Any

from aiogram.exceptions import AiogramError, TelegramAPIError
from structlog.typing import FilteringBoundLogger

from storage.database.errors import StorageError, StorageUnavailable

EXPECTED = (AiogramError, StorageError, OSError, TimeoutError)
"""Failures that pass by themselves, or that an operator can fix; any other one is a mistake of ours."""
_QUOTED = re.compile(r"""(?<!\w)["'«“](?:.*["'»”]|.*)""", re.DOTALL)


def reason_of(error: TelegramAPIError) -> str:
    """Return Telegram's message without what it quotes: that may be what a person wrote."""
    return _QUOTED.sub("…", error.message)


def log_failure(log: FilteringBoundLogger, event: str, error: Exception, **fields: Any) -> None:
    """Log a failure before another attempt; only at DEBUG where the database is away, of which `Runner` warns once."""
    if isinstance(error, StorageUnavailable):
        log.debug(event, reason=type(error).__name__, **fields)
    elif isinstance(error, EXPECTED):
        log.warning(event, reason=type(error).__name__, **fields)
    else:
        log.error(event, reason=type(error).__name__, **fields, exc_info=error)
