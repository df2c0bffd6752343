from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.util import await_only

from storage.database.runner import Runner, Transaction, open_runner
from storage.dialogs import conversations
from storage.dialogs.conversations import UPDATES_KEPT, ConversationKey, Profile, StoredConversation
from storage.models.tables import conversations as conversation_table
from storage.models.tables import users as user_table
from storage.records import settings, users
from tests.databases import count_statements
from tests.records import BOT, private_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.scenarios.clock import ManualClock

ANNA = Profile("anna", "Анна Петрова")
KEY = private_key(2**40)


def load(key: ConversationKey = KEY, profile: Profile | None = ANNA) -> Callable[[Transaction], StoredConversation]:
    return lambda tx: conversations.load(tx, key, profile)


def changed(**fields: Any) -> Callable[[Transaction], StoredConversation]:
    def work(tx: Transaction) -> StoredConversation:
        stored = conversations.load(tx, KEY, ANNA)
        for name, value in fields.items():
            setattr(stored, name, value)
        conversations.save(tx, stored)
        return stored

    return work


def rows_in(table: Any) -> Callable[[Transaction], int]:
    return lambda tx: tx.connection.execute(select(func.count()).select_from(table)).scalar_one()


async def test_first_contact_creates_the_person_and_the_conversation(runner: Runner) -> None:
    stored = await runner.run(load())

    assert stored.key == KEY
    assert (stored.person.telegram_id, stored.person.full_name, stored.person.username) == (
        2**40,
        "Анна Петрова",
        "anna",
    )
    assert (stored.person.role, stored.person.is_blocked, stored.person.language) == ("staff", False, "ru")
    assert (stored.state, stored.revision, stored.recent_updates, stored.outdated) == ({}, 0, [], [])
    assert (stored.screen, stored.screen_rev, stored.sent_rev, stored.message_id) == (None, 0, 0, None)


async def test_a_known_person_is_greeted_without_a_duplicate(runner: Runner) -> None:
    first, second = await runner.run(load()), await runner.run(load())

    assert (first.id, first.person.id) == (second.id, second.person.id)
    assert await runner.run(rows_in(user_table)) == 1
    assert await runner.run(rows_in(conversation_table)) == 1


async def test_an_ordinary_update_takes_one_read_one_write_and_the_commit(runner: Runner) -> None:
    await runner.run(load())

    with count_statements(runner) as counted:
        await runner.run(changed(state={"step": "describe"}, recent_updates=[1]))
    assert counted.verbs == ["SELECT", "UPDATE", "COMMIT"]


async def test_what_is_saved_is_loaded(runner: Runner) -> None:
    saved = {
        "state": {"frames": [{"flow": "request", "step": "описание", "data": {"files": [1, None]}}]},
        "revision": 7,
        "recent_updates": [10, 11],
        "screen": {"text": "<b>Да</b>", "rows": []},
        "screen_rev": 3,
        "sent_rev": 2,
        "message_id": 2**33,
        "outdated": [5, 6],
    }
    await runner.run(changed(**saved))

    stored = await runner.run(load())
    assert {name: getattr(stored, name) for name in saved} == saved


async def test_only_the_newest_update_ids_are_kept(runner: Runner) -> None:
    await runner.run(changed(recent_updates=list(range(200))))

    stored = await runner.run(load())
    assert stored.recent_updates == list(range(200 - UPDATES_KEPT, 200))


async def test_a_screen_may_be_taken_back(runner: Runner) -> None:
    await runner.run(changed(screen={"text": "Да"}, message_id=5))
    await runner.run(changed(screen=None, message_id=None))

    stored = await runner.run(load())
    assert (stored.screen, stored.message_id) == (None, None)


async def test_one_person_has_a_conversation_per_chat_topic_and_bot(runner: Runner) -> None:
    keys = [
        KEY,
        ConversationKey(BOT, -100500, 0, KEY.telegram_user_id),
        ConversationKey(BOT, -100500, 17, KEY.telegram_user_id),
        ConversationKey(BOT + 1, KEY.chat_id, 0, KEY.telegram_user_id),
    ]
    stored = [await runner.run(load(key)) for key in keys]

    assert len({conversation.id for conversation in stored}) == 4
    assert len({conversation.person.id for conversation in stored}) == 1
    assert [key.is_private for key in keys] == [True, False, False, True]


async def test_a_new_name_and_username_are_remembered(runner: Runner) -> None:
    await runner.run(load())
    stored = await runner.run(load(profile=Profile(None, "Анна Смирнова")))

    assert (stored.person.full_name, stored.person.username) == ("Анна Смирнова", None)
    person = await runner.run(lambda tx: users.by_telegram_id(tx, 2**40))
    assert person == stored.person


async def test_an_update_without_a_name_leaves_it(runner: Runner) -> None:
    await runner.run(load())

    assert (await runner.run(load(profile=None))).person.full_name == "Анна Петрова"


async def test_a_person_may_be_met_without_a_name(runner: Runner) -> None:
    assert (await runner.run(load(profile=None))).person.full_name == ""


async def test_names_longer_than_telegram_s_are_cut(runner: Runner) -> None:
    profile = Profile("u" * 70, "я" * 210)
    await runner.run(load(profile=profile))

    with count_statements(runner) as counted:
        stored = await runner.run(load(profile=profile))
    assert (stored.person.username, stored.person.full_name) == ("u" * 64, "я" * 200)
    assert counted.besides_commit == ["SELECT"]


def _reads(runner: Runner) -> list[str]:
    """Return how a unit reads and holds a conversation that writes more than that."""
    return ["SELECT", "SELECT"] if runner.engine.dialect.name == "postgresql" else ["SELECT"]


async def test_preferences_language_and_role_are_saved_with_the_conversation(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        stored = conversations.load(tx, KEY, ANNA)
        stored.person.prefs.setdefault("filter", []).append("open")
        stored.person.language = "en"
        stored.person.role = "crew"
        conversations.save(tx, stored)

    await runner.run(load())
    with count_statements(runner) as counted:
        await runner.run(work)
    assert counted.verbs == [*_reads(runner), "UPDATE", "UPDATE", "COMMIT"]
    person = (await runner.run(load())).person
    assert (person.prefs, person.language, person.role) == ({"filter": ["open"]}, "en", "crew")


async def test_saving_twice_in_one_unit_writes_the_person_once(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        stored = conversations.load(tx, KEY, ANNA)
        stored.person.language = "en"
        conversations.save(tx, stored)
        conversations.save(tx, stored)

    await runner.run(load())
    with count_statements(runner) as counted:
        await runner.run(work)
    assert counted.verbs == [*_reads(runner), "UPDATE", "UPDATE", "UPDATE", "COMMIT"]


async def test_a_person_who_writes_in_private_can_be_reached_again(runner: Runner) -> None:
    await runner.run(load())
    await runner.run(lambda tx: users.mark_unreachable(tx, 2**40))

    assert (await runner.run(load(ConversationKey(BOT, -100500, 0, 2**40)))).person.unreachable is True
    assert (await runner.run(load())).person.unreachable is False
    assert (await runner.run(lambda tx: users.by_telegram_id(tx, 2**40))).unreachable is False


async def test_loading_and_saving_stamp_the_time_of_the_transaction(runner: Runner, clock: ManualClock) -> None:
    first = await runner.run(load())
    later = clock.advance(days=1)
    await runner.run(changed(revision=1))

    times = select(conversation_table.c.created_at, conversation_table.c.updated_at)
    row = await runner.run(lambda tx: tx.connection.execute(times.where(conversation_table.c.id == first.id)).one())
    assert row.updated_at == later
    assert row.created_at < later


async def test_two_first_contacts_at_once_create_one_of_each(runner: Runner) -> None:
    stored = await asyncio.gather(*(runner.run(load()) for _ in range(8)))

    assert len({(conversation.id, conversation.person.id) for conversation in stored}) == 1
    assert await runner.run(rows_in(user_table)) == 1


async def test_updates_of_one_conversation_never_lose_each_other_s_changes(runner: Runner) -> None:
    def work(tx: Transaction) -> None:
        stored = conversations.load(tx, KEY, ANNA)
        stored.revision += 1
        stored.person.prefs["presses"] = stored.person.prefs.get("presses", 0) + 1
        conversations.save(tx, stored)

    await runner.run(load())
    await asyncio.gather(*(runner.run(work) for _ in range(12)))

    stored = await runner.run(load())
    assert (stored.revision, stored.person.prefs) == (12, {"presses": 12})


async def test_one_person_in_two_chats_keeps_the_preferences_of_both(runner: Runner) -> None:
    group = ConversationKey(BOT, -100500, 0, KEY.telegram_user_id)

    def work(key: ConversationKey) -> Callable[[Transaction], None]:
        def add(tx: Transaction) -> None:
            stored = conversations.load(tx, key, ANNA)
            stored.person.prefs["presses"] = stored.person.prefs.get("presses", 0) + 1
            conversations.save(tx, stored)

        return add

    await runner.run(load())
    await runner.run(load(group))
    await asyncio.gather(*(runner.run(work(key)) for key in (KEY, group) * 5))

    assert (await runner.run(load())).person.prefs == {"presses": 10}


async def test_a_locked_conversation_blocks_its_own_units_but_not_other_chats(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    await runner.run(load())
    order: list[str] = []

    def slow(tx: Transaction) -> None:
        assert tx.connection.in_transaction()
        stored = conversations.load(tx, KEY, ANNA)
        tx.connection.exec_driver_sql("SELECT pg_sleep(0.2)")
        conversations.save(tx, stored)
        order.append("first")

    first = asyncio.create_task(runner.run(slow))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(runner.run(changed(revision=1)))
    second.add_done_callback(lambda _task: order.append("second"))
    await runner.run(load(private_key(5)))
    order.append("another chat")
    await asyncio.gather(first, second)

    assert order == ["another chat", "first", "second"]
    await runner.close()


@pytest.mark.parametrize("name", ["Robert'); DROP TABLE users;--", "🌷" * 50, "\u202eabc"])
async def test_names_are_data(runner: Runner, name: str) -> None:
    assert (await runner.run(load(profile=Profile(None, name)))).person.full_name == name
    assert await runner.run(rows_in(user_table)) == 1


async def test_a_conversation_that_changed_since_it_was_read_is_handled_again(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    await runner.run(load())
    attempts: list[int] = []

    def conflict(tx: Transaction, *, writes: bool) -> None:
        attempts.append(1)
        stored = conversations.load(tx, KEY, ANNA)
        if len(attempts) % 2:
            await_only(_elsewhere(postgresql_url, changed(revision=stored.revision + 1)))
        if writes:
            settings.put(tx, "digest", 1)
        stored.revision += 1
        conversations.save(tx, stored)

    for writes in (False, True):
        await runner.run(partial(conflict, writes=writes))
    assert len(attempts) == 4
    assert (await runner.run(load())).revision == 4
    await runner.close()


async def test_nothing_is_written_after_the_only_statement(postgresql_url: str) -> None:
    runner = open_runner(postgresql_url)
    await runner.run(load())

    def work(tx: Transaction) -> None:
        conversations.save(tx, conversations.load(tx, KEY, ANNA))
        settings.put(tx, "digest", 1)

    with pytest.raises(RuntimeError, match="after its last statement"):
        await runner.run(work)
    await runner.close()


async def _elsewhere(url: str, work: Callable[[Transaction], None]) -> None:
    other = open_runner(url)
    await other.run(work)
    await other.close()
