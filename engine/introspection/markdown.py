"""Markdown for generated pages."""

from collections.abc import Iterable, Sequence

_ESCAPES = str.maketrans({"|": r"\|", "<": "&lt;", ">": "&gt;"})
_IN_CODE = str.maketrans({"|": r"\|"})


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown, in which bars and angle brackets are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    """Escape a cell: in code only the bar, which would end the cell, elsewhere also what would be read as a tag."""
    pieces = text.split("`")
    return "`".join(piece.translate(_IN_CODE if index % 2 else _ESCAPES) for index, piece in enumerate(pieces))


def codes(names: Iterable[str]) -> str:
    """Return names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def summary(documented: object) -> str:
    """Return the first line of a docstring as part of a sentence, "" where there is none."""
    first = (documented.__doc__ or "").strip().partition("\n")[0]
    return first[:1].lower() + first[1:].rstrip(".")
