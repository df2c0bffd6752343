"""Stands for Sentry: takes its envelopes over HTTP on loopback."""

from __future__ import annotations

import gzip
import json
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Receiver(BaseHTTPRequestHandler):
    """Keeps what was posted to it."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Listen; give a DSN, and the envelopes that come for it."""
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Receiver,), {"bodies": bodies}))
    Thread(target=server.serve_forever, daemon=True).start()
    with closing(server.socket):
        yield f"http://key@127.0.0.1:{server.server_port}/7", bodies
        server.shutdown()


def events(bodies: list[bytes]) -> list[dict[str, Any]]:
    """Return the events in envelopes: each is a line of its own after its header."""
    lines = [json.loads(line) for body in bodies for line in body.splitlines() if line]
    return [line for line in lines if "event_id" in line and "timestamp" in line]
