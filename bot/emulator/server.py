"""The emulator over HTTP: the Bot API, the chat page, and the page's own API.

`/bot<token>/<method>` and `/file/bot<token>/<path>` are the Bot API; `/control/…` is what people see and do
(see `control`); `/` is the page.
"""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import ValidationError

from bot.emulator import control, control_json
from bot.emulator.errors import ApiError, ConnectionLost
from bot.emulator.host_guard import add_headers, host_guard
from bot.emulator.params import Upload
from bot.emulator.transcript import Transcript
from bot.web.listening import Listening, listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.emulator.chat_log import ChatEvent
    from bot.emulator.chat_views import ChatView
    from bot.emulator.telegram import Emulator

BODY_LIMIT = 150 * 1024 * 1024
"""Bytes of one request: an album of ten pictures in base64."""

EMULATOR: web.AppKey[Emulator] = web.AppKey("emulator")
_LISTENERS: web.AppKey[set[asyncio.Queue[ChatEvent | None]]] = web.AppKey("listeners")
_PAGE = {"": "text/html", "chat.css": "text/css", "chat.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEARTBEAT = 15.0
"""Seconds of silence after which a listener is sent a comment, so that a connection that broke is noticed."""


async def serve(
    emulator: Emulator, host: str = "127.0.0.1", port: int = 0, routes: Iterable[web.RouteDef] = ()
) -> Listening:
    """Listen, also for other `routes`; port 0 takes a free one. Raises `OSError` when the port is taken."""
    return await listen(application(emulator, host, routes), host, port)


def application(emulator: Emulator, host: str = "127.0.0.1", routes: Iterable[web.RouteDef] = ()) -> web.Application:
    """The aiohttp application; `host` is the address it will listen at."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[host_guard(host)])
    app[EMULATOR], app[_LISTENERS] = emulator, set()
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_stop_listeners)
    app.on_cleanup.append(_stop_delivery)
    app.router.add_routes(routes)
    app.router.add_route("*", "/bot{token}/{method}", _call)
    app.router.add_get("/file/bot{token}/{path:.+}", _download)
    app.router.add_get("/control/state", _state)
    app.router.add_get("/control/messages", _messages)
    app.router.add_get("/control/transcript", _transcript)
    app.router.add_get("/control/journal", _journal)
    app.router.add_get("/control/press/{id}", _press)
    app.router.add_get("/control/file/{id}", _file)
    app.router.add_get("/control/events", _events)
    app.router.add_post("/control/{name:.+}", _command)
    app.router.add_get("/{name:[a-z.]*}", _page)
    return app


async def _call(request: web.Request) -> web.StreamResponse:
    values, uploads = await _body(request)
    token, method = request.match_info["token"], request.match_info["method"]
    try:
        reply = await request.app[EMULATOR].call(token, method, values, uploads)
    except ConnectionLost:
        return _break(request)
    return web.json_response(reply.body, status=reply.status)


async def _download(request: web.Request) -> web.StreamResponse:
    try:
        content = await request.app[EMULATOR].download(request.match_info["token"], request.match_info["path"])
    except ApiError as error:
        return web.json_response(error.body(), status=error.code)
    except ConnectionLost:
        return _break(request)
    return web.Response(body=content, content_type="application/octet-stream")


async def _body(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await request.json()
        return values, uploads
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.file.read())
        else:
            values[name] = value
    return values, uploads


def _break(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _state(request: web.Request) -> web.Response:
    return web.json_response(control_json.state(request.app[EMULATOR]))


async def _messages(request: web.Request) -> web.Response:
    return web.json_response(control_json.chat(request.app[EMULATOR], _chat_view(request)))


async def _transcript(request: web.Request) -> web.Response:
    return web.Response(text=Transcript(_chat_view(request)).text())


async def _journal(request: web.Request) -> web.Response:
    calls = request.app[EMULATOR].journal.calls(*request.query.getall("method", []))
    fields = ("number", "method", "at", "params", "uploads", "outcome", "accepted", "result", "error")
    return web.json_response([{name: getattr(call, name) for name in fields} for call in calls])


async def _press(request: web.Request) -> web.Response:
    press = request.app[EMULATOR].callback_queries.by_id.get(request.match_info["id"])
    if press is None:
        raise web.HTTPNotFound
    return web.json_response(control_json.press(press))


async def _file(request: web.Request) -> web.Response:
    media = request.app[EMULATOR].files.find(request.match_info["id"])
    if media is None:
        raise web.HTTPNotFound
    picture = media.mime.startswith("image/") and media.kind == "photo"
    headers = {} if picture else {"Content-Disposition": "attachment"}
    kind = media.mime if picture else "application/octet-stream"
    return web.Response(body=media.file.read(), content_type=kind, headers=headers)


async def _command(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in control.NAMES:
        raise web.HTTPNotFound
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        result = control.run(request.app[EMULATOR], name, await request.read())
    except ValidationError as error:
        return web.json_response({"error": str(error)}, status=400)
    except (LookupError, ValueError, RuntimeError) as error:
        return web.json_response({"error": str(error.args[0] if error.args else error)}, status=400)
    return web.json_response(result)


async def _events(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b": welcome\n\n")
    async for chat_event in _chat_events(request.app):
        event = control_json.chat_event(chat_event, whole="whole" in request.query) if chat_event else None
        data = json.dumps(event, ensure_ascii=False) if event else ""
        try:
            await response.write(f"data: {data}\n\n".encode() if data else b": still here\n\n")
        except ConnectionResetError:
            break
    return response


async def _chat_events(app: web.Application) -> AsyncIterator[ChatEvent | None]:
    """Events from now on, None after each heartbeat without one; ends when the server closes."""
    queue: asyncio.Queue[ChatEvent | None] = asyncio.Queue()
    stop = app[EMULATOR].chat_log.listen(queue.put_nowait)
    app[_LISTENERS].add(queue)
    try:
        while True:
            try:
                chat_event = await asyncio.wait_for(queue.get(), _HEARTBEAT)
            except TimeoutError:
                yield None
                continue
            if chat_event is None:
                return
            yield chat_event
    finally:
        stop()
        app[_LISTENERS].discard(queue)


async def _stop_listeners(app: web.Application) -> None:
    for queue in app[_LISTENERS].copy():
        queue.put_nowait(None)


async def _stop_delivery(app: web.Application) -> None:
    await app[EMULATOR].webhook.close()


async def _page(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _PAGE:
        raise web.HTTPNotFound
    content = (files("bot.emulator") / "page" / (name or "index.html")).read_bytes()
    return web.Response(body=content, content_type=_PAGE[name], charset="utf-8")


def _chat_view(request: web.Request) -> ChatView:
    emulator = request.app[EMULATOR]
    kind, chats = ("group", emulator.groups) if "group" in request.query else ("person", emulator.people)
    identifier = request.query.get(kind, "")
    found = chats.get(int(identifier)) if identifier.lstrip("-").isdigit() else None
    if found is None:
        raise web.HTTPNotFound(text=f"there is no {kind} {identifier}")
    return found
