"""Rows that storage tests start from, made through the storage's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.dialogs import conversations
from storage.models import Role
from storage.models.tables import users
from storage.records import requests

if TYPE_CHECKING:
    from storage.database.transaction import Transaction
    from storage.records.requests import RequestRow
    from storage.records.users import Person

BOT = 7_000_000_001
"""A bot's id, above 2³²."""


def private_key(telegram_id: int) -> conversations.ConversationKey:
    """Give the key of a person's private chat with the bot."""
    return conversations.ConversationKey(BOT, telegram_id, 0, telegram_id)


def a_person(tx: Transaction, telegram_id: int, full_name: str = "Анна Петрова", role: str = Role.STAFF) -> Person:
    """Let a person say hello, then give them a role."""
    person = conversations.load(tx, private_key(telegram_id), conversations.Profile(None, full_name)).person
    tx.connection.execute(users.update().where(users.c.id == person.id).values(role=role))
    person.role = role
    return person


def a_request(tx: Transaction, person: Person, **fields: Any) -> RequestRow:
    """File a request."""
    given = {"title": "Не горит лампа", "description": "Не горит лампа у доски", "location": "Кабинет 12"}
    filed = requests.load(tx, requests.create(tx, requests.NewRequest(user_id=person.id, **{**given, **fields})))
    assert filed is not None
    return filed
