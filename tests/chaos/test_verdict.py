"""The judge itself: it finds what is wrong, and excuses only what a kill explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from bot.emulator.client import EmulatorClient, RemotePerson
from storage.outbox import messages
from storage.outbox.links import Link
from storage.outbox.messages import Outgoing
from storage.records import comments, history, requests
from storage.records.history import NewEvent
from tests.chaos.chats import Chat, Receipt
from tests.chaos.people import Author, Manager
from tests.chaos.verdict import Call, Evidence, judge
from tests.records import BOT, a_person, a_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.compiled import CompiledFlows
    from storage.database.runner import Runner
    from storage.database.transaction import Transaction

ANNA, SERGEY = 1101, 2001
WORDS = "Не горит лампа у доски"
CARD = "№1 · 🆕 открыта\nНе горит лампа"


@pytest_asyncio.fixture
async def evidence(flows: CompiledFlows) -> AsyncIterator[Evidence]:
    """Anna has filed a request, and Sergey has its card."""
    async with EmulatorClient("http://127.0.0.1:1") as stand:
        anna, sergey = (Chat(person_id) for person_id in (ANNA, SERGEY))
        sergey.messages[7] = Receipt(7, by_bot=True, text=CARD, labels=("🔧 Взять",))
        author = Author(RemotePerson(stand, ANNA), anna, 3.0, filed=[WORDS])
        manager = Manager(RemotePerson(stand, SERGEY), sergey, 3.0)
        yield Evidence([author], [manager], [a_call(100.0)], [], flows)


def a_call(at: float) -> Call:
    """Sergey's card on its way."""
    return Call(SERGEY, "sendMessage", at, CARD, 7)


def a_filed_request(tx: Transaction) -> None:
    """Anna's request, with the card that was sent to Sergey."""
    row = a_request(tx, a_person(tx, ANNA))
    history.append(tx, NewEvent("request", row.id, "create", row.author_id, None, "open"))
    link = Link("card", "request.new", "request", row.id)
    card = Outgoing(BOT, SERGEY, "sendMessage", {"call": {"text": CARD}}, link=link)
    messages.mark_sent(tx, messages.put(tx, card), 1, 7)


def a_message_that_waits(tx: Transaction) -> None:
    messages.put(tx, Outgoing(BOT, ANNA, "sendMessage", {"call": {"text": "Заявка принята"}}))


def a_comment_twice(tx: Transaction) -> None:
    person = a_person(tx, ANNA)
    for _ in range(2):
        comments.add(tx, 1, person.id, "Жду")


def a_status_without_history(tx: Transaction) -> None:
    requests.update(tx, 1, {"status": "completed", "stage": "done"})


def a_jump(tx: Transaction) -> None:
    a_status_without_history(tx)
    person = a_person(tx, SERGEY)
    history.append(tx, NewEvent("request", 1, "complete", person.id, "open", "completed"))


async def judged(runner: Runner, evidence: Evidence, *steps: Callable[[Transaction], object]) -> str:
    def work(tx: Transaction) -> list[str]:
        for step in steps:
            step(tx)
        return judge(tx, evidence).violations

    return "\n".join(await runner.run(work))


async def test_nothing_is_wrong_where_all_is_well(runner: Runner, evidence: Evidence) -> None:
    assert await judged(runner, evidence, a_filed_request) == ""


async def test_a_lost_request_and_one_that_nobody_filed_are_found(runner: Runner, evidence: Evidence) -> None:
    evidence.authors[0].filed[:] = ["Течёт кран"]
    found = await judged(runner, evidence, a_filed_request)
    assert "lost: the request «Течёт кран»" in found
    assert f"nobody filed the request «{WORDS}»" in found


async def test_a_request_filed_twice_is_found(runner: Runner, evidence: Evidence) -> None:
    assert f"2 requests «{WORDS}»" in await judged(runner, evidence, a_filed_request, a_filed_request)


async def test_lost_and_doubled_comments_are_found(runner: Runner, evidence: Evidence) -> None:
    evidence.authors[0].heard.append("Спасибо")
    found = await judged(runner, evidence, a_filed_request, a_comment_twice)
    assert "2 comments «Жду»" in found
    assert "lost: the comment «Спасибо»" in found


async def test_a_status_that_nobody_made_is_found(runner: Runner, evidence: Evidence) -> None:
    assert "the history ends with open" in await judged(runner, evidence, a_filed_request, a_status_without_history)


async def test_a_change_that_the_flow_does_not_know_and_that_nobody_was_told_of_is_found(
    runner: Runner, evidence: Evidence
) -> None:
    found = await judged(runner, evidence, a_filed_request, a_jump)
    assert "complete leads to completed, not []" in found
    assert f"{ANNA} was not told of «complete» of №1" in found
    assert "does not show №1 as completed" in found


async def test_a_promise_to_somebody_who_has_not_got_the_request_is_found(runner: Runner, evidence: Evidence) -> None:
    evidence.managers[0].chat.toasts.append("Заявка №1 теперь ваша.")
    assert f"№1 is not {SERGEY}'s" in await judged(runner, evidence, a_filed_request)


async def test_messages_that_wait_or_never_came_are_found(runner: Runner, evidence: Evidence) -> None:
    evidence.calls.clear()
    found = await judged(runner, evidence, a_filed_request, a_message_that_waits)
    assert f"(sendMessage to {ANNA}) is pending" in found
    assert f"was never sent to {SERGEY}" in found
    assert f"{SERGEY} was not told of «create» of №1" in found


async def test_a_message_that_came_twice_without_a_kill_in_between_is_found(runner: Runner, evidence: Evidence) -> None:
    evidence.calls.append(a_call(110.0))
    assert f"came to {SERGEY} 2 times, not 1" in await judged(runner, evidence, a_filed_request)


async def test_a_kill_explains_a_message_that_came_twice(runner: Runner, evidence: Evidence) -> None:
    evidence.calls.append(a_call(110.0))
    evidence.cuts.append(105.0)
    assert await judged(runner, evidence, a_filed_request) == ""
