"""Pictures: what kind of file some bytes are, how large a picture is, and a picture out of nothing."""

from __future__ import annotations

import mimetypes
import re
import struct
import zlib

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
_UNKNOWN_SIZE = (1280, 960)
_JPEG_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(.{4})", re.DOTALL)


def mime_type(content: bytes, name: str = "") -> str:
    """The media type told by the first bytes, else by the name."""
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, JPEG or GIF; those of a usual photo for anything else."""
    kind = mime_type(content)
    if kind == "image/png" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
    elif kind == "image/gif" and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
    elif kind == "image/jpeg" and (frame := _JPEG_FRAME.search(content)):
        height, width = struct.unpack(">HH", frame[1])
    else:
        return _UNKNOWN_SIZE
    return max(width, 1), max(height, 1)


def make_picture(number: int = 0, width: int = 1280, height: int = 960) -> bytes:
    """A PNG with two stripes of colours; pictures of different numbers differ."""
    upper = bytes(((number * 67 + 90) % 200 + 30, (number * 131 + 120) % 200 + 30, (number * 29 + 150) % 200 + 30))
    lower = bytes(channel // 2 for channel in upper)
    rows = b"".join(b"\0" + (upper if row < height // 2 else lower) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
