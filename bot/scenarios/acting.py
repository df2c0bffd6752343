"""Doing what an act says, as a person of the emulator."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from bot.emulator.people import NoSuchButton
from engine.i18n import Message, message
from engine.problems import nearest

if TYPE_CHECKING:
    from bot.emulator.message_views import MessageView
    from bot.emulator.people import Person
    from engine.language.scenario import Act

MEGABYTE = 1_000_000
PHOTOS = ("", ".jpg", ".jpeg", ".png")
"""Endings of names in an album of photos."""


class CannotActError(Exception):
    """Somebody cannot do what the scenario says; `what` says why, `hint` what could be meant."""

    def __init__(self, what: Message, hint: Message | None = None) -> None:
        super().__init__(str(what))
        self.what = what
        self.hint = hint


def act_out(called: str, person: Person, act: Act) -> None:
    """Let a person do what an act says; the bot learns of it when it polls. CannotActError where it cannot be done."""
    if person.chat.blocked and act.block is not False:
        raise CannotActError(message('"{name}" has blocked the bot', name=called), message("unblock it: block: false"))
    for _ in range(act.times):
        _do(called, person, act)


def _do(called: str, person: Person, act: Act) -> None:
    size = act.megabytes * MEGABYTE if act.megabytes else None
    answered = _message(called, person, act.reply_to) if act.reply_to else None
    if act.say:
        person.say(act.say, answered)
    elif act.press:
        _press(called, person, act)
    elif act.photo:
        person.send_photo(None, act.caption or "", answered, size=size)
    elif act.document:
        person.send_document(act.document, caption=act.caption or "", reply_to=answered, size=size)
    elif act.album:
        _send_album(person, act)
    elif act.edit:
        _edit(called, person, act.edit)
    elif act.sticker:
        person.send_sticker()
    elif act.voice:
        person.send_voice()
    elif act.block is not None:
        person.block(act.block)


def _press(called: str, person: Person, act: Act) -> None:
    on = _message(called, person, act.on) if act.on else None
    for label in act.press:
        try:
            person.press(label, on)
        except NoSuchButton:
            raise _no_button(called, label, on or _newest_with_buttons(person)) from None


def _no_button(called: str, label: str, seen: MessageView | None) -> CannotActError:
    """Return what is said where there is no one button with this label: those of the newest message could be meant."""
    labels = seen.labels if seen else ()
    what = message('"{name}" has no button "{label}"', name=called, label=label)
    if len(found := [each for each in labels if label in each]) > 1:
        what = message('"{name}" has several buttons with "{label}"', name=called, label=label)
        return CannotActError(what, message("try one of: {names}", names=", ".join(found)))
    if meant := nearest(label, labels):
        return CannotActError(what, message('did you mean "{name}"?', name=meant))
    return CannotActError(what, message("try one of: {names}", names=", ".join(labels)) if labels else None)


def _newest_with_buttons(person: Person) -> MessageView | None:
    return next((each for each in reversed(person.messages) if each.keyboard), None)


def _message(called: str, person: Person, words: str) -> MessageView:
    """Return the newest message of a chat with these words in it."""
    found = next((each for each in reversed(person.messages) if words in each.text), None)
    if found is None:
        raise CannotActError(message('"{name}" has no message with "{words}"', name=called, words=words))
    return found


def _send_album(person: Person, act: Act) -> None:
    if all(PurePath(name).suffix.lower() in PHOTOS for name in act.album):
        person.send_album(len(act.album), act.caption or "")
    else:
        person.send_album([(name, b"%PDF-1.7\n") for name in act.album], act.caption or "")


def _edit(called: str, person: Person, words: str) -> None:
    own = next((each for each in reversed(person.messages) if not each.by_bot), None)
    if own is None:
        raise CannotActError(message('"{name}" has sent nothing that could be edited', name=called))
    person.edit(own, words)
