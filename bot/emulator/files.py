"""Files that Telegram keeps: bytes in memory, ids, photo sizes, download paths.

Limits: a bot downloads up to 20 MB and uploads photos up to 10 MB and other files up to 50 MB
(https://core.telegram.org/bots/api#sending-files).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.emulator.errors import ApiError, bad_request
from bot.emulator.pictures import mime_type, picture_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.emulator.params import Upload

DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
_SIDES = (90, 320, 800, 1280)
_INPUT_KINDS = {"photo", "document"}
_KIND_NAMES = {"photo": "Photo", "document": "Document", "sticker": "Sticker", "voice": "VoiceNote"}
_EXTENSIONS = {"image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file, or one size of a photo; `size` in bytes may exceed `content`, zeros make up the rest."""

    file_id: str
    unique_id: str
    path: str
    size: int
    content: bytes
    width: int = 0
    height: int = 0

    def read(self) -> bytes:
        """The whole file."""
        return self.content + bytes(max(self.size - len(self.content), 0))

    def api_object(self) -> dict[str, Any]:
        """The fields that every object of the Bot API about a file has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


@dataclass(frozen=True, slots=True)
class Media:
    """What a message carries; a photo has several sizes, the largest last, all made of the same bytes."""

    number: int
    kind: str
    sizes: tuple[StoredFile, ...]
    name: str = ""
    mime: str = ""

    @property
    def file(self) -> StoredFile:
        """The file itself, of a photo its largest size."""
        return self.sizes[-1]

    def api_object(self) -> dict[str, Any]:
        """The fields that a Message object has for it."""
        if self.kind == "photo":
            return {"photo": [size.api_object() | {"width": size.width, "height": size.height} for size in self.sizes]}
        fields = self.file.api_object() | {"mime_type": self.mime}
        if self.kind == "document":
            fields |= {"file_name": self.name}
        elif self.kind == "voice":
            fields |= {"duration": 3}
        else:
            del fields["mime_type"]
            fields |= {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return {self.kind: fields}


class FileStore:
    """All files one bot may see, in `media` by number; their ids mean nothing to another bot.

    Ids follow from the bot's id and the number, so that files kept again in the same order get the same ids.
    """

    def __init__(self, bot_id: int) -> None:
        self.bot_id = bot_id
        self.media: dict[int, Media] = {}
        self._media: dict[str, Media] = {}
        self._files: dict[str, StoredFile] = {}

    def photo(self, content: bytes, size: int | None = None) -> Media:
        """Keep a photo in the sizes Telegram makes of it; `size` in bytes overrules the content's length."""
        number = self._next_number()
        width, height = picture_size(content)
        longest = max(width, height)
        sides = [side for side in _SIDES if side < longest] + [min(longest, _SIDES[-1])]
        extension = _EXTENSIONS.get(mime_type(content), "jpg")
        full = size or len(content)
        sizes = []
        for index, side in enumerate(dict.fromkeys(sides)):
            share = side / min(longest, _SIDES[-1])
            scaled = (max(round(width * side / longest), 1), max(round(height * side / longest), 1))
            stored = self._stored("AgAC", f"{number}-{index}", f"photos/file_{number}_{index}.{extension}", content)
            sizes.append(replace(stored, size=max(round(full * share * share), 1), width=scaled[0], height=scaled[1]))
        return self._keep(Media(number, "photo", tuple(sizes), mime=mime_type(content)))

    def other(self, kind: str, content: bytes, name: str, size: int | None = None) -> Media:
        """Keep a document, a sticker or a voice message."""
        number = self._next_number()
        extension = name.rpartition(".")[2] if "." in name else "bin"
        path = f"{kind}s/file_{number}.{extension}"
        stored = self._stored("BQAC", str(number), path, content)
        mime = {"voice": "audio/ogg"}.get(kind) or mime_type(content, name)
        return self._keep(Media(number, kind, (replace(stored, size=size or len(content)),), name, mime))

    def resolve(self, kind: str, value: Any, field: str, uploads: Mapping[str, Upload]) -> Media:
        """What a bot sends: a file_id, an `attach://` reference, or an upload under the field's own name.

        Raises `ApiError` 400 at an unknown file_id, a URL, a missing or empty upload, a file of another
        kind, or a photo that is no picture; 413 at one that is too large.
        """
        wanted = str(value or f"attach://{field}")
        if upload := uploads.get(wanted.removeprefix("attach://")):
            return self._uploaded(kind, upload)
        if not value:
            raise bad_request(f"there is no {kind} in the request")
        media = self._media.get(wanted)
        if media is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if media.kind != kind:
            raise bad_request(f"can't use file of type {_KIND_NAMES[media.kind]} as {_KIND_NAMES[kind]}")
        return media

    def input_media(self, item: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Media:
        """The file of an InputMedia object; raises what `resolve` does, and 400 at a kind that is not emulated."""
        kind = str(item.get("type"))
        if kind not in _INPUT_KINDS:
            raise bad_request(f"can't parse InputMedia: type {kind} is not emulated")
        if not item.get("media"):
            raise bad_request("can't parse InputMedia: media not found")
        return self.resolve(kind, item["media"], "media", uploads)

    def described(self, file_id: str) -> dict[str, Any]:
        """The File object of `getFile`; raises `ApiError` 400 at an unknown id or over 20 MB."""
        file = self._files.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return file.api_object() | {"file_path": file.path}

    def find(self, file_id: str) -> Media | None:
        """The media that has this file_id in one of its sizes."""
        return self._media.get(file_id)

    def by_path(self, path: str) -> bytes:
        """What stands at a download path; raises `ApiError` 404 where nothing does."""
        for file in self._files.values():
            if file.path == path and file.size <= DOWNLOAD_LIMIT:
                return file.read()
        raise ApiError(404)

    def _uploaded(self, kind: str, upload: Upload) -> Media:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
            raise ApiError(413)
        if kind != "photo":
            return self.other(kind, upload.content, upload.name)
        if not mime_type(upload.content).startswith("image/"):
            raise bad_request("IMAGE_PROCESS_FAILED")
        return self.photo(upload.content)

    def _next_number(self) -> int:
        return max(self.media, default=0) + 1

    def _stored(self, prefix: str, key: str, path: str, content: bytes) -> StoredFile:
        digest = hashlib.sha256(f"{self.bot_id}:{key}".encode()).digest()
        encoded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        unique = base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:11]).decode().rstrip("=")
        return StoredFile(f"{prefix}AgI{encoded}", f"AQAD{unique}", path, len(content), content)

    def _keep(self, media: Media) -> Media:
        self.media[media.number] = media
        for size in media.sizes:
            self._files[size.file_id] = size
            self._media[size.file_id] = media
        return media
