"""A scenario: people talk to the bot, and what they must see is written beside what they do."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from engine.durations import Duration
from engine.i18n import message
from engine.language.base import Model, Name, OneOrMany
from engine.problems import UnfitError, is_one_edit

NOTHING = "nothing"
"""What somebody sees to whom the bot said nothing."""
MOMENT = "%Y-%m-%d %H:%M"


def _words_of_number(value: Any) -> Any:
    """Take a whole number for its digits: whoever says «214» in a chat means words."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    try:
        return datetime.strptime(value, MOMENT)  # noqa: DTZ007 - the organisation's zone is not written in the file
    except (TypeError, ValueError):
        raise UnfitError(message("expected a moment such as 2026-03-02 09:00")) from None


Words = Annotated[str, BeforeValidator(_words_of_number), Field(min_length=1, max_length=4096)]
Called = Annotated[str, Field(min_length=1, max_length=64)]
"""How a person is called in the scenario."""
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d$"}),
]
Fault = Annotated[
    Literal["400", "403", "429", "500", "down", "lost"],
    BeforeValidator(_words_of_number),
    WithJsonSchema({"enum": ["400", "403", "429", "500", "down", "lost", 400, 403, 429, 500]}),
]


class Player(Model):
    """Somebody who takes part; a bare role is short for `{role: …}`."""

    role: Name = Field(description="the role that they have in the bot")
    name: Words | None = Field(default=None, description="their name in Telegram; how they are called here, without it")
    known: bool = Field(default=True, description="false: they have never written to the bot")

    @model_validator(mode="before")
    @classmethod
    def _from_role(cls, value: Any) -> Any:
        return {"role": value} if isinstance(value, str) else value


class Act(Model):
    """What somebody does. Bare words are said; a bare list is of buttons, pressed one after the other."""

    say: Words | None = Field(default=None, description="words or a command")
    press: OneOrMany[Words] = Field(default=[], description="buttons, pressed in this order")
    photo: Words | None = Field(default=None, description="a photo, by any name")
    album: OneOrMany[Words] = Field(default=[], description="2 to 10 photos in one message, or as many documents")
    document: Words | None = Field(default=None, description="a document with this name")
    caption: Words | None = Field(default=None, description="the words with a photo, an album or a document")
    megabytes: int | None = Field(default=None, ge=1, le=4000, description="how big the photo or document is")
    edit: Words | None = Field(default=None, description="what the last own message is changed to")
    sticker: bool = Field(default=False, description="a sticker")
    voice: bool = Field(default=False, description="a voice message")
    block: bool | None = Field(default=None, description="block the bot, or with false unblock it")
    on: Words | None = Field(
        default=None, description="words of the message that has the button; the newest that has it, without"
    )
    reply_to: Words | None = Field(default=None, description="words of the message that is answered")
    times: int = Field(default=1, ge=1, le=10, description="how often it is pressed or said, without waiting")

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: Any) -> Any:
        value = _words_of_number(value)
        if isinstance(value, str):
            return {"say": value}
        return {"press": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Act":
        given = self.model_fields_set
        kinds = [kind for kind in DONE if kind in given]
        if len(kinds) != 1:
            raise UnfitError(message("say one thing that is done: {kinds}", kinds=", ".join(DONE)))
        for key, serves in _SERVES.items():
            if key in given and kinds[0] not in serves:
                raise UnfitError(message('"{key}" does not go with "{kind}"', key=key, kind=kinds[0]))
        if kinds[0] == "album" and not 2 <= len(self.album) <= 10:
            raise UnfitError(message("an album has 2 to 10 photos or documents"))
        return self


DONE = ("say", "press", "photo", "album", "document", "edit", "sticker", "voice", "block")
"""What somebody can do."""
_SERVES = {
    "caption": ("photo", "album", "document"),
    "megabytes": ("photo", "document"),
    "on": ("press",),
    "reply_to": ("say", "photo", "document"),
    "times": ("say", "press"),
}


class Trouble(Model):
    """Telegram refuses calls, or cannot be reached; bare, it is short for `{fails: …}`."""

    fails: Fault = Field(
        description="the error that Telegram answers with; down: nothing gets through; lost: its answers do not"
    )
    times: int = Field(default=1, ge=1, le=100, description="how many calls")
    to: Called | None = Field(default=None, description="whose chat; every chat without it")
    retry_after: Duration | None = Field(default=None, description="with 429: how long the bot has to wait")

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"fails": value}


Sight = Annotated[
    dict[Called, OneOrMany[Words]],
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "integer"]},
                {"type": "array", "items": {"type": ["string", "integer"]}},
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            {"type": ["string", "integer"]},
                            {"type": "array", "items": {"type": ["string", "integer"]}},
                        ]
                    },
                },
            ]
        }
    ),
]
"""Words for each person; bare words are for the one who acts in the same line."""


class Line(Model):
    """One line of the talk: somebody does something, or something happens; and what is seen then."""

    acts: dict[Called, Act] = Field(default={}, title="a name of `people`", description="what this person does")
    together: OneOrMany[dict[Called, Act]] = Field(
        default=[], description="what several people do before the bot gets to any of it"
    )
    wait: Duration | None = Field(default=None, description="time passes")
    again: bool = Field(default=False, description="Telegram brings the last update once more")
    restart: bool = Field(default=False, description="the bot is stopped and started again")
    telegram: Trouble | None = Field(default=None, description="calls that will fail")
    sees: Sight = Field(default={}, description="words that somebody sees now, in a message, a button or a toast")
    unseen: Sight = Field(default={}, description="words that somebody does not see now")

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: Any) -> Any:
        if value in BARE:
            return {value: True}
        if not isinstance(value, dict):
            return value
        # A word of the language that is misspelt is left for the reader to report.
        line: dict[str, Any] = {key: each for key, each in value.items() if _is_a_word(key)}
        acts = {key: each for key, each in value.items() if key not in line}
        for key in SEEN:
            if key in line and not isinstance(line[key], dict) and len(acts) == 1:
                line[key] = dict.fromkeys(acts, line[key])
        return line | ({"acts": acts} if acts else {})

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Line":
        if len(self.acts) + len(self.model_fields_set & set(HAPPENS)) > 1:
            raise UnfitError(message("two things happen in one line: give each a line of its own"))
        return self


HAPPENS = ("together", "wait", "again", "restart", "telegram")
"""What happens in a line without a name before it."""
SEEN = ("sees", "unseen")


def _is_a_word(key: Any) -> bool:
    """Return whether a key is a word of the language, perhaps with a slip in it, and no person's name."""
    return isinstance(key, str) and any(key == word or is_one_edit(key, word) for word in (*HAPPENS, *SEEN))


BARE = ("again", "restart")
"""What can stand in a line alone."""


class ScenarioFile(Model):
    """One scenario."""

    scenario: Words = Field(description="what it tells, in one sentence")
    people: dict[Called, Player] = Field(description="who takes part, and the role of each")
    at: Moment = Field(
        default=datetime(2026, 3, 2, 11, 0),  # noqa: DTZ001 - the organisation's zone is not written in the file
        description="when it begins, by the organisation's clock",
    )
    talk: Annotated[list[Line], Field(min_length=1)] = Field(description="what happens, line by line")
