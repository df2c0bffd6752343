"""The emulator over HTTP: a real aiogram bot on one side, people in another process on the other."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from aiohttp import ClientResponseError, ClientSession, FormData, ServerDisconnectedError

from bot.emulator import client, server
from bot.emulator.client import EmulatorClient, EmulatorError
from bot.emulator.pictures import make_picture
from bot.emulator.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator
    from bot.web.listening import Listening

PICTURE = make_picture(1, 40, 30)
YES = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Да", callback_data="y"), InlineKeyboardButton(text="Сайт", url="https://a.ru")]
    ]
)


@pytest.fixture
async def running(emulator: Emulator) -> AsyncIterator[Listening]:
    running = await serve(emulator)
    yield running
    await running.close()


@pytest.fixture
async def far_bot(emulator: Emulator, running: Listening) -> AsyncIterator[Bot]:
    """A bot that reaches the emulator over HTTP as it would reach Telegram."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(running.url))
    yield Bot(emulator.token, session=session)
    await session.close()


@pytest.fixture
async def stand(running: Listening) -> AsyncIterator[EmulatorClient]:
    async with EmulatorClient(running.url) as stand:
        yield stand


@pytest.fixture
async def web(running: Listening) -> AsyncIterator[ClientSession]:
    async with ClientSession(running.url) as session:
        yield session


async def test_a_long_poll_over_http_brings_what_a_person_says(far_bot: Bot, anna: Person) -> None:
    poll = asyncio.create_task(far_bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    anna.say("течёт кран")
    (update,) = await asyncio.wait_for(poll, 5)
    assert update.message
    assert update.message.text == "течёт кран"
    assert await far_bot.get_updates(offset=update.update_id + 1) == []


async def test_files_go_up_and_down_over_http(far_bot: Bot, anna: Person) -> None:
    sent = await far_bot.send_document(1001, BufferedInputFile("Ж;1".encode(), "отчёт.csv"), caption="готово")
    assert sent.document
    assert sent.document.file_name == "отчёт.csv"
    file = await far_bot.get_file(sent.document.file_id)
    assert file.file_path
    downloaded = await far_bot.download_file(file.file_path)
    assert downloaded
    assert downloaded.read() == "Ж;1".encode()
    with pytest.raises(ClientResponseError):
        await far_bot.download_file("documents/none")


async def test_an_album_goes_up_over_http(far_bot: Bot, anna: Person) -> None:
    media = [InputMediaPhoto(media=BufferedInputFile(PICTURE, "a.png")) for _ in range(3)]
    album = await far_bot.send_media_group(1001, list(media))
    assert len({message.media_group_id for message in album}) == 1


async def test_an_edit_that_changes_nothing_is_refused_over_http(far_bot: Bot, anna: Person) -> None:
    sent = await far_bot.send_message(1001, "раз")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await far_bot.edit_message_text("раз", chat_id=1001, message_id=sent.message_id)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_connection_breaks_over_http(far_bot: Bot, emulator: Emulator, anna: Person, kind: Any) -> None:
    emulator.faults.add(method="sendMessage", kind=kind)
    with pytest.raises(TelegramNetworkError):
        await far_bot.send_message(1001, "раз")
    await far_bot.send_message(1001, "два")


async def test_a_download_breaks_over_http(web: ClientSession, emulator: Emulator) -> None:
    emulator.faults.add(method="download", kind="drop_before", times=2)  # aiohttp tries a GET twice
    with pytest.raises(ServerDisconnectedError):
        await web.get(f"/file/bot{emulator.token}/photos/a.png")


async def test_calls_are_taken_as_json_as_a_form_and_in_the_address(
    web: ClientSession, emulator: Emulator, anna: Person
) -> None:
    where = f"/bot{emulator.token}/sendMessage"
    form = FormData({"chat_id": "1001", "text": "три"})
    multipart = FormData({"chat_id": "1001", "text": "четыре"}, default_to_multipart=True)
    for sending in (
        web.get(where, params={"chat_id": 1001, "text": "раз"}),
        web.post(where, json={"chat_id": 1001, "text": "два", "reply_markup": {"force_reply": True}}),
        web.post(where, data=form),
        web.post(where, data=multipart),
    ):
        async with sending as response:
            assert response.status == 200
    assert [seen.text for seen in anna.messages if seen.by_bot] == ["раз", "два", "три", "четыре"]


async def test_a_wrong_token_is_401_and_an_unknown_method_404(web: ClientSession, emulator: Emulator) -> None:
    async with web.get("/bot1:wrong/getMe") as response:
        assert (response.status, await response.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
    async with web.get(f"/bot{emulator.token}/getNothing") as response:
        assert response.status == 404


async def test_people_act_from_another_process(far_bot: Bot, stand: EmulatorClient) -> None:
    pyotr = await stand.person(3001, "Пётр", "Кузнецов")
    assert (await stand.person(3001, "Пётр")).id == pyotr.id
    first = await pyotr.say("/start")
    await pyotr.say("ответ", reply_to=first)
    await pyotr.send_photo(PICTURE, "течёт")
    await pyotr.send_photo()
    await pyotr.send_document("смета.pdf", b"%PDF", "смета")
    await pyotr.send_album([PICTURE, None], "два фото")
    updates = await far_bot.get_updates()
    assert [update.message and (update.message.text or update.message.caption) for update in updates] == [
        "/start",
        "ответ",
        "течёт",
        None,
        "смета",
        "два фото",
        None,
    ]
    await far_bot.send_message(3001, "<b>Да?</b>", parse_mode="HTML", reply_markup=YES)
    shown = await pyotr.sees("Да?")
    assert (shown.html, shown.labels, shown.kind) == ("<b>Да?</b>", ("Да", "Сайт"), "text")


async def test_a_remote_press_waits_for_its_answer(far_bot: Bot, stand: EmulatorClient) -> None:
    pyotr = await stand.person(3001, "Пётр")
    await pyotr.say("/start")
    pressing = asyncio.create_task(pyotr.press("Да"))
    await asyncio.sleep(0.1)
    await far_bot.send_message(3001, "Да?", reply_markup=YES)
    query = None
    while query is None:
        query = next((one.callback_query for one in await far_bot.get_updates() if one.callback_query), None)
    await far_bot.answer_callback_query(query.id, text="Ясно")
    assert (await pressing)["text"] == "Ясно"
    assert (await pyotr.press("Сайт"))["url"] == "https://a.ru"
    assert "Пётр жмёт «Да»\n🔔 Ясно" in await pyotr.transcript()


async def test_remote_waiting_ends_with_what_was_there_instead(
    far_bot: Bot, stand: EmulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_PAUSE", 0.01)
    pyotr = await stand.person(3001, "Пётр")
    await pyotr.say("/start")
    await far_bot.send_message(3001, "Привет", reply_markup=YES)
    with pytest.raises(TimeoutError, match="Привет"):
        await pyotr.sees("Пока", seconds=0.05)
    with pytest.raises(EmulatorError, match="no button «Нет»; there are: Да, Сайт"):
        await pyotr.press("Нет", seconds=0.05)
    with pytest.raises(TimeoutError, match="no answer to «Да»"):
        await pyotr.press("Да", seconds=0.05)


async def test_every_deed_has_its_command(
    far_bot: Bot, emulator: Emulator, stand: EmulatorClient, anna: Person
) -> None:
    await stand.do("group", id=-100500, title="Школа", members=[1001])
    await stand.do("say", person=1001, group=-100500, text="привет")
    said = await stand.do("say", person=1001, text="раз")
    await stand.do("edit", person=1001, message_id=said["message_id"], text="два")
    await stand.do("sticker", person=1001)
    await stand.do("voice", person=1001)
    await stand.do("photo", person=1001, size=1000)
    await stand.do("document", person=1001, name="a.bin", size=1000)
    await stand.do("album", person=1001, items=[{"name": "a.txt", "content": "YQ=="}, {"name": "b.txt"}])
    await stand.do("open", person=1001, url="https://t.me/zavhoz_local_bot?start=room-7")
    await stand.do("raw", update={"poll": {}})
    await far_bot.send_message(1001, "Да?", reply_markup=YES)
    await stand.do("press", person=1001, message_id=anna.last.id, label="Да")
    await stand.do("press", person=1001, message_id=anna.last.id, data="made-up")
    await stand.do("block", person=1001)
    assert anna.chat.blocked
    await stand.do("block", person=1001)
    await stand.do("block", person=1001, blocked=False)
    assert not anna.chat.blocked
    await stand.do("faults", kind="500", method="getMe")
    await stand.do("faults/clear")
    await far_bot.me()
    kinds = [next(name for name in update if name != "update_id") for update in emulator.updates.take()]
    assert kinds == [
        *["message"] * 2,
        "edited_message",
        *["message"] * 7,
        "poll",
        *["callback_query"] * 2,
        *["my_chat_member"] * 2,
    ]
    world = await stand.ask("state")
    assert world["groups"] == [{"id": -100500, "title": "Школа"}]
    assert [person["name"] for person in world["people"]] == ["Анна Петрова"]
    assert [message["text"] for message in (await stand.ask("messages", group=-100500))["messages"]] == ["привет"]


@pytest.mark.parametrize(
    ("command", "body", "words"),
    [
        ("say", {"person": 5, "text": "раз"}, "there is no person 5"),
        ("say", {"person": 1001, "text": ""}, "a client sends 1 to 4096 characters"),
        ("say", {"person": 1001, "group": -5, "text": "раз"}, "there is no group -5"),
        ("say", {"person": 1001, "text": "раз", "reply_to": 99}, "99"),
        ("say", {"person": 1001}, "Field required"),
        ("say", {"person": 1001, "text": "раз", "tone": "low"}, "Extra inputs are not permitted"),
        ("press", {"person": 1001, "label": "Да"}, "no button «Да»"),
        ("edit", {"person": 1001, "message_id": 99, "text": "раз"}, "there is no message 99"),
        ("faults", {"kind": "502"}, "Input should be '429', '500'"),
        ("faults", {"kind": "500", "hits": 1}, "Unexpected keyword argument"),
    ],
)
async def test_impossible_deeds_are_explained(
    stand: EmulatorClient, anna: Person, command: str, body: dict[str, Any], words: str
) -> None:
    with pytest.raises(EmulatorError, match=words):
        await stand.do(command, **body)


async def test_unknown_addresses_are_not_found(web: ClientSession, stand: EmulatorClient) -> None:
    for path in ("/nothing", "/control/press/5", "/control/file/x", "/control/messages?person=5", "/control/messages"):
        async with web.get(path) as response:
            assert response.status == 404, path
    async with web.post("/control/dance", json={}) as response:
        assert response.status == 404
    with pytest.raises(EmulatorError, match="there is no person 5"):
        await stand.ask("messages", person=5)


async def test_the_journal_is_read_from_another_process(far_bot: Bot, stand: EmulatorClient, anna: Person) -> None:
    await far_bot.send_message(1001, "раз")
    await far_bot.get_me()
    assert [call["method"] for call in await stand.journal()] == ["sendMessage", "getMe"]
    (call,) = await stand.journal("sendMessage")
    assert (call["params"]["text"], call["accepted"], call["result"]["message_id"]) == ("раз", True, 2)


async def test_a_replied_message_is_told_with_the_reply(far_bot: Bot, stand: EmulatorClient, anna: Person) -> None:
    await far_bot.send_message(1001, "раз")
    anna.say("два", reply_to=anna.last)
    channel_free = (await stand.ask("messages", person=1001))["messages"]
    assert channel_free[-1]["reply_to"] == {
        "id": 2,
        "author": {"id": anna.state.bot.id, "name": "ЗАВхоз"},
        "text": "раз",
    }


async def test_pictures_are_shown_and_other_files_only_downloaded(
    web: ClientSession, stand: EmulatorClient, anna: Person
) -> None:
    anna.send_photo(PICTURE)
    anna.send_document("a.html", b"<script>alert(1)</script>")
    photo, document = (one["file"]["url"] for one in (await stand.ask("messages", person=1001))["messages"][-2:])
    async with web.get(photo) as response:
        assert (response.content_type, await response.read()) == ("image/png", PICTURE)
    async with web.get(document) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_listeners_hear_what_happens_until_the_server_closes(
    running: Listening, web: ClientSession, anna: Person, far_bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEARTBEAT", 0.05)
    async with web.get("/control/events") as response:
        assert await response.content.readline() == b": welcome\n"
        assert await response.content.readline() == b"\n"
        assert await response.content.readline() == b": still here\n"
        await far_bot.send_message(1001, "Да?", reply_markup=YES)
        await far_bot.answer_callback_query(anna.press("Да").id, text="Ясно")
        events: list[dict[str, Any]] = []
        while len(events) < 3:
            line = (await response.content.readline()).decode()
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
        assert [event["what"] for event in events] == ["sent", "pressed", "answered"]
        assert events[2]["press"]["text"] == "Ясно"
        await running.close()
        await response.read()


async def test_a_listener_that_left_is_forgotten(
    web: ClientSession, emulator: Emulator, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEARTBEAT", 0.02)
    response = await web.get("/control/events")
    await response.content.readline()
    assert len(emulator.chat_log.listeners) == 1
    response.close()
    for _ in range(100):
        anna.say("ау")
        await asyncio.sleep(0.02)
        if not emulator.chat_log.listeners:
            break
    assert emulator.chat_log.listeners == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_other_sites_are_kept_out(web: ClientSession, anna: Person, headers: dict[str, str]) -> None:
    async with web.post("/control/say", json={"person": 1001, "text": "раз"}, headers=headers) as response:
        assert response.status == 403
    assert [seen.text for seen in anna.messages] == ["/start"]


async def test_the_page_itself_may_post(running: Listening, web: ClientSession, anna: Person) -> None:
    headers = {"Origin": running.url, "Sec-Fetch-Site": "same-origin"}
    async with web.post("/control/say", json={"person": 1001, "text": "раз"}, headers=headers) as response:
        assert response.status == 200


async def test_commands_come_as_json_only(web: ClientSession, anna: Person) -> None:
    async with web.post("/control/say", data='{"person": 1001, "text": "раз"}') as response:
        assert response.status == 415


async def test_the_page_is_served_with_a_strict_policy(web: ClientSession) -> None:
    for path, kind in (("/", "text/html"), ("/chat.css", "text/css"), ("/chat.js", "text/javascript")):
        async with web.get(path) as response:
            assert response.content_type == kind
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            text = await response.text()
    assert "http://" not in text.replace("http://www.w3.org/", "")


async def test_a_taken_port_is_an_error(running: Listening, emulator: Emulator) -> None:
    port = int(running.url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        await serve(emulator, port=port)


async def test_the_server_listens_at_ipv6_too(emulator: Emulator) -> None:
    try:
        running = await serve(emulator, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with ClientSession(running.url) as session, session.get("/control/state") as response:
        assert response.status == 200
    await running.close()


async def test_the_stand_runs_as_a_process_of_its_own(running_process: Callable[..., Any], tmp_path: Path) -> None:
    arguments = (sys.executable, "-m", "bot.emulator", "--port", "0", "--memory", str(tmp_path))
    process, url = await running_process(*arguments)
    bot = Bot("77:" + "A" * 35, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    async with EmulatorClient(url) as stand:
        anna = await stand.person(1001, "Анна", "Петрова")
        await anna.say("/start")
        (update,) = await bot.get_updates(timeout=5)
        assert update.message
        await update.message.as_(bot).answer("Здравствуйте!")
        await anna.sees("Здравствуйте!")
        assert [one["name"] for one in (await stand.ask("state"))["people"]] == ["Анна Петрова", "Сергей Иванов"]
    await bot.session.close()
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
    process, url = await running_process(*arguments)
    async with EmulatorClient(url) as stand:
        await (await stand.person(1001, "Анна")).sees("Здравствуйте!", seconds=0)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_the_stand_forgets_unless_it_is_given_a_directory(running_process: Callable[..., Any]) -> None:
    process, url = await running_process(sys.executable, "-m", "bot.emulator", "--port", "0")
    async with EmulatorClient(url) as stand:
        assert await (await stand.person(1001, "Анна")).messages() == []
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.fixture
async def running_process() -> AsyncIterator[Callable[..., Any]]:
    """Starts a process and returns it with the first line it prints."""
    started: list[asyncio.subprocess.Process] = []

    async def start(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        started.append(process)
        assert process.stdout
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        return process, line.decode().strip()

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()
