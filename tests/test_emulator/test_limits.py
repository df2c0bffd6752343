"""Each limit of Telegram that the emulator keeps, with Telegram's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.emulator.params import Upload
from bot.emulator.pictures import make_picture
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from bot.emulator.people import Person

PICTURE = make_picture(1, 40, 30)


async def refused(emulator: Emulator, method: str, uploads: dict[str, Upload] | None = None, **params: Any) -> str:
    """The words a call is refused with; the whole body is checked for its shape."""
    reply = await emulator.call(emulator.token, method, params, uploads)
    assert reply.body["ok"] is False
    assert reply.body["error_code"] == reply.status
    return str(reply.body["description"])


async def accepted(emulator: Emulator, method: str, uploads: dict[str, Upload] | None = None, **params: Any) -> Any:
    reply = await emulator.call(emulator.token, method, params, uploads)
    assert reply.status == 200, reply.body
    return reply.body["result"]


def buttons(*labels: str, **fields: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": "x"} | fields for label in labels]]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Bad Request: message text is empty"),
        ("  \n ", "Bad Request: text must be non-empty"),
        ("<b></b>", "Bad Request: text must be non-empty"),
        ("я" * 4097, "Bad Request: message is too long"),
        ("🙂" * 2049, "Bad Request: message is too long"),
        ("<i>нет", "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"i\""),
        ("<h1>", 'Bad Request: can\'t parse entities: Unsupported start tag "h1" at byte offset 0'),
        ("\ud800", "Bad Request: strings must be encoded in UTF-8"),
    ],
)
async def test_message_text_is_bounded(emulator: Emulator, anna: Person, text: str, words: str) -> None:
    assert await refused(emulator, "sendMessage", chat_id=1001, text=text, parse_mode="HTML") == words


async def test_the_limit_counts_text_after_entities_are_parsed(emulator: Emulator, anna: Person) -> None:
    sent = await accepted(emulator, "sendMessage", chat_id="1001", text=f"<b>{'я' * 4096}</b>", parse_mode="HTML")
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_white_space_around_text_is_cut_and_entities_move_along(emulator: Emulator, anna: Person) -> None:
    sent = await accepted(emulator, "sendMessage", chat_id=1001, text="\n <u>да </u><s> </s>\n", parse_mode="html")
    assert sent["text"] == "да"
    assert sent["entities"] == [{"type": "underline", "offset": 0, "length": 2}]


async def test_other_parse_modes_are_refused(emulator: Emulator, anna: Person) -> None:
    words = await refused(emulator, "sendMessage", chat_id=1001, text="*a*", parse_mode="MarkdownV2")
    assert words == "Bad Request: unsupported parse_mode"


async def test_entities_may_be_given_instead_of_markup(emulator: Emulator, anna: Person) -> None:
    link = {"type": "text_link", "offset": 0, "length": 2, "url": "https://a.ru/"}
    await accepted(emulator, "sendMessage", chat_id=1001, text="да", entities=[link])
    assert anna.last.html == '<a href="https://a.ru/">да</a>'
    words = await refused(emulator, "sendMessage", chat_id=1001, text="да", entities="[")
    assert words == "Bad Request: can't parse entities JSON object"


@pytest.mark.parametrize(
    "html",
    [
        "<b>да <i>и</i></b> &lt;нет&gt; <u>🙂</u>",
        "<blockquote expandable>да</blockquote>",
        "<blockquote>да</blockquote>",
        '<tg-emoji emoji-id="5">🙂</tg-emoji>',
        '<pre>да</pre><a href="https://a.ru/?a=1&amp;b=2">да</a>',
        "<tg-spoiler>да</tg-spoiler>",
    ],
)
async def test_markup_is_seen_as_it_was_sent(emulator: Emulator, anna: Person, html: str) -> None:
    await accepted(emulator, "sendMessage", chat_id=1001, text=html, parse_mode="HTML")
    assert anna.last.html == html


@pytest.mark.parametrize("method", ["sendPhoto", "sendDocument"])
async def test_captions_have_1024_characters(emulator: Emulator, anna: Person, method: str) -> None:
    field = method.removeprefix("send").lower()
    upload = {field: Upload("a.png", PICTURE)}
    await accepted(emulator, method, upload, chat_id=1001, caption=f"<b>{'я' * 1024}</b>", parse_mode="HTML")
    words = await refused(emulator, method, upload, chat_id=1001, caption="я" * 1025)
    assert words == "Bad Request: message caption is too long"


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (buttons("Да", callback_data="я" * 33), "BUTTON_DATA_INVALID"),
        (buttons("Да", callback_data=""), "BUTTON_DATA_INVALID"),
        (buttons("  "), "inline keyboard button text must be non-empty"),
        (
            {"inline_keyboard": [[{"text": "Да"}]]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"inline_keyboard": [[{"text": "Да", "url": "мойсайт"}]]},
            "inline keyboard button URL 'мойсайт' is invalid: Wrong HTTP URL",
        ),
        ({"inline_keyboard": [buttons("a")["inline_keyboard"][0]] * 101}, "reply markup is too long"),
        (buttons(*"123456789"), "reply markup is too long"),
        ({"inline_keyboard": [buttons("я" * 600)["inline_keyboard"][0]] * 10}, "reply markup is too long"),
        (
            {"inline_keyboard": {"text": "x"}},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"keyboard": [["a"]]}, "reply keyboards are not emulated"),
        ([1], "object expected as reply markup"),
        ("{", "can't parse reply_markup JSON object"),
    ],
)
async def test_keyboards_are_bounded(emulator: Emulator, anna: Person, markup: Any, words: str) -> None:
    said = await refused(emulator, "sendMessage", chat_id=1001, text="да", reply_markup=markup)
    assert said == f"Bad Request: {words}"


@pytest.mark.parametrize("markup", [{"force_reply": True}, {"remove_keyboard": True}, {"inline_keyboard": [[]]}])
async def test_other_markups_leave_no_buttons(emulator: Emulator, anna: Person, markup: Any) -> None:
    await accepted(emulator, "sendMessage", chat_id=1001, text="да", reply_markup=markup)
    assert anna.last.keyboard == ()


async def test_a_hundred_buttons_with_64_bytes_are_welcome(emulator: Emulator, anna: Person) -> None:
    row = buttons("a", callback_data="x" * 64)["inline_keyboard"][0]
    await accepted(emulator, "sendMessage", chat_id=1001, text="да", reply_markup={"inline_keyboard": [row] * 100})
    assert len(anna.last.labels) == 100


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({}, 400, "Bad Request: chat_id is empty"),
        ({"chat_id": 5}, 400, "Bad Request: chat not found"),
        ({"chat_id": "@anna"}, 400, "Bad Request: chat not found"),
        ({"chat_id": 2001}, 403, "Forbidden: bot can't initiate conversation with a user"),
        ({"chat_id": 1001, "message_thread_id": 5}, 400, "Bad Request: message thread not found"),
        ({"chat_id": 1001, "message_thread_id": "x"}, 400, "Bad Request: invalid message_thread_id specified"),
        (
            {"chat_id": 1001, "reply_parameters": {"message_id": 99}},
            400,
            "Bad Request: message to be replied not found",
        ),
    ],
)
async def test_the_addressed_chat_must_be_open(
    emulator: Emulator, anna: Person, params: dict[str, Any], status: int, words: str
) -> None:
    emulator.person(2001, "Сергей")
    reply = await emulator.call(emulator.token, "sendMessage", {"text": "да"} | params)
    assert (reply.status, reply.body["description"]) == (status, words)


async def test_a_reply_may_be_sent_although_its_message_is_gone(emulator: Emulator, anna: Person) -> None:
    target = {"message_id": 99, "allow_sending_without_reply": True}
    sent = await accepted(emulator, "sendMessage", chat_id=1001, text="да", reply_parameters=target)
    assert "reply_to_message" not in sent


async def test_a_blocked_bot_is_told_so(emulator: Emulator, anna: Person) -> None:
    anna.block()
    words = await refused(emulator, "sendChatAction", chat_id=1001, action="typing")
    assert words == "Forbidden: bot was blocked by the user"
    anna.unblock()
    assert await accepted(emulator, "sendChatAction", chat_id=1001, action="typing") is True


async def test_an_album_has_2_to_10_items_of_one_sort(emulator: Emulator, anna: Person) -> None:
    uploads = {"a": Upload("a.png", PICTURE)}
    photo, document = ({"type": kind, "media": "attach://a"} for kind in ("photo", "document"))
    album = await accepted(emulator, "sendMediaGroup", uploads, chat_id=1001, media=[photo] * 10)
    assert len({piece["media_group_id"] for piece in album}) == 1
    for media, words in (
        ([photo] * 11, "too many messages to send as an album"),
        ([photo], "an album must include 2-10 items"),
        ([], "there are no messages to send"),
        ([photo, document], "document can't be mixed with other media types"),
        ([{"type": "photo"}] * 2, "can't parse InputMedia: media not found"),
        ([{"type": "video", "media": "x"}] * 2, "can't parse InputMedia: type video is not emulated"),
    ):
        said = await refused(emulator, "sendMediaGroup", uploads, chat_id=1001, media=media)
        assert said == f"Bad Request: {words}"


async def test_a_refused_album_leaves_nothing_behind(emulator: Emulator, anna: Person) -> None:
    good = {"type": "photo", "media": anna.send_photo().media.file.file_id}  # type: ignore[union-attr]
    before = anna.messages
    await refused(emulator, "sendMediaGroup", chat_id=1001, media=[good, {"type": "photo", "media": "AgAC"}])
    assert anna.messages == before


async def test_unknown_methods_and_tokens_are_refused(emulator: Emulator) -> None:
    assert await refused(emulator, "sendDice") == "Not Found"
    reply = await emulator.call("1:wrong", "getMe")
    assert (reply.status, reply.body["description"]) == (401, "Unauthorized")


async def test_method_names_are_taken_in_any_case(emulator: Emulator) -> None:
    assert (await accepted(emulator, "GETME"))["is_bot"] is True


async def test_an_open_emulator_takes_the_first_well_formed_token_and_no_other() -> None:
    emulator = Emulator(any_token=True)
    first, second = (f"{number}:{'A' * 35}" for number in (77, 78))
    assert (await emulator.call("77:short", "getMe")).status == 401
    assert (await emulator.call(first, "getMe")).body["result"]["id"] == 77
    assert (await emulator.call(second, "getMe")).status == 401


async def test_commands_are_checked_and_kept_by_scope(emulator: Emulator, anna: Person) -> None:
    common = [{"command": "start", "description": "Начать"}]
    own = [{"command": "queue", "description": "Очередь"}]
    await accepted(emulator, "setMyCommands", commands=common)
    assert emulator.commands.seen_in(anna.chat) == common
    await accepted(emulator, "setMyCommands", commands=own, scope='{"type": "chat", "chat_id": 1001}')
    assert emulator.commands.seen_in(anna.chat) == own
    assert await accepted(emulator, "getMyCommands") == common
    for commands, words in (
        ([{"command": "Start", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "start", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        (common * 101, "BOT_COMMANDS_TOO_MUCH"),
        (None, 'parameter "commands" is required'),
    ):
        said = await refused(emulator, "setMyCommands", commands=commands)
        assert said == f"Bad Request: {words}"


async def test_a_group_sees_the_list_of_groups(emulator: Emulator) -> None:
    group = emulator.group(-5, "Школа", [])
    assert emulator.commands.seen_in(group.chat) == []
    listed = [{"command": "queue", "description": "Очередь"}]
    scope = {"type": "all_group_chats"}
    await accepted(emulator, "setMyCommands", commands=listed, scope=scope, language_code="ru")
    assert emulator.commands.seen_in(group.chat) == listed


async def test_the_profile_is_accepted(emulator: Emulator) -> None:
    assert await accepted(emulator, "setMyDescription", description="Заявки") is True
    assert emulator.profile["description"] == "Заявки"


async def test_real_counters_answer_429_when_switched_on(emulator: Emulator, anna: Person, clock: Any) -> None:
    emulator.rate_limits.enabled = True
    await accepted(emulator, "sendMessage", chat_id=1001, text="раз")
    reply = await emulator.call(emulator.token, "sendMessage", {"chat_id": 1001, "text": "два"})
    assert reply.status == 429
    assert reply.body["description"] == "Too Many Requests: retry after 1"
    assert reply.body["parameters"] == {"retry_after": 1}
    clock.now += 1
    await accepted(emulator, "sendMessage", chat_id=1001, text="два")


async def test_a_group_takes_20_messages_a_minute(emulator: Emulator, clock: Any) -> None:
    emulator.rate_limits.enabled = True
    emulator.group(-5, "Школа", [])
    for _ in range(20):
        await accepted(emulator, "sendMessage", chat_id=-5, text="раз")
    clock.now += 18
    assert await refused(emulator, "sendMessage", chat_id=-5, text="два") == "Too Many Requests: retry after 42"


async def test_a_refused_edit_over_the_rate_changes_nothing(emulator: Emulator, anna: Person) -> None:
    emulator.rate_limits.enabled = True
    sent = await accepted(emulator, "sendMessage", chat_id=1001, text="раз")
    edit = {"chat_id": 1001, "message_id": sent["message_id"], "text": "два"}
    assert (await refused(emulator, "editMessageText", **edit)).startswith("Too Many Requests")
    assert anna.last.text == "раз"
