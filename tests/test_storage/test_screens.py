from __future__ import annotations

from typing import TYPE_CHECKING

from storage import conversations, screens
from tests.records import BOT, private_key

if TYPE_CHECKING:
    from storage.conversations import StoredConversation
    from storage.runner import Runner, Transaction


def show(tx: Transaction, telegram_id: int, text: str) -> StoredConversation:
    """Do what a step does: a new screen, one revision on."""
    stored = conversations.load(tx, private_key(telegram_id))
    stored.screen = {"text": text}
    stored.screen_rev += 1
    conversations.save(tx, stored)
    return stored


async def test_a_new_screen_waits_for_delivery(runner: Runner) -> None:
    stored = await runner.run(lambda tx: show(tx, 1, "Меню"))

    pending = await runner.run(lambda tx: screens.screen_to_send(tx, stored.id))
    assert pending is not None
    assert (pending.conversation_id, pending.key, pending.screen) == (stored.id, private_key(1), {"text": "Меню"})
    assert (pending.rev, pending.message_id, pending.retired) == (1, None, [])


async def test_a_delivered_screen_waits_no_more(runner: Runner) -> None:
    stored = await runner.run(lambda tx: show(tx, 1, "Меню"))
    assert await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 1, 2**33)) is True

    assert await runner.run(lambda tx: screens.screen_to_send(tx, stored.id)) is None
    loaded = await runner.run(lambda tx: conversations.load(tx, private_key(1)))
    assert (loaded.sent_rev, loaded.message_id) == (1, 2**33)


async def test_a_screen_that_changed_while_it_was_sent_waits_again(runner: Runner) -> None:
    stored = await runner.run(lambda tx: show(tx, 1, "Меню"))
    await runner.run(lambda tx: show(tx, 1, "Опишите"))
    assert await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 1, 77)) is False

    pending = await runner.run(lambda tx: screens.screen_to_send(tx, stored.id))
    assert pending is not None
    assert (pending.rev, pending.screen, pending.message_id) == (2, {"text": "Опишите"}, 77)


async def test_late_news_of_an_older_screen_changes_nothing(runner: Runner) -> None:
    stored = await runner.run(lambda tx: show(tx, 1, "Меню"))
    await runner.run(lambda tx: show(tx, 1, "Опишите"))
    await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 2, 78))
    await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 1, 77))

    loaded = await runner.run(lambda tx: conversations.load(tx, private_key(1)))
    assert (loaded.sent_rev, loaded.message_id) == (2, 78)


async def test_messages_whose_buttons_are_gone_are_forgotten_and_others_stay(runner: Runner) -> None:
    def retire(tx: Transaction) -> int:
        stored = show(tx, 1, "Меню")
        stored.retired = [5, 6, 7]
        conversations.save(tx, stored)
        return stored.id

    conversation_id = await runner.run(retire)
    await runner.run(lambda tx: screens.mark_screen_sent(tx, conversation_id, 1, 8, [5, 7]))

    assert (await runner.run(lambda tx: conversations.load(tx, private_key(1)))).retired == [6]


async def test_a_screen_given_up_leaves_the_message_before_it(runner: Runner) -> None:
    stored = await runner.run(lambda tx: show(tx, 1, "Меню"))
    await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 1, 77))
    await runner.run(lambda tx: show(tx, 1, "Опишите"))
    await runner.run(lambda tx: screens.mark_screen_sent(tx, stored.id, 2, None))

    loaded = await runner.run(lambda tx: conversations.load(tx, private_key(1)))
    assert (loaded.sent_rev, loaded.message_id) == (2, 77)


async def test_after_a_restart_every_undelivered_screen_of_the_bot_is_found(runner: Runner) -> None:
    ids = [(await runner.run(lambda tx, who=who: show(tx, who, "Меню"))).id for who in (1, 2, 3)]
    await runner.run(lambda tx: screens.mark_screen_sent(tx, ids[1], 1, 77))

    pending = await runner.run(lambda tx: screens.pending_screens(tx, BOT, 10))
    assert [screen.conversation_id for screen in pending] == [ids[0], ids[2]]
    assert len(await runner.run(lambda tx: screens.pending_screens(tx, BOT, 1))) == 1
    assert await runner.run(lambda tx: screens.pending_screens(tx, BOT + 1, 10)) == []


async def test_news_of_a_conversation_that_is_gone_does_no_harm(runner: Runner) -> None:
    await runner.run(lambda tx: screens.mark_screen_sent(tx, 999, 1, 77))

    assert await runner.run(lambda tx: screens.screen_to_send(tx, 999)) is None
