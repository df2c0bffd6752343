from __future__ import annotations

from typing import TYPE_CHECKING

from storage.outbox import links
from storage.outbox.links import Link, LinkedMessage
from tests.records import BOT, a_person

if TYPE_CHECKING:
    from storage.database.runner import Runner, Transaction

CARD = Link("card", "request.card", "request", 5)


async def test_a_message_is_found_by_where_it_stands(runner: Runner) -> None:
    await runner.run(lambda tx: links.put(tx, BOT, -100500, 2**33, CARD))

    assert await runner.run(lambda tx: links.find(tx, BOT, -100500, 2**33)) == LinkedMessage(BOT, -100500, 2**33, CARD)


async def test_another_chat_s_message_and_another_bot_s_are_strangers(runner: Runner) -> None:
    await runner.run(lambda tx: links.put(tx, BOT, 1, 77, CARD))

    assert await runner.run(lambda tx: links.find(tx, BOT, 2, 77)) is None
    assert await runner.run(lambda tx: links.find(tx, BOT + 1, 1, 77)) is None


async def test_a_message_that_became_something_else_is_remembered_once(runner: Runner) -> None:
    await runner.run(lambda tx: links.put(tx, BOT, 1, 77, CARD))
    menu = Link("screen", "main.menu")
    await runner.run(lambda tx: links.put(tx, BOT, 1, 77, menu))

    found = await runner.run(lambda tx: links.find(tx, BOT, 1, 77))
    assert found is not None
    assert found.link == menu
    assert await runner.run(lambda tx: links.cards_of(tx, BOT, "request", 5)) == []


async def test_every_card_of_a_request_is_found_with_whom_it_is_for(runner: Runner) -> None:
    def work(tx: Transaction) -> list[LinkedMessage]:
        boss = a_person(tx, 2, "Сергей")
        links.put(tx, BOT, 2, 70, Link("card", "request.card", "request", 5, boss.id))
        links.put(tx, BOT, -100500, 71, CARD)
        links.put(tx, BOT, 2, 72, Link("notice", "request.taken", "request", 5, boss.id))
        links.put(tx, BOT, 2, 73, Link("card", "request.card", "request", 6, boss.id))
        links.put(tx, BOT, 2, 74, Link("card", "laptop.card", "laptop", 5, boss.id))
        links.put(tx, BOT + 1, 2, 75, CARD)
        return links.cards_of(tx, BOT, "request", 5)

    cards = await runner.run(work)
    assert [(card.chat_id, card.message_id) for card in cards] == [(2, 70), (-100500, 71)]
    assert [card.viewer.full_name if card.viewer else None for card in cards] == ["Сергей", None]
    assert cards[0].link.user_id == cards[0].viewer.id if cards[0].viewer else False


async def test_a_message_that_is_gone_is_forgotten(runner: Runner) -> None:
    await runner.run(lambda tx: links.put(tx, BOT, 1, 77, CARD))
    await runner.run(lambda tx: links.drop(tx, BOT, 1, 77))
    await runner.run(lambda tx: links.drop(tx, BOT, 1, 77))

    assert await runner.run(lambda tx: links.find(tx, BOT, 1, 77)) is None
