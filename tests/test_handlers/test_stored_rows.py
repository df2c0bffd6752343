"""What is stored as JSON outlives versions: rows of older ones are read, unknown keys ignored, damage stays alone."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.handlers.screens import link_of, message_of, readable
from engine.conversation import Conversation
from engine.language.stored import stored_expect
from storage.dialogs import positions
from storage.outbox.links import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversation import Actor, Town

OLD: dict[str, Any] = json.loads((Path(__file__).parent / "stored" / "release_0_1_0.json").read_text(encoding="utf-8"))
"""Rows that release 0.1.0 has written, by a conversation through every kind of dialog."""
STATES = {name: each["state"] for name, each in OLD["conversations"].items()}
SCREENS = [each["screen"] for each in OLD["conversations"].values() if each["screen"]]
LINKS = [each["link"] for each in OLD["outbox"] if each["link"]]
OF_A_FRAME = {"step", "data", "about", "trail", "into", "pending", "mode"}
OF_A_LINK = {"shape", "name", "subject_kind", "subject_id", "user_id"}
OF_FILES = {"into", "caption", "max", "max_mb"}
"""All the keys that release 0.1.0 knows there: it fails for any other."""

ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4)


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the places of all values in JSON data."""
    yield at
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*at, key))


def with_value(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    """Return JSON data with another value at a place."""
    if not at:
        return value
    changed = deepcopy(data)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


def with_more(data: Any) -> Any:
    """Return JSON data with a key that no version knows in each of its objects, but for people's own variables."""
    if isinstance(data, dict):
        own = {"draft", "data", "answers"}
        return {**{key: value if key in own else with_more(value) for key, value in data.items()}, "of_tomorrow": 1}
    return [with_more(each) for each in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", STATES)
def test_conversations_of_0_1_0_are_read_whole(name: str) -> None:
    conversation = Conversation.from_data(deepcopy(STATES[name]), 1)
    assert conversation.unreadable == ()
    assert conversation.as_data() == STATES[name]
    assert not conversation.album or stored_expect(conversation.album["expect"])


def test_screens_and_links_of_0_1_0_are_read_whole() -> None:
    assert [readable(each) for each in SCREENS] == SCREENS
    assert [vars_of(Link.of(each)) for each in LINKS] == LINKS


def vars_of(link: Link) -> dict[str, Any]:
    return {name: getattr(link, name) for name in OF_A_LINK}


@pytest.mark.parametrize("name", STATES)
async def test_people_go_on_where_0_1_0_left_them(town: Town, anna: Actor, sergey: Actor, name: str) -> None:
    await anna.submit()
    who = sergey if "transition" in name or name in {"queue", "after"} else anna
    old = OLD["conversations"][name]
    written = {key: json.dumps(old[key]) for key in ("state", "screen")}
    await town.execute(
        "UPDATE conversations SET state = :state, screen = :screen WHERE telegram_user_id = :id",
        id=who.person.id,
        **written,
    )
    await who.say("Ещё немного слов")
    await who.say("/menu")
    assert who.text.startswith("Здравствуйте")
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


async def test_rows_of_today_hold_no_key_that_0_1_0_cannot_read(town: Town, anna: Actor, sergey: Actor) -> None:
    frames = list[Any]()

    async def look() -> None:
        for (state,) in await town.query("SELECT state FROM conversations"):
            frames.extend(json.loads(state)["frames"])

    await anna.draft()
    await anna.press("Место")
    await look()
    await anna.say("Зал")
    await anna.press("Отправить")
    await sergey.press("Взять")
    await sergey.press("Отложить")
    await look()
    await sergey.say("Ждём деталь")
    await look()
    links = [json.loads(link) for (link,) in await town.query("SELECT link FROM outbox WHERE link IS NOT NULL")]
    assert {key for frame in frames for key in frame} <= OF_A_FRAME
    assert {"pending", "mode", "about", "trail"} <= {key for frame in frames for key in frame}
    assert links
    assert {key for link in links for key in link} == OF_A_LINK
    await anna.say("/new")
    await anna.send_album(2, "Течёт кран")
    await anna.say("Зал")
    ((state,),) = await town.query("SELECT state FROM conversations WHERE telegram_user_id = 1001")
    expect = json.loads(state)["album"]["expect"]
    assert expect.keys() <= {"text", "photo", "document"}
    assert expect["photo"].keys() == OF_FILES
    assert isinstance(expect["photo"]["caption"], str)
    for (screen,) in await town.query("SELECT screen FROM conversations"):
        assert {*SCREENS[0]} <= json.loads(screen).keys()


@pytest.mark.parametrize("name", STATES)
def test_keys_of_other_versions_are_ignored(name: str) -> None:
    conversation = Conversation.from_data(with_more(STATES[name]), 1)
    assert conversation.unreadable == ()
    assert [{**frame, "pending": None} for frame in conversation.as_data()["frames"]] == [
        {**frame, "pending": None} for frame in STATES[name]["frames"]
    ]
    if conversation.album:
        assert stored_expect(conversation.album["expect"]) == stored_expect(STATES[name]["album"]["expect"])


def test_keys_of_other_versions_are_ignored_in_screens_and_links() -> None:
    assert all(link_of(readable(with_more(each)) or {}, 1) == link_of(each, 1) for each in SCREENS)
    assert [Link.of(with_more(each)) for each in LINKS] == [Link.of(each) for each in LINKS]


def test_of_a_conversation_whose_keys_have_another_meaning_only_the_draft_is_read() -> None:
    conversation = Conversation.from_data({**STATES["confirm"], "v": 2}, 1)
    assert conversation.unreadable == ("v",)
    assert conversation.frames == []
    assert conversation.draft == STATES["confirm"]["draft"]
    assert Conversation.from_data({**STATES["confirm"], "v": 1}, 1).unreadable == ()


def test_screens_and_links_whose_keys_have_another_meaning_are_not_read() -> None:
    assert readable({**SCREENS[0], "v": 1})
    assert readable({**SCREENS[0], "v": 2}) is None
    assert Link.of({**LINKS[0], "v": 1})
    with pytest.raises(ValueError, match="no link"):
        Link.of({**LINKS[0], "v": 2})


@given(st.data())
def test_damage_is_confined_to_its_part(data: st.DataObject) -> None:
    state = STATES[data.draw(st.sampled_from(sorted(STATES)))]
    at = data.draw(st.sampled_from(sorted(places(state), key=str)))
    conversation = Conversation.from_data(with_value(state, at, data.draw(ANYTHING)), 1)
    whole = Conversation.from_data(deepcopy(state), 1)
    if at and at[0] != "draft":
        assert conversation.draft == whole.draft
    if at and at[0] != "frames":
        assert conversation.frames == whole.frames
    assert {*conversation.unreadable} <= {*(at[:1] or ("state",))}


@given(st.data())
def test_a_damaged_screen_is_known_as_such(data: st.DataObject) -> None:
    screen = data.draw(st.sampled_from(SCREENS))
    at = data.draw(st.sampled_from(sorted(places(screen), key=str)))
    read = readable(with_value(screen, at, data.draw(ANYTHING)))
    if read is not None:
        link_of(read, 1)
        message_of(read)


# In the running bot


@pytest.mark.parametrize("frames", ["5", '[{"data": {}}]', '[{"step": 7}]', '[{"step": "main.menu", "trail": 1}]'])
async def test_a_conversation_that_cannot_be_read_begins_at_the_menu_with_its_draft(city: Town, frames: str) -> None:
    anna = await city.arrive(1001, "Анна")
    sergey = await city.arrive(2001, "Сергей")
    await anna.draft("Искрит розетка")
    set_frames = (
        "jsonb_set(state, '{frames}', CAST(:frames AS jsonb))"
        if city.url.startswith("postgresql")
        else "json_set(state, '$.frames', json(:frames))"
    )
    await city.execute(f"UPDATE conversations SET state = {set_frames} WHERE telegram_user_id = 1001", frames=frames)  # noqa: S608 - of constants
    with capture_logs() as lines:
        await anna.say("/menu")
    (line,) = [each for each in lines if each["event"] == "state_unreadable"]
    assert line["parts"] == ["frames"]
    assert "Искрит" not in str(line)
    assert "✏️ Продолжить черновик" in anna.labels
    await sergey.say("/queue")
    assert sergey.text.startswith("Очередь")
    assert await city.value("SELECT count(*) FROM quarantined_updates") == 0


async def test_one_unreadable_link_makes_one_dead_letter(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("drop_before", times=20)
    await sergey.press("Взять")
    town.emulator.faults.clear()
    pending = await town.query("SELECT id, link FROM outbox WHERE state = 'pending' AND link IS NOT NULL ORDER BY id")
    (first, link), *others = pending
    assert others
    await town.execute("UPDATE outbox SET link = :link WHERE id = :id", link='{"shape": 5}', id=first)
    for row_id, kept in others:
        more = json.dumps({**json.loads(kept), "of_tomorrow": True})
        await town.execute("UPDATE outbox SET link = :link WHERE id = :id", link=more, id=row_id)
    town.clock.advance(minutes=5)
    with capture_logs() as lines:
        await town.until_idle()
    assert [each["outbox_id"] for each in lines if each["event"] == "message_unreadable"] == [first]
    assert await town.query("SELECT id FROM outbox WHERE state = 'dead'") == [(first,)]
    assert await town.value("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0
    assert json.loads(link)["shape"]


async def test_updates_that_0_1_0_quarantined_are_retried(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    ((raw, error, tries),) = [each.values() for each in OLD["quarantined"]]
    await quarantined(town, json.dumps(raw), error, tries)
    await town.app.retrier.retry()
    assert "Не работает лампа" in await town.value("SELECT state FROM conversations WHERE telegram_user_id = 1001")
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


async def test_an_update_that_cannot_be_read_stays_quarantined_and_the_next_is_retried(city: Town) -> None:
    anna = await city.arrive(1001, "Анна")
    await anna.say("/new")
    await quarantined(city, "{damaged", "KeyError", 3)
    await quarantined(city, json.dumps(OLD["quarantined"][0]["raw"]), "KeyError", 3)
    await city.app.retrier.retry()
    assert await city.query("SELECT raw, error, retry_at FROM quarantined_updates") == [
        ("{damaged", "it cannot be read", None)
    ]


async def quarantined(town: Town, raw: str, error: str, tries: int) -> None:
    await town.execute(
        "INSERT INTO quarantined_updates (bot_id, update_id, raw, error, tries, created_at, retry_at)"
        " VALUES (:bot_id, 5, :raw, :error, :tries, :at, :at)",
        bot_id=town.app.bot.id,
        raw=raw,
        error=error,
        tries=tries,
        at=town.clock.now,
    )


async def test_what_is_no_json_on_sqlite_harms_itself_alone(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    town.emulator.faults.add("drop_before", times=20)
    await sergey.press("Взять")
    town.emulator.faults.clear()
    first, second, *_ = await town.query("SELECT id FROM outbox WHERE state = 'pending' ORDER BY id")
    await town.execute("UPDATE outbox SET payload = '{' WHERE id = :id", id=first[0])
    await town.execute("UPDATE outbox SET link = '{' WHERE id = :id", id=second[0])
    await town.execute(
        "UPDATE conversations SET state = '{', screen = '{', outdated = '{', recent_updates = '{',"
        " screen_rev = screen_rev + 1 WHERE telegram_user_id = 1001"
    )
    await town.execute("UPDATE users SET prefs = '{' WHERE telegram_id = 1001")
    town.clock.advance(minutes=5)
    await town.until_idle()
    dead = await town.query("SELECT id FROM outbox WHERE state = 'dead' ORDER BY id")
    assert [first, second] == dead[:2]
    assert await town.value("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0
    assert {each.step for each in await town.app.runner.run(positions.open_dialogs)} >= {"main.menu"}
    await anna.say("/menu")
    assert anna.text.startswith("Здравствуйте")
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner", []),
        ("owner", ["request", "1"]),
        ("owner", ["request", 2**63]),
        ("owner", ["rocket", 1]),
        ("part", None),
        ("part", {}),
        ("part", {"purpose": "decoration"}),
        ("part", {"purpose": "comment", "comment": "first"}),
    ],
)
async def test_of_an_album_that_cannot_be_read_the_next_piece_is_answered(
    town: Town, anna: Actor, name: str, value: Any
) -> None:
    await anna.submit()
    await anna.press("💬 Комментарий")
    await anna.send_album(2, "Вот так")
    ((state,),) = await town.query("SELECT state FROM conversations")
    changed = json.loads(state)
    changed["album"][name] = value
    await town.execute("UPDATE conversations SET state = :state", state=json.dumps(changed))
    said = len(anna.texts)
    album = changed["album"]["id"]
    anna.person.state.next_album = lambda: album
    await anna.send_album(2)
    assert len(anna.texts) > said
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0


async def test_a_draft_whose_files_are_something_else_is_shown(town: Town, anna: Actor) -> None:
    await anna.draft()
    ((state,),) = await town.query("SELECT state FROM conversations")
    changed = json.loads(state)
    changed["draft"]["files"] = 5
    await town.execute("UPDATE conversations SET state = :state", state=json.dumps(changed))
    await anna.press("Место")
    await anna.say("Зал")
    assert "📨 Отправить" in anna.labels
    assert await town.value("SELECT count(*) FROM quarantined_updates") == 0
