"""How a Bot API call fails: with the codes and descriptions of Telegram's server, or without an answer."""

from __future__ import annotations

from typing import Any

_PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class ApiError(Exception):
    """A call that Telegram answered with `"ok": false`.

    `parameters` is the ResponseParameters object: `retry_after` in seconds, or `migrate_to_chat_id`.
    """

    def __init__(self, code: int, detail: str = "", parameters: dict[str, int] | None = None) -> None:
        prefix = _PREFIXES[code]
        self.code = code
        self.description = f"{prefix}: {detail}" if detail else prefix
        self.parameters = parameters or {}
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        """The JSON object that Telegram answers with."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class ConnectionLost(Exception):  # noqa: N818 -- what happened, not whose fault it is
    """The connection broke before an answer came; the call may or may not have taken effect."""


def bad_request(detail: str) -> ApiError:
    """400: the call is wrong and will stay wrong."""
    return ApiError(400, detail)


def forbidden(detail: str) -> ApiError:
    """403: the bot may not write to the chat."""
    return ApiError(403, detail)


def too_many(retry_after: int) -> ApiError:
    """429: wait `retry_after` seconds."""
    return ApiError(429, f"retry after {retry_after}", {"retry_after": retry_after})


def migrated(new_chat_id: int) -> ApiError:
    """400 with the id of the supergroup that a group has become."""
    detail = "group chat was upgraded to a supergroup chat"
    return ApiError(400, detail, {"migrate_to_chat_id": new_chat_id})
