"""Events of a conversation, independent of the messenger."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """A reference to a subject: its kind and id."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent: `ref` is the messenger's id to send it again by, `size` is in bytes."""

    kind: str
    ref: str
    unique: str
    size: int = 0
    name: str | None = None
    mime: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the file as JSON data, to be stored in a conversation."""
        return {name: getattr(self, name) for name in self.__slots__}


class KeptFile(BaseModel):
    """A photo or document that a person sent; a `caption` that no variable took came with it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    ref: str
    unique: str
    size: int
    name: str | None = None
    mime: str | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command without its slash, and the text after it."""

    name: str
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A button press: the button's data, its message, and the subject whose card that message is."""

    data: str
    message: int
    card: SubjectRef | None = None


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message, and the subject whose card or notice it replies to."""

    text: str
    reply_to: SubjectRef | None = None


@dataclass(frozen=True, slots=True)
class FileMessage:
    """A photo or a document; the pieces of an album share `album`."""

    file: File
    caption: str = ""
    album: str | None = None
    reply_to: SubjectRef | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """A message that no step can take: a sticker, a voice message, a poll."""

    kind: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The person edited a message sent before."""


Event: TypeAlias = Command | Press | TextMessage | FileMessage | Other | Edited
