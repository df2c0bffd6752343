"""Notify systemd that the bot serves: a start ends with that, and a reload is not sent before it.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket

_ABSTRACT = "@"


def notify_ready() -> None:
    """Notify the supervisor that the bot serves, where NOTIFY_SOCKET names it; OSError where nobody listens there."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith(_ABSTRACT):
        address = "\0" + address.removeprefix(_ABSTRACT)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        sending.sendto(b"READY=1", address)
