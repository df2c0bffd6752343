"""Checks of the kinds of subjects that flows describe: each is known, and one flow describes it."""

from collections.abc import Iterator
from dataclasses import replace

from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath
from engine.reading.loader import LoadedFlow


def check_subjects(catalog: Catalog, hooks: Hooks) -> Catalog:
    """Report unknown kinds, those with two flows, and flows that lack a part of a life; return them as they were meant.

    There the flow of an unknown kind, or a life of no kind, describes the one that lacks a flow, of two flows only one
    has the kind, and a card is about what its flow describes: the mistake is reported once, and nothing that follows.
    """
    owners = _owners(catalog)
    unclaimed = [kind for kind in hooks.subjects if kind not in owners]
    lone = unclaimed[0] if len(unclaimed) == 1 else None
    flows = dict(catalog.flows)
    for name, flow in catalog.flows.items():
        kind, path = flow.file.subject, KeyPath(name, ("subject",))
        if kind is None:
            if flow.file.status and lone and "subject" not in catalog.raw_keys(name):
                flows[name] = _with_subject(flow, lone)
        elif owners[kind] != name:
            what = message('two flows describe the life of a "{kind}"', kind=kind)
            catalog.report(path, what, message("see {flow}", flow=owners[kind]))
            flows[name] = _with_subject(flow, None)
        elif kind not in hooks.subjects:
            catalog.report(path, message('unknown subject "{kind}"', kind=kind), did_you_mean(kind, hooks.subjects))
            flows[name] = _with_subject(flow, lone)
    whole = replace(catalog, flows={name: _with_card(catalog, flow) for name, flow in flows.items()})
    return replace(whole, lacking=whole.lacking | {*_without_life(whole)})


def _without_life(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Report flows of subjects that have no statuses and buttons for them; go through what they lack."""
    shown = {step.step.about for step in catalog.steps().values() if any(each.status for each in step.step.buttons)}
    for file in catalog.files():
        if file.subject in shown - {None} and "status" not in catalog.raw_keys(file.flow):
            what = message('"status" is missing: the life of a {kind}', kind=file.subject)
            hint = message("write it, or take the status buttons out")
            catalog.report(KeyPath(file.flow, ("subject",)), what, hint, key=True)
            yield "status", file.flow


def _with_card(catalog: Catalog, flow: LoadedFlow) -> LoadedFlow:
    """Return a flow whose card is about its subject; report where it says nothing of that."""
    file = flow.file
    card = file.steps.get(file.card or "")
    if card is None or file.subject is None or card.about:
        return flow
    what = message('the card must be a step "about: {kind}"', kind=file.subject)
    catalog.report(KeyPath(file.flow, ("card",)), what)
    steps = {**file.steps, str(file.card): card.model_copy(update={"about": file.subject})}
    where = ("steps", str(file.card))
    document = flow.document.with_value(where, {**flow.document.at(where), "about": file.subject})
    return replace(flow, file=file.model_copy(update={"steps": steps}), document=document)


def _owners(catalog: Catalog) -> dict[str, str]:
    """Return the flow that describes each kind: of two the one that has its statuses, else the first."""
    owners: dict[str, LoadedFlow] = {}
    for flow in catalog.flows.values():
        before = owners.get(flow.file.subject) if flow.file.subject else None
        if flow.file.subject and (before is None or (flow.file.status and not before.file.status)):
            owners[flow.file.subject] = flow
    return {kind: flow.file.flow for kind, flow in owners.items()}


def _with_subject(flow: LoadedFlow, kind: str | None) -> LoadedFlow:
    others = {key: value for key, value in flow.document.data.items() if key != "subject"}
    document = flow.document.with_value((), {**others, **({"subject": kind} if kind else {})})
    return replace(flow, file=flow.file.model_copy(update={"subject": kind}), document=document)
