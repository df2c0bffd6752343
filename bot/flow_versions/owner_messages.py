"""What owners are told of changed flows: that they are refused, with the first mistakes; then that they are in use."""

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
        mistakes = "\n".join(map(_mistake, problems))
        if settings.put_if_new(tx, self._key, sha256(mistakes.encode("utf-8", "replace")).hexdigest()):
            self._send(tx, refusal(problems))

    def tell_accepted(self, tx: Transaction) -> None:
        """Tell that the flows are in use, where it was told before that they are refused."""
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


def refusal(problems: Sequence[Problem]) -> str:
    """Return the message, as Telegram's HTML, that flows are refused for these mistakes."""
    head = message("⚠️ The changed flows are not used: there are mistakes in them. The bot goes on with those before.")
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
