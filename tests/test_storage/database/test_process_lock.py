from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database.errors import AlreadyRunning
from storage.database.process_lock import acquire_process_lock

DELAY = (
    "import sys; from storage.database.process_lock import acquire_process_lock as hold;"
    "lock = hold(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
)


def another_process(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DELAY, url]
    return subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


def test_a_second_process_learns_which_one_has_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/zavhoz.db"

    with acquire_process_lock(url), pytest.raises(AlreadyRunning) as refusal:
        acquire_process_lock(url)
    assert f"another bot (process {os.getpid()}) works on {tmp_path}/zavhoz.db; stop it" in str(refusal.value)


def test_a_second_process_is_refused_until_the_first_one_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/zavhoz.db"
    holder = another_process(url)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"):
        acquire_process_lock(url)
    holder.kill()
    holder.communicate()
    acquire_process_lock(url).release()


def test_a_released_lock_may_be_taken_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/zavhoz.db"
    lock = acquire_process_lock(url)
    lock.release()
    lock.release()

    acquire_process_lock(url).release()


def test_two_databases_are_locked_apart(tmp_path: Path) -> None:
    with acquire_process_lock(f"sqlite:///{tmp_path}/a.db"), acquire_process_lock(f"sqlite:///{tmp_path}/b.db"):
        assert {path.name for path in tmp_path.iterdir()} == {"a.db.lock", "b.db.lock"}


def test_postgresql_may_be_shared() -> None:
    url = "postgresql://h/d"

    with acquire_process_lock(url), acquire_process_lock(url) as second:
        second.release()
