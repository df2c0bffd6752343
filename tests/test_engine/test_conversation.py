"""A conversation outlives the process: what is stored is read back as it was."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.conversation import Conversation, Frame, IdleTimer

NAMES = st.sampled_from(["menu", "request", "ask_place", "files", "a1"])
STEPS = st.builds("{}.{}".format, NAMES, NAMES)
SINGLE = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
PLAIN = SINGLE | st.lists(SINGLE, max_size=2) | st.dictionaries(NAMES, SINGLE, max_size=2)
VALUES = st.dictionaries(NAMES, PLAIN, max_size=2)
SOME = st.fixed_dictionaries({"id": PLAIN})
FRAMES = st.builds(
    Frame,
    step=STEPS,
    data=VALUES,
    subject_id=st.none() | st.integers(0, 2**63 - 1),
    trail=st.lists(STEPS, max_size=3),
    mode=st.sampled_from(["open", "edit", "call"]),
    into=st.none() | NAMES,
    pending=st.none() | st.fixed_dictionaries({"transition": NAMES, "answers": VALUES}),
)
SILENCES = st.builds(IdleTimer, since=st.integers(0, 2**40), passed=st.lists(NAMES, max_size=2))
CONVERSATIONS = st.builds(
    Conversation,
    frames=st.lists(FRAMES, max_size=3),
    draft=VALUES,
    album=st.none() | st.fixed_dictionaries({"id": NAMES, "step": STEPS, "expect": VALUES}),
    pressed=st.none() | st.text(min_size=1, max_size=8),
    idle=st.none() | SILENCES,
    draft_idle=st.none() | SILENCES,
    revision=st.integers(0, 1000),
)


@given(CONVERSATIONS)
def test_a_conversation_is_read_back_from_json_as_it_was(conversation: Conversation) -> None:
    stored: dict[str, Any] = json.loads(json.dumps(conversation.as_data()))
    assert Conversation.from_data(stored, conversation.revision) == conversation


def test_a_conversation_that_never_began_is_empty() -> None:
    assert Conversation.from_data({}, 0) == Conversation()


def test_empty_parts_are_not_stored() -> None:
    assert Conversation([Frame("main.menu")], revision=3).as_data() == {"frames": [{"step": "main.menu"}]}


def test_a_subject_with_the_id_0_is_still_a_subject() -> None:
    stored = Conversation([Frame("request.card", subject_id=0)]).as_data()
    assert Conversation.from_data(stored, 0).top.subject_id == 0


def test_the_person_stands_in_the_newest_dialog() -> None:
    conversation = Conversation([Frame("main.menu"), Frame("files.collect", mode="call")])
    assert (conversation.top.step, conversation.top.flow) == ("files.collect", "files")
