"""`python -m tests.chaos.victim`: bots and stands that are born in no time, to be killed.

As `tests.fork_server` it imports everything once and forks what it is asked for; each child runs the same command line
as `python -m bot run` or `python -m bot.emulator`, without Telegram's limits, and dies where it is told to. It is asked
by JSON lines on its standard input, and tells by JSON lines on its output who was born and who died. It ends with its
input.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from datetime import timedelta
from typing import Any

from bot.cli import main as cli
from bot.delivery import rate_limits
from bot.delivery.rate_limits import Pace
from bot.emulator import standalone
from bot.helpdesk import comments, filing
from tests.chaos.boundaries import Countdown, install
from tests.fork_server import stand_alone


def main() -> None:
    """Serve until the input ends; whoever still lives then is killed."""
    woken, waking = socket.socketpair()
    _wake_on_death(waking)
    tell = os.dup(1)
    living: set[int] = set()
    asked = b""
    while True:
        readable, _, _ = select.select([0, woken], [], [])
        if woken in readable:
            woken.recv(4096)
            _bury(tell, living)
        if 0 in readable:
            piece = os.read(0, 65536)
            if not piece:
                break
            *lines, asked = (asked + piece).split(b"\n")
            living |= {_bear(tell, json.loads(line)) for line in lines}
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _wake_on_death(waking: socket.socket) -> None:
    waking.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking.fileno())


def _bury(tell: int, living: set[int]) -> None:
    for pid in tuple(living):
        dead, status = os.waitpid(pid, os.WNOHANG)
        if dead:
            living.discard(pid)
            _say(tell, event="died", pid=pid, at=time.time(), code=os.waitstatus_to_exitcode(status))


def _bear(tell: int, wish: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        _say(tell, event="born", pid=pid)
        return pid
    code = 1
    try:
        code = _live(tell, wish)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _live(tell: int, wish: dict[str, Any]) -> int:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out, err = (f"{wish['logs']}/{name}.txt" for name in ("stdout", "stderr"))
    stand_alone(wish["folder"], out, err, {**os.environ, **wish["settings"]})
    # Nobody files so many requests so fast, and the stand takes more calls than Telegram.
    filing.too_many_requests = comments.too_many_comments = lambda *_: False
    rate_limits.TOTAL = rate_limits.PRIVATE = Pace(sys.maxsize, timedelta())
    if wish["boundary"]:
        report = {"event": "passed", "pid": os.getpid(), "boundary": wish["boundary"]}
        install(Countdown(wish["boundary"], wish["passes"], lambda: _say(tell, **report)))
    sys.argv = [wish["what"], *wish["words"]]
    (cli.main if wish["what"] == "bot" else standalone.main)()
    return 0


def _say(tell: int, **event: Any) -> None:
    # Shorter than PIPE_BUF: lines of several processes do not mix.
    os.write(tell, json.dumps(event).encode() + b"\n")


if __name__ == "__main__":
    gc.freeze()
    main()
