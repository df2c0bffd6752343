"""Mistakes of a `.env` file that would otherwise be ignored silently, with the setting left at its default."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

CLOSE = 0.8
"""How similar a name must be to a setting to count as a typo of it; HTTP_PROXY and HTTP_PORT are 0.74."""
_FIRST_WORD = re.compile(r"\s*(?:export\s+)?(\w*).*", re.DOTALL)


def mistakes(path: Path, known: Collection[str]) -> list[str]:
    """Return what is wrong in the file, none where there is no file; never a value, which may be a secret.

    `known` are the names of settings. Another name is a mistake where it resembles one that the file does not have:
    the rest are left alone, the file may hold other programs' settings, too.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except IsADirectoryError:
        return []
    except FileNotFoundError:
        return [f"{path}: this link leads nowhere; make the file, or take the link away"] if path.is_symlink() else []
    except OSError as error:
        return [f"{path}: this file cannot be read: {error.strerror}; let the bot's user read it"]
    except UnicodeDecodeError:
        return [f"{path}: this file is not in UTF-8; save it in UTF-8"]
    return [*_found(str(path), [*parse_stream(StringIO(text))], known)]


def _found(path: str, bindings: Collection[Binding], known: Collection[str]) -> Iterator[str]:
    # An empty value counts as none, as in a copy of the example.
    missing = set(known) - {each.key.upper() for each in bindings if each.key and each.value}
    for each in bindings:
        place = f"{path}:{_line(each)}"
        if each.error or (each.key and each.value is None):
            name = _FIRST_WORD.sub(r"\1", each.original.string).upper()
            what = name if name in known else "this line"
            yield f"{place}: {what} cannot be read; write a name, = and a value, as in HTTP_PORT=8080, and close quotes"
        elif each.key and each.key.upper() not in known:
            meant = get_close_matches(each.key.upper(), missing, n=1, cutoff=CLOSE)
            yield from (f"{place}: there is no setting {each.key}; did you mean {name}?" for name in meant)


def _line(binding: Binding) -> int:
    """Return the line of the statement itself: the parser counts the empty ones before it in."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
