"""The result as a Markdown table, with what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.talk import UPDATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.rounds import Course, Score

COUNTED = """\
Updates a second through `Dispatcher.feed_update`, median of {rounds} rounds that took turns after a warm-up:
{dialogs} dialogs of {updates} updates each (/new, description, place, category, priority, send → request filed),
{in_flight} at the same time; each person waits for the screen before going on. A round ends when every message of it
has been sent and recorded. Telegram is a fake session that answers at once. Every commit reaches the disk."""

HEAD = (
    "| contender | survives a crash | updates/s | rounds | calls per update | ours is |",
    "|---|---|---|---|---|---|",
)


def table(pairs: Sequence[tuple[Score, Sequence[Score]]], course: Course) -> str:
    """Return the table: our bot on each database, followed by those it is compared with there."""
    counted = COUNTED.format(rounds=course.rounds, dialogs=course.dialogs, updates=UPDATES, in_flight=course.in_flight)
    return "\n".join([counted, "", *HEAD, *_lines(pairs)])


def _lines(pairs: Sequence[tuple[Score, Sequence[Score]]]) -> Iterator[str]:
    for ours, others in pairs:
        yield _line(ours, "")
        for other in others:
            yield _line(other, f"{ours.rate / other.rate:.2f} ×")


def _line(score: Score, ratio: str) -> str:
    spread = f"{min(score.rates):.0f}…{max(score.rates):.0f}"
    contender = score.contender
    return f"| {contender.name} | {contender.keeps} | {score.rate:.0f} | {spread} | {score.calls:.1f} | {ratio} |"
