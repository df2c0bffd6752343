"""What sent messages are about: looked up by message for a reply, by subject for its cards."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from storage.database.dialects import upsert
from storage.database.prepared import Prepared
from storage.models.constants import LinkShape
from storage.models.tables import message_links, users
from storage.records.users import COLUMNS, Person, person_of

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Executable

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Link:
    """What a message is: its shape, the `flow.step` or `flow.notice` it was drawn from, its subject, its person."""

    shape: str
    name: str
    subject_kind: str | None = None
    subject_id: int | None = None
    user_id: int | None = None

    @classmethod
    def of(cls, data: Any) -> Link:
        """Return the link that is stored with a message, by this version or another; keys unknown here are ignored.

        Raises ValueError for what is no link.
        """
        match data:
            case {"shape": str(), "name": str()} if data.get("v", 1) == 1:
                link = cls(**{name: data[name] for name in _FIELDS if name in data})
                subject = (link.subject_kind, link.subject_id, link.user_id)
                if all(isinstance(each, kind | None) for each, kind in zip(subject, (str, int, int), strict=True)):
                    return link
        raise ValueError("this is no link of a message")


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """A message in a chat with its link; `viewer` is read only with cards."""

    bot_id: int
    chat_id: int
    message_id: int
    link: Link
    viewer: Person | None = None


_LINK = (
    message_links.c.bot_id,
    message_links.c.chat_id,
    message_links.c.message_id,
    message_links.c.shape,
    message_links.c.name,
    message_links.c.subject_kind,
    message_links.c.subject_id,
    message_links.c.user_id,
)
_FIELDS = tuple(each.name for each in fields(Link))
_OF_MESSAGE = (
    message_links.c.bot_id == bindparam("bot"),
    message_links.c.chat_id == bindparam("chat"),
    message_links.c.message_id == bindparam("message"),
)
_FIND = select(*_LINK).where(*_OF_MESSAGE)
_DROP = delete(message_links).where(*_OF_MESSAGE)
_DEACTIVATE = (
    update(message_links)
    .where(
        message_links.c.bot_id == bindparam("bot"),
        message_links.c.chat_id == bindparam("chat"),
        message_links.c.subject_kind == bindparam("kind"),
        message_links.c.subject_id == bindparam("subject"),
        message_links.c.shape == LinkShape.CARD,
        message_links.c.message_id != bindparam("message"),
    )
    .values(shape=LinkShape.NOTICE)
    .returning(message_links.c.message_id)
)
_CARDS = (
    select(*_LINK, *COLUMNS)
    .outerjoin(users, users.c.id == message_links.c.user_id)
    .where(
        message_links.c.bot_id == bindparam("bot"),
        message_links.c.subject_kind == bindparam("kind"),
        message_links.c.subject_id == bindparam("subject"),
        message_links.c.shape.in_((LinkShape.CARD, LinkShape.SCREEN)),
    )
    .order_by(message_links.c.id)
)


def _putting(dialect: Dialect) -> Executable:
    put = upsert(dialect, message_links)
    values = {name: put.excluded[name] for name in _FIELDS}
    return put.on_conflict_do_update(index_elements=["bot_id", "chat_id", "message_id"], set_=values)


_PUT = Prepared(_putting)


def put(tx: Transaction, bot_id: int, chat_id: int, message_id: int, link: Link) -> None:
    """Store the link of a message, in place of one it may have."""
    values = {name: getattr(link, name) for name in _FIELDS}
    _PUT.run(tx, {"bot_id": bot_id, "chat_id": chat_id, "message_id": message_id, **values})


def find(tx: Transaction, bot_id: int, chat_id: int, message_id: int) -> LinkedMessage | None:
    """Return what a message is, None where it has no link."""
    wanted = {"bot": bot_id, "chat": chat_id, "message": message_id}
    row = tx.connection.execute(_FIND, wanted).one_or_none()
    return LinkedMessage(*row[:3], link=Link(*row[3:])) if row else None


def cards_of(tx: Transaction, bot_id: int, kind: str, subject_id: int) -> list[LinkedMessage]:
    """Return the cards and screens of a subject in every chat, with the person that each was drawn for."""
    wanted = {"bot": bot_id, "kind": kind, "subject": subject_id}
    cards = []
    for row in tx.connection.execute(_CARDS, wanted):
        viewer = person_of(row._mapping) if row.person_id is not None else None
        cards.append(LinkedMessage(*row[:3], link=Link(*row[3:8]), viewer=viewer))
    return cards


def deactivate_others(tx: Transaction, bot_id: int, chat_id: int, message_id: int, link: Link) -> list[int]:
    """Make notices, which are not edited, of all other cards of the subject in a chat; return their message ids."""
    wanted = {"bot": bot_id, "chat": chat_id, "message": message_id}
    subject = {"kind": link.subject_kind, "subject": link.subject_id}
    return list(tx.connection.execute(_DEACTIVATE, wanted | subject).scalars())


def drop(tx: Transaction, bot_id: int, chat_id: int, message_id: int) -> None:
    """Delete the link of a message that no longer exists."""
    tx.connection.execute(_DROP, {"bot": bot_id, "chat": chat_id, "message": message_id})
