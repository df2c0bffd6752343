"""`python -m tests.alembic_rounds`: the schema goes up, is what the models say, goes down, and up again.

Alembic's own command line, on a fresh SQLite file and in a fresh PostgreSQL database; ends with the first failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.databases import Databases

ROUND = ("upgrade head", "check", "downgrade -1", "upgrade head", "downgrade base", "upgrade head", "check")


def alembic(words: str, url: str) -> None:
    """Run `alembic <words>` from the project root, quietly unless it fails."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "alembic", *words.split()],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"alembic {words} on {url.partition(':')[0]}:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Go the round on both kinds of database."""
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            with databases.postgresql(migrated=False) as postgresql:
                for url in (f"sqlite:///{folder}/zavhoz.db", postgresql):
                    for words in ROUND:
                        alembic(words, url)
                    print(f"{url.partition(':')[0]}: {', '.join(ROUND)}: all well")
        finally:
            databases.close()


if __name__ == "__main__":
    main()
