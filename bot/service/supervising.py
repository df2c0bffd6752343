"""Tells systemd that the bot serves, so that a start ends there, and a reload does not come before it.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket

_ABSTRACT = "@"


def tell_ready() -> None:
    """Say to who started the bot that it serves, where NOTIFY_SOCKET asks for it; OSError where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith(_ABSTRACT):
        address = "\0" + address.removeprefix(_ABSTRACT)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        sending.sendto(b"READY=1", address)
