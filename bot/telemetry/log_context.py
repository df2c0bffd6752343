"""The log context: ids of the update that is being handled, added to every line that is logged meanwhile."""

from contextvars import ContextVar, Token
from typing import Any, Self

from structlog.typing import EventDict, WrappedLogger


class LogContext:
    """Ids of one update, or of one timer that fires, each set as soon as it is known.

    The context applies inside a `with` block, and in the unit of work that the block awaits, on any thread.
    `user_id` is our id of the person; `flow` and `step` are where the conversation was before the update.
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

    def set_step(self, step: str) -> None:
        """Set the flow and the step from a full name, flow.step."""
        self.flow, _, self.step = step.partition(".")

    def fields(self) -> dict[str, Any]:
        """Return the ids that are known, by their names in the log."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS = ("update_id", "chat_id", "user_id", "request_id", "flow", "step")
_current: ContextVar[LogContext] = ContextVar("log_context")


def current_log_context() -> LogContext:
    """Return the context of what is being handled; outside of it a new one, which is never logged."""
    return _current.get(None) or LogContext()


def merge_log_context(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Add the context to an event; a field that the event has itself stays."""
    for name, value in current_log_context().fields().items():
        event.setdefault(name, value)
    return event
