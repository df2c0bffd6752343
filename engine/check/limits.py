"""Checks of what Telegram takes of keyboards and commands: buttons in all and in a row, commands and their labels."""

from collections.abc import Iterator, Sequence

from engine.i18n import message
from engine.language.dialog import Button
from engine.reading.catalog import Catalog, KeyPath, StepAt

BUTTONS = 100
"""Buttons under a message, by the Bot API."""
IN_A_ROW = 8
"""Buttons in a row, by Telegram's apps."""
COMMANDS = 100
"""Commands in the menu, by the Bot API."""
COMMAND_LENGTH = 32
"""Characters of a command, by the Bot API."""
PAGE_BUTTONS = 2


def check_limits(catalog: Catalog) -> None:
    """Report keyboards and commands that Telegram would refuse."""
    for step in catalog.steps().values():
        transitions = _transitions(catalog, step)
        _check_buttons(catalog, step.step.buttons, step.path.inside("buttons"), _rows(step), transitions)
    for _, _, notice, path in catalog.notices():
        _check_buttons(catalog, notice.buttons, path.inside("buttons"), 0, 0)
    _check_commands(catalog)


def _transitions(catalog: Catalog, step: StepAt) -> int:
    """Return how many buttons "all" of the status transitions may be."""
    flow = catalog.subject_flow(step.step.about or "")
    return len(flow.status.transitions) if flow and flow.status else 0


def _rows(step: StepAt) -> int:
    """Return how many buttons the rows of a step may be, with those that turn their pages."""
    rows = step.step.choose or step.step.list_
    return rows.page + PAGE_BUTTONS if rows else 0


def _check_buttons(catalog: Catalog, buttons: Sequence[Button], path: KeyPath, rows: int, transitions: int) -> None:
    in_all, beside = rows, 0
    for index, (number, starts_a_row) in enumerate(_sizes(buttons, transitions)):
        before, in_all = in_all, in_all + number
        if before <= BUTTONS < in_all:
            what = message("a message has {limit} buttons at most, rows and their pages counted", limit=BUTTONS)
            catalog.report(path.inside(index), what, message("lead to a second step with the others"))
        beside = 1 if starts_a_row else beside + 1
        if beside == IN_A_ROW + 1:
            what = message("a row has {limit} buttons at most", limit=IN_A_ROW)
            catalog.report(
                path.inside(index, "beside"), what, message('take out "beside" here: a new row begins'), key=True
            )


def _sizes(buttons: Sequence[Button], transitions: int) -> Iterator[tuple[int, bool]]:
    """Go through the buttons: how many each may be, and whether it starts a row."""
    for button in buttons:
        # Of the buttons of transitions few are there at a time; which, the check cannot tell.
        yield (transitions if button.status == "all" else 1), not button.beside


def _check_commands(catalog: Catalog) -> None:
    in_the_menu: set[str] = set()
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            path = KeyPath(file.flow, ("anywhere", index))
            if entry.command and len(entry.command) > COMMAND_LENGTH:
                what = message("a command has {limit} characters at most", limit=COMMAND_LENGTH)
                catalog.report(path.inside("command"), what, message("shorten it"))
            if entry.command and entry.label and entry.command not in in_the_menu:
                in_the_menu.add(entry.command)
                if len(in_the_menu) == COMMANDS + 1:
                    what = message("the menu has {limit} commands at most", limit=COMMANDS)
                    catalog.report(
                        path.inside("label"), what, message("leave out some labels: such commands still work")
                    )
