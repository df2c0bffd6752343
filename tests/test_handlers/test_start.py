"""First contact: greeting, roles, who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conversation import MANAGER_ID, Town

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor

USERS = "SELECT telegram_id, full_name, role FROM users ORDER BY id"


async def test_start_greets_a_teacher_by_name_and_role(anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/start")
    assert anna.transcript() == transcripts


async def test_start_greets_a_manager(sergey: Actor, transcripts: SnapshotAssertion) -> None:
    assert sergey.transcript() == transcripts


async def test_start_greets_a_plumber(pyotr: Actor, transcripts: SnapshotAssertion) -> None:
    assert pyotr.transcript() == transcripts


async def test_start_greets_the_director(vera: Actor, transcripts: SnapshotAssertion) -> None:
    assert vera.transcript() == transcripts


async def test_start_creates_a_user_once(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    assert await town.query(USERS) == [(1001, "Анна Петрова", "staff")]


async def test_start_greets_a_known_user_without_a_duplicate(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    await anna.say("/start")
    assert await town.query(USERS) == [(1001, "Анна Петрова", "staff")]
    assert anna.texts[-1].startswith("Здравствуйте, Анна!")


async def test_two_first_messages_in_one_batch_create_one_user(town: Town, anna: Actor) -> None:
    anna.person.say("/start")
    anna.person.say("/help")
    await town.until_idle()
    assert await town.query(USERS) == [(1001, "Анна Петрова", "staff")]
    assert "Как сообщить о поломке" in anna.text


async def test_a_new_name_in_telegram_is_taken_over(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    anna.person.user.last_name = "Иванова"
    await anna.say("/start")
    assert await town.query(USERS) == [(1001, "Анна Иванова", "staff")]


async def test_an_owner_becomes_manager_at_first_contact(town: Town, sergey: Actor) -> None:
    assert await town.query(USERS) == [(MANAGER_ID, "Сергей Иванов", "manager")]
    assert "🗂 Очередь" in sergey.labels


async def test_an_owner_becomes_manager_also_when_the_row_exists(town: Town, sergey: Actor) -> None:
    await town.execute("UPDATE users SET role = 'staff'")
    await sergey.say("/start")
    assert await town.query(USERS) == [(MANAGER_ID, "Сергей Иванов", "manager")]
    assert "Вы — завхоз" in sergey.text


async def test_someone_named_owner_later_becomes_manager_at_the_next_contact(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    town.owners = town.owners | {1001}
    await town.restart()
    await anna.say("/queue")
    assert anna.text.startswith("Очередь")


async def test_ids_above_two_to_the_32nd_are_kept_whole(town: Town) -> None:
    late = await town.arrive(2**32 + 17, "Лев")
    later = await town.arrive(2**41 + 5, "Мария")
    await later.submit()
    assert [row[0] for row in await town.query(USERS)] == [2**32 + 17, 2**41 + 5]
    assert "№1" in later.text
    assert late.text.startswith("Здравствуйте, Лев!")


async def test_update_ids_may_begin_anew_after_a_silent_week(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    town.emulator.updates.next_id = 5
    await anna.say("/help")
    assert "Как сообщить о поломке" in anna.text


async def test_a_person_without_letters_in_the_name_is_a_colleague(town: Town) -> None:
    nameless = town.person(1003, "\u3164", "")
    await nameless.say("/start")
    assert nameless.text.startswith("Здравствуйте, ")
    blank = town.person(1004, "   ", "")
    await blank.say("/start")
    assert blank.text.startswith("Здравствуйте, коллега!")


async def test_markup_in_a_name_stays_text(town: Town) -> None:
    joker = town.person(1005, "<b>{{7*7}}</b>&lt;")
    await joker.say("/start")
    assert joker.text.startswith("Здравствуйте, <b>{{7*7}}</b>&lt;!")


async def test_a_blocked_user_gets_one_polite_line_and_nothing_else(
    town: Town, anna: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.say("/start")
    await town.execute("UPDATE users SET is_blocked = :yes", yes=True)
    await anna.say("/new")
    await anna.send_photo(caption="Разбито окно")
    assert anna.transcript() == transcripts


async def test_a_press_of_a_blocked_user_changes_nothing(town: Town, anna: Actor) -> None:
    await anna.draft()
    await town.execute("UPDATE users SET is_blocked = :yes", yes=True)
    press = await anna.press("Отправить")
    assert press.text.startswith("Доступ к боту закрыт")
    assert await town.value("SELECT count(*) FROM requests") == 0
    assert anna.text.startswith("Проверьте заявку")


async def test_a_blocked_manager_is_told_nothing_and_sees_no_changes(town: Town, sergey: Actor, anna: Actor) -> None:
    await anna.submit()
    await town.execute("UPDATE users SET is_blocked = :yes WHERE telegram_id = :id", yes=True, id=MANAGER_ID)
    await anna.say("Вода уже на полу", anna.screen)
    assert "Вода уже на полу" not in " ".join(sergey.texts)
    assert sergey.seen("№1").labels == ()


async def test_a_blocked_author_is_told_nothing_of_their_request(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await town.execute("UPDATE users SET is_blocked = :yes WHERE telegram_id = :id", yes=True, id=anna.person.id)
    before = anna.texts
    await sergey.press("Взять")
    await sergey.say("Сейчас буду", sergey.seen("№1"))
    assert anna.texts == before
    assert await town.value("SELECT status FROM requests") == "in_progress"
