"""Checks of the kinds of subjects that flows describe: each is known, and one flow describes it."""

from dataclasses import replace

from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath
from engine.reading.loader import LoadedFlow


def check_subjects(catalog: Catalog, hooks: Hooks) -> Catalog:
    """Report unknown kinds and those with two flows; return the catalog to check further.

    There the flow of an unknown kind describes the one that lacks a flow, and of two flows only one has the kind, so
    that the mistake is reported once, and not everything that refers to the kind.
    """
    owners = _owners(catalog)
    lacking = [kind for kind in hooks.subjects if kind not in owners]
    flows = dict(catalog.flows)
    for flow in catalog.flows.values():
        kind, path = flow.file.subject, KeyPath(flow.file.flow, ("subject",))
        if kind is None:
            continue
        if owners[kind] != flow.file.flow:
            catalog.report(
                path,
                message('two flows describe the life of a "{kind}"', kind=kind),
                message("see {flow}", flow=owners[kind]),
            )
            flows[flow.file.flow] = _with_subject(flow, None)
        elif kind not in hooks.subjects:
            catalog.report(path, message('unknown subject "{kind}"', kind=kind), did_you_mean(kind, hooks.subjects))
            flows[flow.file.flow] = _with_subject(flow, lacking[0] if len(lacking) == 1 else None)
    return Catalog(flows, catalog.partial, catalog.problems)


def _owners(catalog: Catalog) -> dict[str, str]:
    """Return the flow that describes each kind: of two the one that has its statuses, else the first."""
    owners: dict[str, LoadedFlow] = {}
    for flow in catalog.flows.values():
        before = owners.get(flow.file.subject) if flow.file.subject else None
        if flow.file.subject and (before is None or (flow.file.status and not before.file.status)):
            owners[flow.file.subject] = flow
    return {kind: flow.file.flow for kind, flow in owners.items()}


def _with_subject(flow: LoadedFlow, kind: str | None) -> LoadedFlow:
    return replace(flow, file=flow.file.model_copy(update={"subject": kind}))
