"""Checks of files: a start and phrases in exactly one, and the keys that a flow with a subject needs."""

from engine.i18n import Message, joined_by_and, message
from engine.reading.catalog import Catalog, KeyPath


def check_files(catalog: Catalog) -> None:
    """Report what is missing or duplicate."""
    _at_most_one(catalog, "draft")
    _exactly_one(catalog, "start", message('no flow has a "start"'), message('say in one flow: "start: menu"'))
    _exactly_one(
        catalog, "phrases", message('no flow has "phrases"'), message("one flow holds what the bot says by itself")
    )
    lists: dict[str, str] = {}
    for file in catalog.files():
        here = KeyPath(file.flow, ())
        for name in file.lists:
            if name in lists:
                what = message('the list "{name}" stands in two flows', name=name)
                catalog.report(here.inside("lists", name), what, message("see {flow}", flow=lists[name]), key=True)
            lists.setdefault(name, file.flow)
        lacks = [key for key in ("subject", "card", "may_see") if key not in catalog.raw_keys(file.flow)]
        if file.status and lacks:
            hint = message("add {keys} to this flow", keys=joined_by_and(lacks))
            catalog.report(
                here.inside("status"), message("a status section needs to know whose life it describes"), hint, key=True
            )
        if file.subject and file.card in file.steps and file.steps[file.card].about != file.subject:
            catalog.report(here.inside("card"), message('the card must be a step "about: {kind}"', kind=file.subject))


def _exactly_one(catalog: Catalog, name: str, missing: Message, hint: Message) -> None:
    having = [file.flow for file in catalog.files() if getattr(file, name)]
    if not having and catalog.complete():
        catalog.report(KeyPath(_front_door(catalog), ()), missing, hint)
    _at_most_one(catalog, name)


def _at_most_one(catalog: Catalog, name: str) -> None:
    having = [file.flow for file in catalog.files() if getattr(file, name)]
    for flow in having[1:]:
        catalog.report(
            KeyPath(flow, (name,)),
            message('"{name}" stands in two flows', name=name),
            message("see {flow}", flow=having[0]),
            key=True,
        )


def _front_door(catalog: Catalog) -> str:
    """Return the flow in which what is needed once most likely belongs: where the rest of it is."""
    files = list(catalog.files())
    doors = [file for file in files if file.start or file.phrases]
    doors += [file for file in files if any(each.command == "start" for each in file.anywhere)]
    return next(iter([*doors, *files])).flow
