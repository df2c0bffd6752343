"""The log of HTTP calls, without their addresses, which may hold a token."""

import logging

import structlog
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse

log = structlog.get_logger(__name__)


class AccessLog(AbstractAccessLogger):
    """Logs each call that was answered, at DEBUG: monitoring calls every few seconds."""

    @property
    def enabled(self) -> bool:
        """Whether anything is to be logged."""
        return bool(log.is_enabled_for(logging.DEBUG))

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Log one call, by the function that answered it; `time` is in seconds."""
        found = request.match_info if isinstance(request, Request) else None
        asked = found.handler.__name__ if found and found.http_exception is None else "nothing"
        took = round(time, 4)
        log.debug("http_call", asked=asked, http_method=request.method, http_status=response.status, seconds=took)
