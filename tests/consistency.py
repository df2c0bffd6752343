"""What has to hold after every change, checked in the database and in the chats at once."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from bot.emulator.texts import to_html
from bot.handlers.work import Work
from engine.events import SubjectRef
from engine.markup import parse
from storage.models.constants import LinkShape
from storage.outbox import links
from storage.records import history, requests, users
from storage.records.requests import KIND

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bot.emulator.message_views import MessageView
    from engine.compiled import CompiledFlows
    from storage.database.transaction import Transaction
    from storage.records.requests import RequestRow
    from tests.conversation import Town

CARD = re.compile(r"(?:^|\n\n)№(\d+) · ")
"""How a card begins, above which the bot may have said something."""


async def assert_consistent(town: Town, lost: Container[tuple[int, int]] = ()) -> None:
    """Check that every card is current, every history complete, and nothing waits to be sent.

    Of the messages that are `lost`, (chat, message), the bot does not know.
    """
    found = await town.app.runner.run(lambda tx: [*_stale_cards(town, tx, lost), *_broken_histories(town, tx)])
    assert not found, "\n\n".join(found)
    assert await town.query("SELECT method, chat_id, last_error FROM outbox WHERE state = 'pending'") == []
    assert await town.query("SELECT chat_id FROM conversations WHERE screen_rev > sent_rev") == []


def cards_of(town: Town, number: int) -> list[MessageView]:
    """Find every message in every private chat that shows the card of a request."""
    return [message for chat_id, message, of in _cards(town) if of == number]


def _cards(town: Town) -> Iterator[tuple[int, MessageView, int]]:
    for person in town.emulator.people.values():
        for message in person.messages:
            begins = CARD.search(message.text) if message.by_bot else None
            if begins:
                yield person.id, message, int(begins[1])


def _stale_cards(town: Town, tx: Transaction, lost: Container[tuple[int, int]]) -> Iterator[str]:
    """Compare every card with what its viewer is to see now, words and buttons, alone or in a dialog.

    Of the cards of one request in one chat one at most lives on its own; those before it have no buttons.
    """
    work = Work(tx, town.app.bot.id)
    alive: Counter[tuple[int, int]] = Counter()
    for chat_id, message, number in _cards(town):
        if (chat_id, message.id) in lost:
            continue
        found = links.find(tx, work.bot_id, chat_id, message.id)
        shape = found.link.shape if found else None
        alive[chat_id, number] += shape == LinkShape.CARD
        if shape == LinkShape.NOTICE:
            if message.labels:
                yield f"chat {chat_id}: the card {message.id}, replaced by a newer one, has buttons {message.labels}"
            continue
        row, viewer = requests.by_number(tx, number), users.by_telegram_id(tx, chat_id)
        assert row, f"there is no request №{number}"
        assert viewer, f"nobody has the chat {chat_id}"
        ref = SubjectRef(KIND, row.id)
        drawn = town.app.flow_versions.engine.cards(ref, [(viewer, opened) for opened in (False, True)], work, tx.now)
        screens = [screen for screen in drawn if screen]
        labels = [tuple(button.text for line in screen.rows for button in line) for screen in screens]
        # As Telegram shows it: of several ways to write a character it knows one.
        expected = to_html(parse(screens[0].text)) if screens else "nothing"
        if not message.html.endswith(expected) or message.labels not in labels:
            yield f"chat {chat_id} shows\n{message.html}\n{message.labels}\nand not\n{expected}\n{labels}"
    yield from (f"{key} has {number} live cards" for key, number in alive.items() if number > 1)


def _broken_histories(town: Town, tx: Transaction) -> Iterator[str]:
    for (number,) in tx.connection.exec_driver_sql("SELECT number FROM requests ORDER BY number").all():
        row = requests.by_number(tx, number)
        assert row
        yield from contradictions(town.flows, tx, row)


def contradictions(flows: CompiledFlows, tx: Transaction, row: RequestRow) -> Iterator[str]:
    """Carry a request's events out again, each by the rules of the flow, and compare with the columns."""
    life = flows.lifecycles[KIND]
    state: str | None = None
    assignee: Any = None
    for event in history.of_subject(tx, KIND, row.id, limit=1000):
        if event.from_state != state:
            yield f"№{row.number}: {event.name} comes from {event.from_state}, not {state}"
        if event.actor_id is None and not (event.name in life.transitions and life.transitions[event.name].timed):
            yield f"№{row.number}: nobody makes {event.name}, and it is not time's to make"
        rule = life.machine.events.get(event.name)
        ways = [way.dest for way in rule.transitions.get(state, [])] if rule else [life.initial]
        if event.to_state not in ways or (rule is None) != (event.name == "create"):
            yield f"№{row.number}: {event.name} leads to {event.to_state}, not {ways}"
        state, assignee = event.to_state, event.changes.get("assignee_id", assignee)
    if (state, assignee) != (row.status, row.assignee_id) or life.stages[row.status] != row.stage:
        told = (row.status, row.assignee_id, row.stage)
        yield f"№{row.number}: the history ends with {state} of {assignee}, the columns say {told}"
