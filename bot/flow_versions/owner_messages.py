"""What owners are told of changed flows: that they are refused, or that scenarios fail; then that all is well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import PurePath

from engine.i18n import Language, Message, message
from engine.problems import Problem
from engine.templates.filters import shorten
from storage.database.transaction import Transaction
from storage.outbox import messages
from storage.outbox.messages import Outgoing
from storage.records import settings, users

LANGUAGE: Language = "ru"
SHOWN = 5
"""Mistakes in one message."""
LONGEST = 600
"""Characters of one mistake at most: a message of Telegram has 4096."""
_REFUSED = message("⚠️ The changed flows are not used: there are mistakes in them. The bot goes on with those before.")
_REFUSED_BY_SCENARIOS = message(
    "⚠️ The changed flows are not used: they do not go as their scenarios say. The bot goes on with those before."
)
_FAILED = message("⚠️ The changed flows are in use, but they do not go as their scenarios say.")
NAME = 60
"""Characters of the name of a file at most."""


@dataclass(frozen=True, slots=True)
class OwnerMessages:
    """Tells the owners, by their Telegram ids, through the outbox; those who never came to the bot are left out.

    What they were told is kept in the database: of several processes that read the same files, one tells them.
    """

    bot_id: int
    owners: frozenset[int]

    def tell_refused(self, tx: Transaction, problems: Sequence[Problem]) -> None:
        """Tell that changed flows are refused, unless it is known already that they are, for the same mistakes."""
        self._tell(tx, _REFUSED, problems)

    def tell_failed(self, tx: Transaction, problems: Sequence[Problem], *, refused: bool) -> None:
        """Tell that scenarios of changed flows fail, unless it is known already; `refused` if they are not used."""
        self._tell(tx, _REFUSED_BY_SCENARIOS if refused else _FAILED, problems)

    def _tell(self, tx: Transaction, head: Message, problems: Sequence[Problem]) -> None:
        text = listing(head, problems)
        every = "\n".join([str(head), *map(_mistake, problems)])
        if settings.put_if_new(tx, self._key, sha256(every.encode("utf-8", "replace")).hexdigest()):
            self._send(tx, text)

    def tell_accepted(self, tx: Transaction) -> None:
        """Tell that the flows are in use, where it was told before that something is wrong with them."""
        if settings.remove(tx, self._key):
            self._send(tx, message("✅ The changed flows are in order now, and in use.").render(LANGUAGE))

    @property
    def _key(self) -> str:
        return f"flows_refused:{self.bot_id}"

    def _send(self, tx: Transaction, text: str) -> None:
        found = (users.by_telegram_id(tx, each) for each in sorted(self.owners))
        for person in found:
            if person and not person.unreachable:
                call = {"text": text, "parse_mode": "HTML"}
                # While nobody has read it, the newest word replaces the one before.
                outgoing = Outgoing(self.bot_id, person.telegram_id, "sendMessage", {"call": call}, dedupe_key="flows")
                messages.put(tx, outgoing)


def listing(head: Message, problems: Sequence[Problem]) -> str:
    """Return a message, as Telegram's HTML: what it is about, and the first of these mistakes."""
    shown = [_mistake(each) for each in problems[:SHOWN]]
    more = len(problems) - len(shown)
    rest = [message("and {number} more", number=more).render(LANGUAGE)] if more else []
    return "\n\n".join([head.render(LANGUAGE), *shown, *rest])


def _mistake(problem: Problem) -> str:
    at = problem.position
    file = shorten(PurePath(at.path).name, NAME)
    place = message("{file}, line {line}, column {column}", file=file, line=at.line, column=at.column)
    words = "; ".join(each.render(LANGUAGE) for each in _said(problem))
    return f"<b>{escape(place.render(LANGUAGE), quote=False)}</b>\n{escape(shorten(words, LONGEST), quote=False)}"


def _said(problem: Problem) -> Iterable[Message]:
    return (problem.what, problem.hint) if problem.hint else (problem.what,)
