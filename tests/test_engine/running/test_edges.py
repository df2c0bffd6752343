"""Corners of the engine that ordinary talk seldom reaches."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest

from engine.conversation import Conversation, Frame
from engine.events import File, FileMessage, SubjectRef, TextMessage
from engine.running.context import Context
from engine.running.notices import card
from engine.running.status_transitions import begin
from engine.templates.templates import TemplateError, Templates
from tests.test_engine.desk import frames
from tests.test_engine.laptops import NOON, build_hooks

if TYPE_CHECKING:
    from tests.test_engine.desk import Chat, Desk

FIRST = SubjectRef("laptop", 1)
ALBUM = {"id": "a", "step": "loan.photos", "expect": {"photo": {"into": "photos", "max": 3, "max_mb": 20}}}


def handle(chat: Chat, event: Any) -> Any:
    """Let something happen that people at the desk do not do."""
    conversation = chat.conversation()
    return chat.desk.engine.handle(event, conversation, chat.member, chat.desk.shelf, NOON), conversation


def context_of(desk: Desk, frame: Frame) -> Context:
    """Return what hooks would see of Anna in `frame`."""
    conversation = Conversation([Frame("front.hall"), frame])
    return Context(desk.flows, desk.shelf, desk.shelf.members[1], NOON, conversation, frame)


def test_a_hook_cannot_be_registered_twice() -> None:
    hooks = build_hooks()
    with pytest.raises(ValueError, match="registered twice"):
        hooks.guard("has")(lambda _context: True)


def test_a_reply_with_what_no_reply_takes_is_taken_by_the_step(anna: Chat) -> None:
    anna.command("menu")
    reply, _ = handle(anna, FileMessage(File("document", "r", "u"), reply_to=FIRST))
    assert reply.hint == "Это здесь не подходит."
    reply, _ = handle(anna, FileMessage(File("photo", "r", "u"), reply_to=SubjectRef("phone", 1)))
    assert reply.hint == "Это здесь не подходит."


def test_a_piece_of_another_kind_does_not_join_an_album(anna: Chat, desk: Desk) -> None:
    asked = Frame("loan.photos", {"photos": [{"ref": "r0"}]}, mode="call", into="shots")
    conversation = Conversation([Frame("front.hall"), asked], album=dict(ALBUM))
    event = FileMessage(File("document", "r1", "u"), album="a")
    reply = desk.engine.handle(event, conversation, anna.member, desk.shelf, NOON)
    assert reply.hint == "Это здесь не подходит."
    assert conversation.top.data == {"photos": [{"ref": "r0"}]}


def test_a_late_piece_of_an_answered_question_is_passed_over(anna: Chat, desk: Desk) -> None:
    frame = Frame("loan.photos", mode="call", into="shots")
    conversation = Conversation([Frame("front.hall"), frame], album=dict(ALBUM))
    event = FileMessage(File("photo", "r", "u"), album="a")
    reply = desk.engine.handle(event, conversation, anna.member, desk.shelf, NOON)
    assert reply.screen is None
    assert conversation.top.data == {}


def test_an_album_given_to_a_caller_is_joined_under_the_callers_name(desk: Desk, anna: Chat) -> None:
    caller, asked = Frame("intake.keeper"), Frame("loan.photos", mode="call", into="shots")
    conversation = Conversation([Frame("front.hall"), caller, asked])
    for number in range(2):
        event = FileMessage(File("photo", f"r{number}", "u"), album="a")
        desk.engine.handle(event, conversation, anna.member, desk.shelf, NOON)
    assert conversation.top is caller
    assert [each["ref"] for each in caller.data["shots"]] == ["r0", "r1"]


def test_an_album_stored_by_version_0_1_is_joined_under_the_callers_name(desk: Desk, anna: Chat) -> None:
    expect = {"text": None, "photo": {"into": "photos", "caption": "words", "max": 3, "max_mb": 20}, "document": None}
    caller, asked = Frame("intake.keeper"), Frame("loan.photos", {"photos": []}, mode="call", into="shots")
    album = {"id": "a", "step": "loan.photos", "expect": expect}
    conversation = Conversation([Frame("front.hall"), caller, asked], album=album)
    for number, of_album in enumerate((None, "a")):
        event = FileMessage(File("photo", f"r{number}", "u"), album=of_album)
        desk.engine.handle(event, conversation, anna.member, desk.shelf, NOON)
    assert [each["ref"] for each in caller.data["shots"]] == ["r0", "r1"]


def test_a_value_given_where_nobody_asked_only_closes_the_dialog(desk: Desk, anna: Chat) -> None:
    conversation = Conversation([Frame("front.hall"), Frame("loan.reason")])
    desk.engine.handle(TextMessage("Искрит"), conversation, anna.member, desk.shelf, NOON)
    assert [frame.step for frame in conversation.frames] == ["front.hall"]
    assert conversation.top.data == {}


def test_an_edit_whose_dialog_is_gone_starts_over(vera: Chat) -> None:
    vera.state = '{"frames": [{"step": "intake.condition", "mode": "edit"}]}'
    vera.command("cancel")
    assert frames(vera) == [{"step": "front.hall"}]
    vera.state = '{"frames": [{"step": "intake.model", "mode": "edit"}]}'
    vera.say("Sony")
    assert frames(vera) == [{"step": "front.hall"}]


def test_no_notice_goes_to_a_person_who_may_not_see_the_subject(anna: Chat, vera: Chat, desk: Desk) -> None:
    vera.member.is_blocked = True
    anna.command("start", "laptop-1")
    reply = anna.say("Пятно", reply_to=FIRST)
    assert reply.note
    assert reply.notifications == []


def test_there_is_no_card_of_an_unknown_kind(desk: Desk) -> None:
    context = context_of(desk, Frame("front.hall"))
    assert card(context, SubjectRef("phone", 1), desk.shelf.members[1]) is None


def test_a_transition_that_changed_hands_while_it_asked_is_refused(anna: Chat, desk: Desk) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("Урок")
    anna.press("3 марта")
    anna.member.role = "technician"
    assert anna.press("Ничего").toast == "Сейчас нельзя."
    assert desk.shelf.laptops[1].state == "free"


def test_a_transition_of_nothing_is_refused(desk: Desk) -> None:
    context = context_of(desk, Frame("front.hall"))
    begin(context, "borrow")
    assert context.reply.toast == "Сейчас нельзя."


def test_made_up_rows_of_a_list_that_is_closed_lead_nowhere(anna: Chat) -> None:
    anna.command("catalogue")
    reply = anna.press_data(anna.screen, "laptop.catalogue:row::7~")
    assert reply.screen
    assert reply.screen.text.startswith("Этого нет.")


def test_words_with_an_error_are_refused_when_compiled() -> None:
    with pytest.raises(TemplateError) as refused:
        Templates(UTC, {}).compile("раз\n{{ два")
    assert refused.value.line == 2
