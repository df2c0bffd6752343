"""What the log says of the update at hand in every line under it: whose it is, where it was said, what it is about."""

from contextvars import ContextVar, Token
from typing import Any, Self

from structlog.typing import EventDict, WrappedLogger


class LogContext:
    """Ids of one update, or of one timer that goes off, each from the moment it is known.

    They hold inside a `with` block, also in the unit of work that it waits for, in whatever thread that runs.
    `user_id` is our id of the person; `flow` and `step` are where the dialog stood before.
    """

    __slots__ = ("_token", "chat_id", "flow", "request_id", "step", "update_id", "user_id")
    _token: Token["LogContext"]

    def __init__(self, update_id: int | None = None, chat_id: int | None = None) -> None:
        self.update_id = update_id
        self.chat_id = chat_id
        self.user_id: int | None = None
        self.request_id: int | None = None
        self.flow: str | None = None
        self.step: str | None = None

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)

    def stand(self, step: str) -> None:
        """Note the step in which the dialog stands, as flow.step."""
        self.flow, _, self.step = step.partition(".")

    def fields(self) -> dict[str, Any]:
        """Return what is known, by the names that the log has for it."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS = ("update_id", "chat_id", "user_id", "request_id", "flow", "step")
_current: ContextVar[LogContext] = ContextVar("bearings")


def current_log_context() -> LogContext:
    """Return the bearings of what is being handled; outside of it, some that nobody will ask for."""
    return _current.get(None) or LogContext()


def merge_log_context(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Add to an event what is known of the update at hand, but for what the event says itself."""
    for name, value in current_log_context().fields().items():
        event.setdefault(name, value)
    return event
