"""The files of a folder of flows: which are flows, and their text."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.i18n import Message, message
from engine.problems import Position, Problem
from engine.reading.yaml_reader import Document, read

MEGABYTES = 1
"""The greatest size of a flow file."""
_LIMIT = MEGABYTES * 1_000_000
_NEARLY = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class UnreadableError(Exception):
    """A file that cannot be read: what is wrong and what to try."""

    what: Message
    hint: Message


def flow_paths(folder: Path) -> list[Path]:
    """Return the paths that end like flow files, by name; OSError where the folder cannot be read.

    Those that end in .yml or in capitals are among them, so that somebody is told why they do nothing. Names that begin
    with a dot are not: editors and systems keep their own files under such names.
    """
    return sorted(path for path in folder.iterdir() if _ending(path) in _NEARLY and not path.name.startswith("."))


def _ending(path: Path) -> str:
    return path.suffix.lower()


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises UnreadableError. Never waits for a pipe, never reads more than the limit."""
    try:
        # A pipe that nobody writes to would otherwise be waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableError(message("this is no file"), message("take it out of the folder of flows"))
            content = file.read(_LIMIT + 1)
    except IsADirectoryError:
        what = message("this is a folder, not a file")
        raise UnreadableError(what, message("flows are files: take it out of the folder of flows")) from None
    except OSError as error:
        raise UnreadableError(*_reason(error)) from None
    if len(content) > _LIMIT:
        what = message("this file is larger than {size} MB", size=MEGABYTES)
        raise UnreadableError(what, message("flows are small: split it, or take it out of the folder"))
    return content


def _reason(error: OSError) -> tuple[Message, Message]:
    """Return what is said of a file that cannot be opened."""
    link = message("take the link out of the folder, or make it lead to a file")
    if error.errno == errno.ENOENT:
        return message("this file cannot be read: it is a link that leads nowhere"), link
    if error.errno == errno.ELOOP:
        return message("this file cannot be read: it is a link that leads to itself"), link
    hint = message("let the bot's user read it, or take it out of the folder")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return message("this file cannot be read: the bot's user may not read it"), hint
    return message("this file cannot be read: {reason}", reason=error.strerror), hint


def read_file(path: Path) -> Document:
    """Return the document of a file; that of one that cannot be read has only a problem."""
    shown = _display_path(path)
    if path.suffix != ".yaml":
        what = message('"{name}" is not read: names of flow files end in .yaml', name=Path(shown).name)
        return _refused(Position(shown, 1, 1), what, message("rename it to {name}", name=f"{Path(shown).stem}.yaml"))
    try:
        content = read_bytes(path)
    except UnreadableError as error:
        return _refused(Position(shown, 1, 1), error.what, error.hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        where = Position(shown, before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = message("this is no YAML: the file is not in UTF-8")
        return _refused(where, what, message("save it in UTF-8"))
    return read(shown, text.replace("\r\n", "\n").replace("\r", "\n"))


def _refused(where: Position, what: Message, hint: Message) -> Document:
    return Document(where.path, problems=[Problem(where, what, hint)])


def _display_path(path: Path) -> str:
    shown = path.relative_to(Path.cwd()) if path.is_absolute() and path.is_relative_to(Path.cwd()) else path
    # A name in another encoding could not be printed.
    return os.fsencode(shown).decode("utf-8", "replace")
