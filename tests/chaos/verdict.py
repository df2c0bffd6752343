"""Whether every promise was kept, judged from the stand's journal and the database alone."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from storage.records import requests
from tests.consistency import CARD, contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.compiled import CompiledFlows
    from storage.database.transaction import Transaction
    from tests.chaos.chats import Chat
    from tests.chaos.people import Author, Manager

TAKEN = re.compile(r"Заявка №(\d+) теперь ваша")
TOLD = {
    "create": re.compile(r"№(\d+) · "),
    "take": re.compile(r"Ваша заявка №(\d+) "),
    "complete": re.compile(r"Заявка №(\d+) «.*» выполнена"),
}
"""What people are shown of a change."""
STATUSES = {"open": "открыта", "in_progress": "в работе", "completed": "выполнена"}
STOPS_WITHIN = 10.0
"""Seconds after which Docker kills what it asked to stop."""
SLACK = 1.0
"""Seconds that a call may need from a process that is killed to the stand."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the bot that took effect; `at` in seconds since the epoch."""

    chat_id: int
    method: str
    at: float
    text: str
    message_id: int


@dataclass
class Evidence:
    """What is judged; `cuts` are the moments at which a process or the database was killed."""

    authors: Sequence[Author]
    managers: Sequence[Manager]
    calls: list[Call]
    cuts: list[float]
    flows: CompiledFlows


@dataclass
class Verdict:
    """What is wrong, one line each; what was counted; what cut the run short; the seconds of the slowest SIGTERM."""

    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    cuts: Counter[str] = field(default_factory=Counter)
    slowest_stop: float = 0.0

    def __add__(self, other: Verdict) -> Verdict:
        """Sum two runs up."""
        return Verdict(
            self.violations + other.violations,
            self.counts + other.counts,
            self.cuts + other.cuts,
            max(self.slowest_stop, other.slowest_stop),
        )

    def stopped(self, code: int, seconds: float, trouble: str = "SIGTERM") -> None:
        """Take a stop by SIGTERM into account: it is to end well and in time, whatever trouble there is."""
        self.slowest_stop = max(self.slowest_stop, seconds)
        if code or seconds > STOPS_WITHIN:
            self.violations.append(f"{trouble}: ended with {code} after {seconds:.1f} s")


def read_calls(journal: Sequence[dict[str, Any]]) -> list[Call]:
    """Pick the accepted calls that made a message out of the stand's journal."""
    return [
        Call(int(call["params"]["chat_id"]), call["method"], call["at"], call["params"].get("text", ""), made)
        for call in journal
        if call["accepted"] and isinstance(call["result"], dict) and (made := call["result"].get("message_id"))
    ]


def judge(tx: Transaction, evidence: Evidence) -> Verdict:
    """Compare what people did and saw with the database and the journal."""
    verdict = Verdict()
    for look in (_requests, _comments, _histories, _takes, _outbox, _told, _cards):
        verdict.violations.extend(look(tx, evidence, verdict))
    return verdict


def _requests(tx: Transaction, evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """Every request that somebody filed exists once, under a number of its own, and no other exists."""
    rows = _all(tx, "SELECT number, description FROM requests ORDER BY number")
    verdict.counts["requests"] = len(rows)
    found = Counter(description for _, description in rows)
    filed = {words for author in evidence.authors for words in author.filed}
    yield from (f"lost: the request «{words}»" for words in filed - set(found))
    yield from (f"{times} requests «{words}»" for words, times in found.items() if times > 1)
    yield from (f"nobody filed the request «{words}»" for words in set(found) - filed)
    if [number for number, _ in rows] != list(range(1, len(rows) + 1)):
        yield "the requests are not numbered one after the other"


def _comments(tx: Transaction, evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """Every comment that the bot thanked for exists once, every other once at most."""
    found = Counter(text for (text,) in _all(tx, "SELECT text FROM comments"))
    verdict.counts["comments"] = found.total()
    yield from (f"{times} comments «{words}»" for words, times in found.items() if times > 1)
    for author in evidence.authors:
        yield from (f"lost: the comment «{words}»" for words in set(author.heard) - set(found))


def _histories(tx: Transaction, evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """Every status was reached by changes that the flow allows."""
    verdict.counts["changes"] = _all(tx, "SELECT count(*) FROM events")[0][0]
    for number in range(1, verdict.counts["requests"] + 1):
        row = requests.by_number(tx, number)
        if row:
            yield from contradictions(evidence.flows, tx, row)


def _takes(tx: Transaction, evidence: Evidence, _verdict: Verdict) -> Iterator[str]:
    """Whoever was told that a request is theirs has taken it."""
    took = set(
        _all(
            tx,
            "SELECT r.number, u.telegram_id FROM events e JOIN requests r ON r.id = e.subject_id "
            "JOIN users u ON u.id = e.actor_id WHERE e.name = 'take'",
        )
    )
    for manager in evidence.managers:
        told = {int(number) for toast in manager.chat.toasts for number in TAKEN.findall(toast)}
        yield from (f"№{number} is not {manager.id}'s" for number in told if (number, manager.id) not in took)


def _outbox(tx: Transaction, evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """Every message of the outbox was sent; twice only if something was killed between the two."""
    made = {(call.chat_id, call.message_id) for call in evidence.calls}
    times: Counter[tuple[int, str]] = Counter()
    rows = _all(tx, "SELECT id, chat_id, method, state, sent_message_id, payload, last_error FROM outbox")
    for row_id, chat_id, method, state, message_id, payload, error in rows:
        if state != "sent":
            yield f"message {row_id} ({method} to {chat_id}) is {state}: {error}"
        elif method.startswith("send"):
            verdict.counts["notices"] += 1
            times[chat_id, _text(payload)] += 1
            if (chat_id, message_id) not in made:
                yield f"message {row_id} was never sent to {chat_id}"
    yield from _repeated(times, evidence, verdict)
    yield from (f"set aside: update {number}" for (number,) in _all(tx, "SELECT update_id FROM quarantined_updates"))


def _repeated(times: Counter[tuple[int, str]], evidence: Evidence, verdict: Verdict) -> Iterator[str]:
    """Compare how often each words were sent with how often they were put into the outbox."""
    sent = defaultdict(list)
    for call in evidence.calls:
        if call.method == "sendMessage":
            sent[call.chat_id, _plain(call.text)].append(call.at)
    for key, rows in times.items():
        extra = len(sent[key]) - rows
        verdict.counts["sent twice"] += max(0, extra)
        cut = sum(_is_cut(evidence.cuts, first, second) for first, second in pairwise(sent[key]))
        if extra > cut:
            yield f"«{key[1][:60]}…» came to {key[0]} {len(sent[key])} times, not {rows}"


def _told(tx: Transaction, evidence: Evidence, _verdict: Verdict) -> Iterator[str]:
    """Managers have a card of every request, authors a notice of every change by others."""
    told = {
        (call.chat_id, name, int(number))
        for call in evidence.calls
        for name, words in TOLD.items()
        for number in words.findall(_plain(call.text))
    }
    changes = _all(
        tx,
        "SELECT r.number, u.telegram_id, e.name FROM events e JOIN requests r ON r.id = e.subject_id "
        "JOIN users u ON u.id = r.user_id",
    )
    for number, author_id, name in changes:
        ids = [each.id for each in evidence.managers] if name == "create" else [author_id]
        yield from (
            f"{person_id} was not told of «{name}» of №{number}"
            for person_id in ids
            if name in TOLD and (person_id, name, number) not in told
        )


def _cards(tx: Transaction, evidence: Evidence, _verdict: Verdict) -> Iterator[str]:
    """Every message remembered as a card shows the status that its request has."""
    chats: dict[int, Chat] = {each.id: each.chat for each in (*evidence.authors, *evidence.managers)}
    rows = _all(
        tx,
        "SELECT l.chat_id, l.message_id, r.number, r.status FROM message_links l "
        "JOIN requests r ON r.id = l.subject_id WHERE l.shape IN ('card', 'screen')",
    )
    for chat_id, message_id, number, status in rows:
        shown = chats[chat_id].messages[message_id].text
        begins = CARD.search(shown)
        if begins and (int(begins[1]) != number or STATUSES[status] not in shown):
            yield f"message {message_id} in {chat_id} does not show №{number} as {status}: {shown[:60]!r}"


def _is_cut(cuts: Sequence[float], first: float, second: float) -> bool:
    after = bisect_left(cuts, first - SLACK)
    return after < len(cuts) and cuts[after] <= second


def _text(payload: Any) -> str:
    # SQLite gives JSON as it is stored.
    stored = json.loads(payload) if isinstance(payload, str) else payload
    return _plain(stored["call"].get("text", ""))


def _plain(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


def _all(tx: Transaction, sql: str) -> list[Any]:
    return [tuple(row) for row in tx.connection.exec_driver_sql(sql).all()]
