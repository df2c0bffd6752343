"""Draw flows and lives as Mermaid, for docs and for those who would rather see than read."""

from collections.abc import Iterator

from engine.book import Book, WayAt, full_name, turns
from engine.language.file import FlowFile


def mermaid(book: Book) -> str:
    """Return a flowchart of every flow and a state diagram of every life, as Markdown with Mermaid blocks."""
    parts: list[str] = []
    for file in book.files():
        parts += [f"## {file.flow}", _block(_flowchart(book, file))]
        if file.status:
            parts += [f"## {file.subject}: statuses", _block(_life(file))]
    return "\n\n".join(parts) + "\n"


def _block(lines: Iterator[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```"])


def _flowchart(book: Book, file: FlowFile) -> Iterator[str]:
    yield "flowchart TD"
    for name in file.steps:
        yield f'    {_node(f"{file.flow}.{name}")}["{name}"]'
    seen: set[str] = set()
    for at in book.ways():
        if at.place.flow == file.flow:
            for line in _arrows(at):
                if line not in seen:
                    seen.add(line)
                    yield line


def _arrows(at: WayAt) -> Iterator[str]:
    start = _node(at.step.name) if at.step else _entry(at)
    for outcome, way, place in turns(at):
        label = f"{at.key}: {outcome}" if outcome else at.key
        for target, arrow in ((way.go, "-->"), (way.edit, "-. edit .->"), (way.call, "-. call .->")):
            if target:
                name = full_name(place.flow, target)
                where = _node(name) if name.startswith(f"{place.flow}.") else f'{_node(name)}(["{name}"])'
                yield f'    {start} {arrow}|"{label}"| {where}' if arrow == "-->" else f"    {start} {arrow} {where}"


def _entry(at: WayAt) -> str:
    """Return the node of what opens a way: a command, a notice, a reply."""
    words = f"notice {at.notice.partition('!')[2]}" if at.notice else at.key.replace("command:", "/")
    return f'{_node(at.notice or at.key)}(("{words}"))'


def _node(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name)


def _life(file: FlowFile) -> Iterator[str]:
    if not file.status:
        return
    yield "stateDiagram-v2"
    yield f"    [*] --> {file.status.initial}"
    for name, state in file.status.states.items():
        yield f"    {name}: {state.label}"
    for transition in file.status.transitions:
        for source in transition.from_:
            yield f"    {source} --> {transition.to}: {transition.name}"
    left = {source for transition in file.status.transitions for source in transition.from_}
    for name in file.status.states:
        if name not in left:
            yield f"    {name} --> [*]"
