"""Judges the bot by the emulator's journal and the outbox: what was owed, what was sent, and when."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models.tables import outbox

if TYPE_CHECKING:
    from bot.emulator.journal import Call
    from storage.database.transaction import Transaction
    from tests.conversation import Town

UNLIMITED = ("getUpdates", "answerCallbackQuery", "getMe")
"""Methods that address no chat."""
RETRY_AFTER = re.compile(r"retry after (\d+)")
_NOTICES = select(outbox.c.chat_id, outbox.c.payload, outbox.c.state).where(
    outbox.c.method == "sendMessage", outbox.c.dedupe_key.is_(None)
)


async def assert_each_notice_came_once(town: Town) -> None:
    """Check that the bot knows of each notice and note to have been taken once.

    What Telegram took besides, it took of calls whose answer was lost on the way. Cards are left out: they are sent
    as they are by then.
    """
    rows = await town.app.runner.run(_notices)
    assert {state for *_, state in rows} <= {"sent"}
    owed = Counter((chat_id, text) for chat_id, text, _ in rows)
    calls = town.emulator.journal.calls("sendMessage", accepted=True)
    taken = Counter((call.chat_id, call.params["text"]) for call in calls if call.outcome == "ok")
    assert {each: taken[each] for each in owed} == owed


def assert_chats_rest_as_long_as_telegram_asks(town: Town) -> int:
    """Check that no chat was called before the end of its `retry_after`; return how often there was one."""
    calls: dict[int | str | None, list[Call]] = defaultdict(list)
    for call in town.emulator.journal.calls():
        if call.method not in UNLIMITED:
            calls[call.chat_id].append(call)
    asked = 0
    for line in calls.values():
        until = 0.0
        for call in line:
            assert call.at >= until, f"{call.method} comes {until - call.at} s too early"
            if found := RETRY_AFTER.search(call.error):
                asked += 1
                until = call.at + int(found[1])
    return asked


def _notices(tx: Transaction) -> list[tuple[int, str, str]]:
    return [(chat_id, payload["call"]["text"], state) for chat_id, payload, state in tx.connection.execute(_NOTICES)]
