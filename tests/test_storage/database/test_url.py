from __future__ import annotations

import pytest

from storage.database.url import normalise


@pytest.mark.parametrize(
    "url",
    ["sqlite:///zavhoz.db", "sqlite+aiosqlite:///zavhoz.db", "sqlite+pysqlite:///zavhoz.db", " sqlite:///zavhoz.db "],
)
def test_a_sqlite_url_is_understood_with_any_driver(url: str) -> None:
    urls = normalise(url)

    assert urls.is_sqlite
    assert urls.sync.render_as_string() == "sqlite:///zavhoz.db"
    assert urls.async_.render_as_string() == "sqlite+aiosqlite:///zavhoz.db"
    assert urls.path.name == "zavhoz.db"


def test_an_absolute_path_stays_absolute() -> None:
    assert str(normalise("sqlite:////var/lib/zavhoz/zavhoz.db").path) == "/var/lib/zavhoz/zavhoz.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_a_postgresql_url_is_understood_with_any_driver(scheme: str) -> None:
    urls = normalise(f"{scheme}://zavhoz:secret@db.example:5433/zavhoz")

    assert not urls.is_sqlite
    assert urls.sync == urls.async_
    assert (
        urls.async_.render_as_string(hide_password=False) == "postgresql+asyncpg://zavhoz:secret@db.example:5433/zavhoz"
    )


def test_libpq_s_word_for_encryption_becomes_asyncpg_s() -> None:
    assert dict(normalise("postgresql://h/d?sslmode=require").async_.query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "rest", ["/d?host=/run/postgresql&port=5433", "h:1/d", "/d?host=h:1&host=i:2&target_session_attrs=primary"]
)
def test_servers_are_found_on_sockets_ports_and_several_hosts(rest: str) -> None:
    assert str(normalise(f"postgresql://bot@{rest}")).startswith("postgresql+asyncpg://bot@")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///data/zavhoz.db", "data/zavhoz.db"),
        ("postgresql://bot:secret@db.example/d", "db.example:5432"),
        ("postgresql://bot:secret@[::1]:5433/d", "[::1]:5433"),
        ("postgresql:///d", "localhost:5432"),
        ("postgresql:///d?host=/run/postgresql", "socket /run/postgresql/.s.PGSQL.5432"),
        ("postgresql:///d?host=h:1&host=i:2", "h:1 or i:2"),
    ],
)
def test_the_location_of_a_database_is_readable_and_without_a_password(url: str, place: str) -> None:
    assert normalise(url).location == place


def test_a_password_is_not_shown() -> None:
    shown = str(normalise("postgresql://zavhoz:secret@db/zavhoz"))

    assert shown == "postgresql+asyncpg://zavhoz:***@db/zavhoz"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://root:secret@h/d", "unknown database, 'mysql'; try sqlite:///… or postgresql://…"),
        ("zavhoz.db", "is no URL; try sqlite:///zavhoz.db"),
        ("", "is no URL"),
        ("sqlite://", "in memory only; name a file"),
        ("sqlite:///:memory:", "in memory only; name a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory only; name a file"),
        ("sqlite:///.", "names a folder; name a file"),
        ("sqlite:////", "names a folder; name a file"),
        ("sqlite:///zavhoz.db?timeout=soon", "a SQLite file takes nothing behind one"),
        ("postgresql://bot:secret@h/d?connect_timeout=3", "has an unknown 'connect_timeout'; known are host, "),
        ("postgresql://bot:secret@h/d?sslmode=much", "has an unknown value of sslmode; known are disable, allow, "),
        ("postgresql://bot:secret@h/d?ssl=true", "has an unknown value of ssl; known are disable, allow, "),
        ("postgresql://bot:secret@h/d?target_session_attrs=x", "has an unknown value of target_session_attrs; known "),
        ("postgresql://bot:pass@secret@h/d", "has an @ too many; write one that is in a password as %40"),
        ("postgresql://bot:secret@h:65536/d", "has a port that cannot be; the largest is 65535"),
        ("postgresql://bot:secret@/d?host=/run/postgresql&port=-1", "has a port that cannot be"),
        ("postgresql://bot:secret@/d?host=h:1&host=i:65536", "has a port that cannot be"),
        (
            "postgresql://bot:secret@/d?host=/run/postgresql&port=any",
            "has hosts or ports that do not fit; write a port with each, as in ?host=",
        ),
        (
            "postgresql://bot:secret@/d?host=h&host=i",
            "has hosts or ports that do not fit; write a port with each, as in ?host=",
        ),
    ],
)
def test_another_url_is_refused_in_a_clear_line(url: str, says: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as refusal:
        normalise(url)

    assert says in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_postgresql_has_no_file() -> None:
    with pytest.raises(ValueError, match="only a SQLite database is a file"):
        _ = normalise("postgresql://h/d").path
