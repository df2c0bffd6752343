"""Every place where a flow names something that hooks declare: the hooks themselves, their inputs and outcomes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from engine.check.calls import HookCall, hook_calls, is_outcome, names_of
from engine.check.references import Definition, Names, Reference, call_reference
from engine.check.texts import Words
from engine.conversation import ANSWER
from engine.hooks.declarations import answer_of
from engine.hooks.inputs import INCOMPLETE, inputs_of
from engine.hooks.registry import Hooks
from engine.i18n import Message, message
from engine.language.base import Call
from engine.language.status import Transition
from engine.reading.catalog import Catalog, KeyPath, outcome_branches

INPUT, OUTCOME, FIELD, QUESTION = message("input"), message("outcome"), message("field"), message("question")
CALLED: Mapping[str, Message] = {
    "guard": message("guard"),
    "role": message("role"),
    "audience": message("role"),
    "action": message("action"),
    "source": message("source"),
    "source of rows": message("source of rows"),
    "source of files": message("source of files"),
}
"""What a hook is called as, in words for people."""


def hook_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return where hooks are called; no flow gives them their names."""
    known = {kind: frozenset(names_of(hooks, kind)) for kind in CALLED}
    # Nobody can be told as some roles, which is a mistake of another kind.
    known["audience"] = known["role"]
    choices = {step.path.inside("choose", "from") for step in catalog.steps().values()}
    return [], [
        call_reference(CALLED[each.kind], each.call, each.path, known[each.kind])
        for each in hook_calls(catalog)
        if each.path not in choices
    ]


def input_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return the inputs and constants that hooks are given by their names."""
    return [], [reference for each in hook_calls(catalog) for reference in _inputs(each, hooks)]


def _inputs(each: HookCall, hooks: Hooks) -> Iterator[Reference]:
    hook, arguments = each.hook(hooks), each.call.arguments
    if hook is None or not isinstance(arguments, Mapping) or hook.parameters.model_config.get("extra") == "allow":
        return
    known = frozenset({*inputs_of(hook.inputs), *hook.parameters.model_fields})
    name = f"not {each.call.name}" if each.call.negated else each.call.name
    yield from _keys(INPUT, arguments, each.path.inside(name), known)


def outcome_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return the outcomes of actions that branches and transitions lead on from."""
    references: list[Reference] = []
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            if not is_outcome(at, outcome):
                references += _outcomes(hooks, branch.do, branch.otherwise, path)
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", index))
            references += _outcomes(hooks, transition.do, transition.otherwise, path)
    return [], references


def _outcomes(hooks: Hooks, do: Call | None, handled: Mapping[str, object], path: KeyPath) -> Iterator[Reference]:
    action = hooks.actions.get(do.name) if do else None
    if action:
        known = action.outcomes | ({INCOMPLETE} if action.is_demanding else frozenset())
        yield from _keys(OUTCOME, handled, path.inside("else"), known)


def field_names(catalog: Catalog, hooks: Hooks) -> Names:
    """Return the fields of subjects that transitions set."""
    references: list[Reference] = []
    for file, status in catalog.statuses():
        port = hooks.subjects.get(file.subject or "")
        for index, transition in enumerate(status.transitions if port else ()):
            path = KeyPath(file.flow, ("status", "transitions", index, "set"))
            references += _keys(FIELD, transition.set, path, frozenset(port.fields.model_fields if port else ()))
    return [], references


def question_names(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> Names:
    """Return the questions of transitions, and where their answers are used: set, given to the action, printed."""
    printed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in words:
        if each.path.location[0] == "notices":
            printed[each.path.flow, str(each.path.location[1])] |= {
                name.removeprefix(ANSWER) for name in each.uses if name.startswith(ANSWER)
            }
    definitions: list[Definition] = []
    references: list[Reference] = []
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            path, space = KeyPath(file.flow, ("status", "transitions", index)), f"{file.flow} {index}"
            known = frozenset(transition.ask)
            definitions += (Definition(QUESTION, name, path.inside("ask", name), space) for name in transition.ask)
            used = [(path.inside("set", field), value, False) for field, value in transition.set.items()]
            used += [(path, f"{ANSWER}{name}", True) for tell in transition.tell for name in printed[file.flow, tell]]
            references += (
                Reference(QUESTION, value.removeprefix(ANSWER), where, known, space, prefix=ANSWER, fixed=fixed)
                for where, value, fixed in used
                if value.startswith(ANSWER)
            )
            references += _given_answers(transition, path, hooks, space)
    return definitions, references


def _given_answers(transition: Transition, path: KeyPath, hooks: Hooks, space: str) -> Iterator[Reference]:
    """Go through the answers that the action of a transition takes."""
    do = transition.do
    action = hooks.actions.get(do.name) if do else None
    if do is None or action is None:
        return
    given = do.arguments if isinstance(do.arguments, Mapping) else {}
    for name, variable in action.variables(given, answer_of).items():
        if variable.startswith(ANSWER):
            where = path.inside("do", do.name, name) if name in given else path
            answer, known = variable.removeprefix(ANSWER), frozenset(transition.ask)
            yield Reference(QUESTION, answer, where, known, space, prefix=ANSWER, fixed=name not in given)


def _keys(kind: Message, written: Mapping[str, object], path: KeyPath, known: frozenset[str]) -> Iterator[Reference]:
    """Go through the keys of a block; a key is not meant to be one that is there already."""
    for name in written:
        yield Reference(kind, name, path.inside(name), known if name in known else known - written.keys(), key=True)
