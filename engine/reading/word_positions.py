"""Where each character of words stands in their file: words may be quoted, folded or in a block over several lines."""

from collections.abc import Sequence
from dataclasses import dataclass

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


@dataclass(slots=True)
class _Cursor:
    """A place in the lines of a file, both from 0, that only goes forward."""

    lines: Sequence[str]
    line: int
    column: int

    def at_end(self) -> bool:
        return self.line >= len(self.lines)

    def character(self, ahead: int = 0) -> str:
        """Return the character here; that behind a line is its break."""
        line = self.lines[self.line]
        return line[self.column + ahead] if self.column + ahead < len(line) else "\n"

    def forward(self, count: int = 1) -> None:
        for _ in range(count):
            if self.column < len(self.lines[self.line]):
                self.column += 1
            else:
                self.line, self.column = self.line + 1, 0
                return


def locate(lines: Sequence[str], line: int, column: int, words: str, index: int) -> tuple[int, int]:
    """Return line and column, from 0, of the character at `index` of `words`, which begin at `line` and `column`.

    What begins there is the words, their quote, or the | or > above them. YAML may have folded line breaks and resolved
    escapes: the words are followed in the file, white space in either skips white space in the other.
    """
    cursor = _Cursor(lines, line, column)
    style = cursor.character()
    if style in "|>":
        cursor.line, cursor.column = line + 1, 0
    elif style in "'\"":
        cursor.forward()
    found = (cursor.line, cursor.column)
    for number, character in enumerate(words):
        _skip_to(cursor, character, style)
        if cursor.at_end():
            return found
        found = (cursor.line, cursor.column)
        if number == index:
            return found
        cursor.forward(_length(cursor, character, style))
    return found


def _skip_to(cursor: _Cursor, character: str, style: str) -> None:
    """Skip white space that is not part of the words."""
    if character.isspace():
        return
    while not cursor.at_end() and cursor.character() != character and cursor.character().isspace():
        cursor.forward()
    if style == '"' and not cursor.at_end() and cursor.character() == "\\" and cursor.character(1) == "\n":
        cursor.forward(2)
        _skip_to(cursor, character, style)


def _length(cursor: _Cursor, character: str, style: str) -> int:
    """Return how many characters of the file the character of the words takes."""
    here = cursor.character()
    if style == '"' and here == "\\":
        length = _ESCAPE_LENGTHS.get(cursor.character(1), 2)
        # One character beyond U+FFFF may be written as two escapes, as JSON does.
        return 12 if length == 6 and ord(character) > 0xFFFF else length
    if style == "'" and here == "'":
        return 2
    if character.isspace() and not here.isspace():
        return 0
    return 1
