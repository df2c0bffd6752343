"""What is wrong with scenarios that could be read: names of people and roles that do not exist."""

from collections.abc import Collection, Iterable, Iterator

from engine.i18n import message
from engine.language.scenario import Line
from engine.problems import Problem, did_you_mean
from engine.reading.scenarios import LoadedScenario
from engine.reading.yaml_reader import Location


def check_scenarios(scenarios: Iterable[LoadedScenario], roles: Collection[str]) -> Iterator[Problem]:
    """Yield the mistakes; `roles` are those that people can have."""
    names: dict[str, str] = {}
    for each in scenarios:
        yield from _people(each, roles)
        yield from _lines(each)
        title = each.file.scenario
        if title in names:
            what = message('the scenario "{title}" stands in two files', title=title)
            yield Problem(each.position(("scenario",)), what, message("see {file}", file=names[title]))
        names.setdefault(title, each.document.path)


def _people(scenario: LoadedScenario, roles: Collection[str]) -> Iterator[Problem]:
    for name, player in scenario.file.people.items():
        if player.role not in roles:
            where = scenario.position(("people", name, "role"))
            what = message('there is no role "{name}"', name=player.role)
            yield Problem(where, what, did_you_mean(player.role, roles))


def _lines(scenario: LoadedScenario) -> Iterator[Problem]:
    known = scenario.file.people.keys()
    for index, line in enumerate(scenario.file.talk):
        found: set[str] = set()
        for location, name in _named(("talk", index), line):
            if name in known or name in found:
                continue
            found.add(name)
            where = scenario.position(location, key=True)
            what = message('nobody is called "{name}" in this scenario', name=name)
            yield Problem(where, what, did_you_mean(name, known))


def _named(at: Location, line: Line) -> Iterator[tuple[Location, str]]:
    """Go through the people that a line names, and where."""
    for name in line.acts:
        yield (*at, "acts", name), name
    for number, acts in enumerate(line.together):
        yield from (((*at, "together", number, name), name) for name in acts)
    for key, seen in (("sees", line.sees), ("unseen", line.unseen)):
        yield from (((*at, key, name), name) for name in seen)
    if line.telegram and line.telegram.to:
        yield (*at, "telegram", "to"), line.telegram.to
