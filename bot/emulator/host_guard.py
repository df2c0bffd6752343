"""Protects a server on this machine from other web sites.

A page from elsewhere may send requests to 127.0.0.1, and a name of its own may be made to point there (DNS
rebinding). So the Host header must name this machine, and no request may come from another origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_FOREIGN = frozenset({"cross-site", "same-site"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def host_guard(host: str) -> Middleware:
    """A middleware that answers 403 to requests not meant for this machine or `host`."""
    names = LOCAL_NAMES | {host}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if urlsplit(f"//{request.host}").hostname not in names:
            raise web.HTTPForbidden(text="This server answers to the name of its own machine only.")
        if _is_cross_origin(request):
            raise web.HTTPForbidden(text="Requests from other sites are refused.")
        return await handler(request)

    return middleware


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Forbid the page everything but its own files; for `on_response_prepare`."""
    response.headers.update(HEADERS)


def _is_cross_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return True
    return request.headers.get("Sec-Fetch-Site") in _FOREIGN and request.path != "/"
