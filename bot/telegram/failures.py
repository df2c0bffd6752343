"""What a loop logs when a round of it failed."""

import re
from typing import Any

from aiogram.exceptions import AiogramError, TelegramAPIError
from structlog.typing import FilteringBoundLogger

from storage.database.errors import StorageError, StorageUnavailable

EXPECTED = (AiogramError, StorageError, OSError, TimeoutError)
"""Failures that pass by themselves, or that are for an operator to mend; any other one is a mistake of ours."""
_QUOTED = re.compile(r"""(?<!\w)["'«“](?:.*["'»”]|.*)""", re.DOTALL)


def said(error: TelegramAPIError) -> str:
    """Return Telegram's words for a refusal without what they quote: that may be anybody's."""
    return _QUOTED.sub("…", error.message)


def log_failure(log: FilteringBoundLogger, event: str, error: Exception, **fields: Any) -> None:
    """Log that a round failed and will be made again: quietly where the database is away, which is told once."""
    if isinstance(error, StorageUnavailable):
        log.debug(event, reason=type(error).__name__, **fields)
    elif isinstance(error, EXPECTED):
        log.warning(event, reason=type(error).__name__, **fields)
    else:
        log.error(event, reason=type(error).__name__, **fields, exc_info=error)
