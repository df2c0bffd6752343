"""Where variables are filled and where they are read, and what is misspelt or lost between the two."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from engine.check.calls import HookCall, hook_calls
from engine.check.inputs import missed_answers
from engine.check.misspelt import Rename, occurrences, renamed
from engine.check.questions import lost_answers
from engine.check.texts import Words
from engine.conversation import ANSWER
from engine.hooks.registry import HAS, IS, Hooks
from engine.i18n import counted, message
from engine.language.dialog import Branch, Expect
from engine.letters import latin
from engine.problems import did_you_mean, is_one_edit, nearest
from engine.reading.catalog import Catalog, KeyPath, outcome_branches

OWNERS = ("draft", "person")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a variable is filled or read, by a key or a value; one that is not `written` can not be changed.

    What is only emptied is mentioned, and not read.
    """

    name: str
    path: KeyPath
    key: bool = False
    written: bool = True
    read: bool = True


def correct_variables(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> Catalog:
    """Report variables that are filled and never read, and misspelt ones; return the flows as they were meant."""
    if not catalog.complete():
        return catalog
    filled, read = _by_variable(_filled(catalog)), _by_variable(readings(catalog, hooks, words))
    missed = {*missed_variables(catalog, hooks), *(_home(flow, name) for flow, name in lost_answers(catalog))}
    renames: list[Rename] = []
    for variable in filled:
        if not any(each.read for each in read.get(variable, ())):
            renames += _unread(catalog, hooks, variable, filled, read, missed)
    settled = {_home(each.path.flow, each.meant) for each in renames}
    unfilled: set[_Variable] = set()
    for variable, mentions in read.items():
        if variable in filled or variable in settled:
            continue
        written = [each for each in mentions if each.written]
        near = nearest(variable[1], {short for whose, short in filled if whose == variable[0]})
        if near and (len(written) < 2 or is_one_edit(latin(variable[1]), near)):
            renames += _unfilled(catalog, variable[1], near, written)
        elif len(written) > 1:
            unfilled.add(variable)
            _report_unfilled(
                catalog, min(written, key=lambda each: catalog.position(each.path, key=each.key)), len(mentions)
            )
    if unfilled:
        catalog = replace(catalog, unfilled=catalog.unfilled | unfilled)
    return renamed(catalog, renames)


def _report_unfilled(catalog: Catalog, first: Mention, number: int) -> None:
    what = counted(
        '{number} place reads the variable "{name}", and nothing fills it',
        '{number} places read the variable "{name}", and nothing fills it',
        number,
        name=first.name,
    )
    catalog.report(first.path, what, message('ask for it: "into: {name}"', name=first.name), key=first.key)


_Variable = tuple[str, str]
"""Whose it is, a flow's, the draft's or a person's, and its name."""


def _by_variable(mentions: Iterable[Mention]) -> dict[_Variable, list[Mention]]:
    found: dict[_Variable, list[Mention]] = defaultdict(list)
    for each in mentions:
        found[_home(each.path.flow, each.name)].append(each)
    return dict(found)


def _home(flow: str, name: str) -> _Variable:
    owner, _, short = name.rpartition(".")
    return owner or flow, short


def _unread(
    catalog: Catalog,
    hooks: Hooks,
    variable: _Variable,
    filled: Mapping[_Variable, list[Mention]],
    read: Mapping[_Variable, list[Mention]],
    missed: Set[_Variable],
) -> Iterator[Rename]:
    owner, name = variable
    if name in (hooks.person.fields if owner == "person" else () if owner == "draft" else _printed_names(hooks)):
        # Words would print something else by the name, which is reported as such.
        return
    others = {short for whose, short in read if whose == owner} - _printed_names(hooks) - {name}
    near = nearest(name, others)
    if near is None and variable in missed:
        # That an action takes nothing of it, or that it leads nowhere, is reported as such.
        return
    if near and (owner, near) not in filled and not _is_meant(catalog, variable, near, filled, read):
        return
    places = filled[variable] if near else filled[variable][:1]
    for each in places:
        what = message('nothing reads the variable "{name}"', name=each.name)
        meant = f"{each.name.removesuffix(name)}{near}"
        hint = did_you_mean(each.name, [meant]) if near else message("print it or give it to an action, or take it out")
        catalog.report(each.path, what, hint, key=each.key)
        if near:
            yield Rename(each.path, meant, each.key)


def _is_meant(
    catalog: Catalog,
    variable: _Variable,
    near: str,
    filled: Mapping[_Variable, list[Mention]],
    read: Mapping[_Variable, list[Mention]],
) -> bool:
    """Return whether a name that nothing fills is right where it is read, and misspelt where it is filled."""
    reads, fills = len(read[variable[0], near]), len(filled[variable])
    return reads > fills or (reads == fills and occurrences(catalog, near) > occurrences(catalog, variable[1]))


def _unfilled(catalog: Catalog, name: str, near: str, mentions: list[Mention]) -> Iterator[Rename]:
    for each in mentions:
        meant = f"{each.name.removesuffix(name)}{near}"
        what = message('nothing fills the variable "{name}"', name=each.name)
        catalog.report(each.path, what, did_you_mean(each.name, [meant]), key=each.key)
        yield Rename(each.path, meant, each.key)


def missed_variables(catalog: Catalog, hooks: Hooks) -> Iterator[_Variable]:
    """Go through the variables of answers that go past the action for which they are asked."""
    for each in hook_calls(catalog):
        if each.kind == "action" and (hook := each.hook(hooks)):
            variables = hook.variables(each.call.arguments, each.default(hooks))
            yield from (_home(each.path.flow, name) for name in missed_answers(each, hook, variables))


def _printed_names(hooks: Hooks) -> set[str]:
    """Return the names that words print something else by than a variable."""
    return {"draft", "person", "actor", "answer", "row", "loop", *hooks.subjects, *hooks.sources}


def _filled(catalog: Catalog) -> Iterator[Mention]:
    for step in catalog.steps().values():
        yield from filled_by(step.step.expect, step.path.inside("expect"))
        if step.step.choose:
            yield Mention(step.step.choose.into, step.path.inside("choose", "into"))
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            path = KeyPath(file.flow, ("anywhere", index))
            yield from filled_by(entry.expect or Expect(), path.inside("expect"))
            if entry.value:
                yield Mention(entry.value, path.inside("value"))
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            yield from _filled_on(branch, path)


def _filled_on(branch: Branch, path: KeyPath) -> Iterator[Mention]:
    if branch.into:
        yield Mention(branch.into, path.inside("into"))
    for name in branch.set:
        yield Mention(name, path.inside("set", name), key=True)
    for name, target in branch.move.items():
        yield Mention(target, path.inside("move", name))


def filled_by(expect: Expect, path: KeyPath) -> Iterator[Mention]:
    """Go through the variables that something sent goes into; `path` is that of `expect`."""
    if expect.text:
        yield Mention(expect.text.into, path.inside("text", "into"))
    for kind, files in (("photo", expect.photo), ("document", expect.document)):
        if files:
            yield Mention(files.into, path.inside(kind, "into"))
            if files.caption:
                yield Mention(files.caption.into, path.inside(kind, "caption", "into"))


def readings(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> Iterator[Mention]:
    """Go through the places where variables are read, or only emptied."""
    for each in words:
        for name in each.uses:
            yield Mention(name, each.path, written=False)
    for step in catalog.steps().values():
        for name in step.step.needs:
            yield Mention(name, step.path.inside("needs", name), key=True)
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            yield from _read_on(branch, path)
    for call in hook_calls(catalog):
        yield from _read_by(call, hooks)


def _read_on(branch: Branch, path: KeyPath) -> Iterator[Mention]:
    if branch.give:
        yield Mention(branch.give, path.inside("give"))
    for name in branch.move:
        yield Mention(name, path.inside("move", name), key=True)
    for index, name in enumerate(branch.forget):
        if name not in OWNERS:
            yield Mention(name, path.inside("forget", index), read=False)


def _read_by(each: HookCall, hooks: Hooks) -> Iterator[Mention]:
    """Go through the variables that a hook reads: those that it is given by name, and those that it takes itself."""
    hook, arguments = each.hook(hooks), each.call.arguments
    path = each.path.inside(f"not {each.call.name}" if each.call.negated else each.call.name)
    if hook is None:
        return
    if each.call.name == HAS:
        name = arguments.get("name") if isinstance(arguments, Mapping) else arguments
        if isinstance(name, str) and name not in OWNERS:
            yield Mention(name, path.inside("name"))
    elif each.call.name == IS and isinstance(arguments, Mapping):
        for name in arguments:
            yield Mention(str(name), path.inside(name), key=True)
    else:
        given = arguments if isinstance(arguments, Mapping) else {}
        for name, variable in hook.variables(arguments, each.default(hooks)).items():
            if not variable.startswith(ANSWER):
                yield Mention(variable, path.inside(name) if name in given else each.path, written=name in given)
