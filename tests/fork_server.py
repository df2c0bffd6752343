"""`python -m tests.fork_server`: starts bots and emulators in no time, as processes of their own.

Importing takes four seconds of a start of five, and twice as many where coverage is measured. So one process imports
everything and forks what it is asked for. A child has an environment, a folder, standard streams and an end of its
own; it runs what `python -m` runs and ends as an interpreter ends. The server is asked by JSON lines on its standard
input and answers each by one on its output. It ends with its input and kills whatever runs then.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import sys
from typing import TYPE_CHECKING, Any

import alembic.command  # noqa: F401 - imported before the fork, as what follows
import asyncpg  # noqa: F401
import sqlalchemy.dialects.postgresql.asyncpg
import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401

import bot.cli.main
import bot.emulator.standalone
import bot.serve  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Mapping


def main() -> None:
    """Serve until the input ends; in a child, run what was asked for."""
    running: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "module" not in asked:
            answer = _exit_code(asked["pid"], wait=asked["wait"])
            running -= {asked["pid"]} if answer is not None else set()
        elif answer := os.fork():
            running.add(answer)
        else:
            # Nothing is caught here: the end of this program is the end of the child.
            _run(**asked)
            return
        print(json.dumps(answer), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def stand_alone(folder: str, out: str, err: str, environment: Mapping[str, str]) -> None:
    """Give a child what a process of its own has; its standard output is a new file, its errors are added to one."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    streams = ((os.devnull, os.O_RDONLY), (out, os.O_WRONLY | os.O_TRUNC), (err, os.O_WRONLY | os.O_APPEND))
    for number, (path, how) in enumerate(streams):
        os.dup2(os.open(path, how | os.O_CREAT, 0o644), number)


def _run(module: str, words: list[str], **own: Any) -> None:
    stand_alone(**own)
    # As `python -m` has them.
    sys.path[0] = own["folder"]
    sys.argv = ["-m", *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _exit_code(pid: int, *, wait: bool) -> int | None:
    ended, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    # What is there before the fork is never looked through, so that its pages stay shared.
    gc.freeze()
    main()
