"""Conversations: an ordinary update costs one read and one write, whatever happens in between.

A conversation is read without a lock, together with the versions of its row and its person's row, and written last.
Where that write is the only one, it is guarded by the version, and is its own commit: see
`storage.database.transaction`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, literal_column, select, update

from storage.database.dialects import upsert
from storage.database.prepared import Prepared
from storage.database.transaction import ConflictError
from storage.models.tables import conversations, users
from storage.records.users import COLUMNS, Person, person_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Dialect, Executable

    from storage.database.transaction import Transaction

UPDATES_KEPT = 128
"""How many update ids a conversation keeps; Telegram repeats the unconfirmed ones, at most 100."""


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """What identifies a conversation: one person in one chat and topic (0: none) with one bot."""

    bot_id: int
    chat_id: int
    thread_id: int
    telegram_user_id: int

    @property
    def is_private(self) -> bool:
        """Whether the chat is the person's own: Telegram gives it the person's id."""
        return self.chat_id == self.telegram_user_id


@dataclass(frozen=True, slots=True)
class Profile:
    """The names that Telegram has for the person now; names too long for the table are cut."""

    username: str | None
    full_name: str


@dataclass(slots=True)
class StoredConversation:
    """A conversation as loaded in this transaction: change it, then `save` it."""

    id: int
    key: ConversationKey
    person: Person
    state: dict[str, Any]
    revision: int
    recent_updates: list[int]
    screen: dict[str, Any] | None
    screen_rev: int
    sent_rev: int
    message_id: int | None
    outdated: list[int]
    timer_at: datetime | None
    """When its next idle timer fires."""
    screen_leased_by: int | None
    screen_leased_until: datetime | None
    screen_tries: int
    loaded_person: dict[str, Any]
    """The person as loaded, for `save` to find what has changed."""
    version: str | None = None
    """The version of the row that was read; None where the row is locked."""


_KEY = (
    conversations.c.bot_id,
    conversations.c.chat_id,
    conversations.c.thread_id,
    conversations.c.telegram_user_id,
)
_STATE = (
    conversations.c.id,
    conversations.c.state,
    conversations.c.revision,
    conversations.c.recent_updates,
    conversations.c.screen,
    conversations.c.screen_rev,
    conversations.c.sent_rev,
    conversations.c.message_id,
    conversations.c.outdated,
    conversations.c.timer_at,
    conversations.c.screen_leased_by,
    conversations.c.screen_leased_until,
    conversations.c.screen_tries,
)
_KEY_NAMES = tuple(column.name for column in _KEY)
_STATE_NAMES = tuple(column.name for column in _STATE)
_FOUND = (
    select(*_STATE, *COLUMNS)
    .join(users, users.c.id == conversations.c.user_id)
    .where(*(column == bindparam(column.name) for column in _KEY))
)
# The person is locked too. Otherwise PostgreSQL, having waited for the conversation's lock, would return the newest
# version of that row with the person's as it was before the wait, and preferences saved meanwhile would be lost.
# FOR NO KEY UPDATE: other transactions may still insert rows that refer to the person.
_LOAD = Prepared(_FOUND.with_for_update(of=[conversations, users], key_share=True))
# PostgreSQL stores with each row the id of the transaction that wrote it: a version that costs no column, and that
# every write changes, including those that do not know of it. Without a lock, the row and the person's are compared by
# it before anything is written. SQLite needs none of this: its transactions hold the write lock from the start.
# https://www.postgresql.org/docs/current/ddl-system-columns.html
_VERSION: ColumnElement[str] = cast(literal_column("conversations.xmin"), Text)
_PERSON_VERSION: ColumnElement[str] = cast(literal_column("users.xmin"), Text)
_READ = Prepared(_FOUND.add_columns(_VERSION.label("version"), _PERSON_VERSION.label("person_version")))
_LOCK_AS_READ = Prepared(
    select(conversations.c.id)
    .join(users, users.c.id == conversations.c.user_id)
    .where(
        conversations.c.id == bindparam("conversation_id"),
        bindparam("version") == _VERSION,
        bindparam("person_version") == _PERSON_VERSION,
    )
    .with_for_update(of=[conversations, users], key_share=True)
)
# SKIP LOCKED: another process is firing the timer, or the person has just said something, which starts it anew.
_LOAD_DUE = Prepared(
    select(*_STATE, *_KEY, *COLUMNS)
    .join(users, users.c.id == conversations.c.user_id)
    .where(conversations.c.id == bindparam("conversation_id"), conversations.c.timer_at <= bindparam("now"))
    .with_for_update(of=[conversations, users], key_share=True, skip_locked=True)
)
_SAVE = Prepared(update(conversations).where(conversations.c.id == bindparam("conversation_id")))
# The guarded last write: it finds no row where the version has changed. Only the conversation's version is compared:
# where the person's row was to be written, a transaction has begun, and `_LOCK_AS_READ` has compared both.
_SAVE_AS_READ = Prepared(
    update(conversations).where(conversations.c.id == bindparam("conversation_id"), bindparam("version") == _VERSION)
)
_SAVE_PERSON = update(users).where(users.c.id == bindparam("person_id"))


def _creating_person(dialect: Dialect) -> Executable:
    person = upsert(dialect, users)
    # DO UPDATE to the same value, because DO NOTHING returns no id for a row that another process has just inserted.
    existing = person.on_conflict_do_update(
        index_elements=["telegram_id"], set_={"telegram_id": person.excluded.telegram_id}
    )
    return existing.returning(users.c.id)


_CREATE_PERSON = Prepared(_creating_person)
_CREATE = Prepared(lambda dialect: upsert(dialect, conversations).on_conflict_do_nothing())


def load(tx: Transaction, key: ConversationKey, profile: Profile | None = None) -> StoredConversation:
    """Return a conversation with its person, read in one statement; create both on first contact.

    In a transaction that has begun, the two rows are locked. Otherwise they are locked when it begins, or, where it
    never does, compared by version when the conversation is saved; ConflictError where they have changed since.

    `profile` is None where an update does not say who it is from: the names then stay as they are.
    """
    row = (_LOAD if tx.begun else _READ).one(tx, _key_values(key)) or _create(tx, key, profile)
    if "version" in row:
        _watch(tx, row)
    person = person_of(row)
    _update_person(tx, key, person, profile)
    return _stored(row, key, person)


def load_due(tx: Transaction, conversation_id: int) -> StoredConversation | None:
    """Lock and return a conversation whose timer is due, with its person; None where it is not due, or locked."""
    wanted = {"conversation_id": conversation_id, "now": tx.now}
    row = _LOAD_DUE.one(tx, wanted)
    if row is None:
        return None
    return _stored(row, ConversationKey(**{name: row[name] for name in _KEY_NAMES}), person_of(row))


def change_role(tx: Transaction, stored: StoredConversation, role: str) -> None:
    """Change the role of a conversation's person, in the database at once."""
    stored.person.role = stored.loaded_person["role"] = role
    tx.connection.execute(_SAVE_PERSON, {"person_id": stored.person.id, "role": role})


def save(tx: Transaction, stored: StoredConversation) -> None:
    """Write a conversation back in one statement, after its person where that has changed.

    It is the last write of a unit of work: where nothing was written before it, this statement is the whole transaction
    and its own commit, so nothing may be written after it. ConflictError where the conversation has changed since it
    was loaded.
    """
    current = _changeable(stored.person)
    changed = {name: value for name, value in current.items() if value != stored.loaded_person[name]}
    if changed:
        tx.connection.execute(_SAVE_PERSON, {"person_id": stored.person.id, **changed})
        stored.loaded_person = current
    values = {
        "conversation_id": stored.id,
        "state": stored.state,
        "revision": stored.revision,
        "recent_updates": stored.recent_updates[-UPDATES_KEPT:],
        "screen": stored.screen,
        "screen_rev": stored.screen_rev,
        "sent_rev": stored.sent_rev,
        "message_id": stored.message_id,
        "outdated": stored.outdated,
        "timer_at": stored.timer_at,
        "screen_leased_by": stored.screen_leased_by,
        "screen_leased_until": stored.screen_leased_until,
        "screen_tries": stored.screen_tries,
    }
    if not tx.is_read_only:
        _SAVE.run(tx, values)
    elif not _SAVE_AS_READ.run_alone(tx, {**values, "version": stored.version}):
        raise ConflictError


def _watch(tx: Transaction, row: Mapping[str, Any]) -> None:
    versions = {"conversation_id": row["id"], **{name: row[name] for name in ("version", "person_version")}}
    tx.watch(lambda: _LOCK_AS_READ.one(tx, versions) is not None)


def _key_values(key: ConversationKey) -> dict[str, int]:
    return {name: getattr(key, name) for name in _KEY_NAMES}


def _create(tx: Transaction, key: ConversationKey, profile: Profile | None) -> Mapping[str, Any]:
    person_id = _CREATE_PERSON.scalar(tx, {"telegram_id": key.telegram_user_id, **_names(profile)})
    _CREATE.run(tx, {"user_id": person_id, **_key_values(key)})
    found = _LOAD.one(tx, _key_values(key))
    assert found is not None  # it was just inserted  # noqa: S101  # nosec B101
    return found


def _update_person(tx: Transaction, key: ConversationKey, person: Person, profile: Profile | None) -> None:
    changes = {name: value for name, value in _names(profile).items() if value != getattr(person, name)}
    for name, value in changes.items():
        setattr(person, name, value)
    if person.unreachable and key.is_private:
        # A person who writes to the bot does not block it any more.
        person.unreachable = False
        changes["unreachable_since"] = None
    if changes:
        tx.connection.execute(_SAVE_PERSON, {"person_id": person.id, **changes})


def _names(profile: Profile | None) -> dict[str, Any]:
    if profile is None:
        return {}
    return {"username": profile.username and profile.username[:64], "full_name": profile.full_name[:200]}


def _stored(row: Mapping[str, Any], key: ConversationKey, person: Person) -> StoredConversation:
    fields = {name: row[name] for name in _STATE_NAMES}
    for name in ("recent_updates", "outdated"):
        if not isinstance(fields[name], list):
            fields[name] = []
    return StoredConversation(
        key=key,
        person=person,
        loaded_person=_changeable(person),
        version=row.get("version"),
        **fields,
    )


def _changeable(person: Person) -> dict[str, Any]:
    return {"role": person.role, "language": person.language, "prefs": deepcopy(person.prefs)}
