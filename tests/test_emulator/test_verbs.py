"""Verbs: declared once on `Person`, they work as JSON and as coroutine functions too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from bot.emulator.awaitable_verbs import AwaitableVerbs
from bot.emulator.client import EmulatorClient, RemotePerson
from bot.emulator.people import VERBS

if TYPE_CHECKING:
    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator
    from bot.emulator.verbs import Verb


@dataclass
class Diary(AwaitableVerbs):
    """Notes which verbs are asked for and does nothing."""

    notes: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    async def act(self, verb: Verb, *arguments: Any, **named: Any) -> None:
        self.notes.append((verb.name, arguments, named))


async def test_every_verb_is_a_coroutine_function_of_those_who_act_for_a_person() -> None:
    diary = Diary()
    for name in VERBS:
        await getattr(diary, name)(name, size=1)
    assert diary.notes == [(name, (name,), {"size": 1}) for name in VERBS]
    with pytest.raises(AttributeError, match="no verb 'dance'"):
        await diary.dance()


@pytest.mark.parametrize(
    ("name", "arguments", "named", "written"),
    [
        ("say", ("раз",), {}, {"text": "раз"}),
        ("say", ("раз", 7), {"group": -5, "thread_id": 2}, {"text": "раз", "reply_to": 7, "group": -5, "thread_id": 2}),
        ("send_photo", (b"a",), {"caption": "вот"}, {"content": "YQ==", "caption": "вот"}),
        ("send_photo", (), {"size": 5}, {"size": 5}),
        ("send_document", ("a.txt", b"a"), {}, {"name": "a.txt", "content": "YQ=="}),
        ("send_album", (3,), {}, {"items": 3}),
        (
            "send_album",
            ([b"a", None, ("a.txt", b"a")], "вот", 1),
            {},
            {
                "items": [
                    {"name": None, "content": "YQ=="},
                    {"name": None, "content": None},
                    {"name": "a.txt", "content": "YQ=="},
                ],
                "caption": "вот",
                "caption_on": 1,
            },
        ),
        ("edit", (7, "два"), {}, {"message_id": 7, "text": "два"}),
        ("press", ("Да",), {"message": 7}, {"label": "Да", "message_id": 7}),
        ("block", (False,), {}, {"blocked": False}),
    ],
)
def test_what_is_written_as_json_is_read_as_the_same_arguments(
    name: str, arguments: tuple[Any, ...], named: dict[str, Any], written: dict[str, Any]
) -> None:
    verb = VERBS[name]
    assert verb.to_json(*arguments, **named) == written
    read = verb.from_json(written)
    assert (*read.values(),) == (*arguments, *named.values())
    assert verb.to_json(**read) == written


def test_messages_and_groups_are_written_as_their_ids(emulator: Emulator, anna: Person) -> None:
    group = emulator.group(-100500, "Школа", [anna])
    said = anna.say_in(group, "раз")
    written = VERBS["say"].to_json("два", said, group=group)
    assert written == {"text": "два", "reply_to": said.id, "group": -100500}
    assert anna.say(**VERBS["say"].from_json(written)).reply_to == said.id


def test_wrong_arguments_are_errors_on_both_sides() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'text'"):
        VERBS["say"].to_json()
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        VERBS["say"].from_json({"text": "раз", "tone": "low"})


async def test_a_short_form_of_a_verb_is_not_for_other_processes() -> None:
    async with EmulatorClient("http://127.0.0.1:1") as client:
        with pytest.raises(TypeError, match="`unblock` is a short form"):
            await RemotePerson(client, 1001).unblock()
