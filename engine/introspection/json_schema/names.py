"""The names that the files of a folder, and the hooks, give to something."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.conversation import ANSWER, DRAFT, PERSON
from engine.hooks.registry import Hooks
from engine.language.dialog import Step
from engine.language.file import FlowFile
from engine.language.status import TIMER
from engine.reading.catalog import Catalog, filled_in, full_name
from engine.templates.shapes import IdOf, Number, of_model

_LOOP = re.compile(r"\{%-?\s*for\s+(\w+)\s+in\b")


@dataclass(frozen=True, slots=False)
class KnownNames:
    """What may be named in the file of one flow, as far as the folder could be read."""

    catalog: Catalog
    hooks: Hooks
    flow: str

    @property
    def file(self) -> FlowFile:
        """The flow's file."""
        return self.catalog.flows[self.flow].file

    @cached_property
    def own_steps(self) -> list[str]:
        """The steps of the flow, by their short names."""
        return sorted(self.catalog.raw_keys(self.flow, "steps"))

    @cached_property
    def steps(self) -> list[str]:
        """Every step, as this flow may name it."""
        every = {full_name(flow, step) for flow in self.catalog.flows for step in self.catalog.raw_keys(flow, "steps")}
        return [*self.own_steps, *sorted(every)]

    @cached_property
    def filled(self) -> list[str]:
        """The variables that have a value somewhere: the flow's own, the draft's and the person's."""
        found = set()
        for name, flow in self.catalog.flows.items():
            found |= {each for each in filled_in(flow.raw) if name == self.flow or each.startswith((DRAFT, PERSON))}
        return sorted(found)

    @cached_property
    def readable(self) -> list[str]:
        """What can be asked for: the variables, the draft as a whole, answers to questions, what is known of people."""
        person = {f"{PERSON}{field}" for field in self.hooks.person.fields}
        return sorted({*self.filled, "draft", *(f"{ANSWER}{each}" for each in self.questions), *person})

    @cached_property
    def questions(self) -> list[str]:
        """The questions of the flow's transitions."""
        return sorted({name for each in self.transitions_of(self.file) for name in each.ask})

    @staticmethod
    def transitions_of(file: FlowFile) -> Iterable[Any]:
        """Return the transitions of a file."""
        return file.status.transitions if file.status else ()

    @cached_property
    def transitions(self) -> list[str]:
        """The transitions of every flow: a button may be that of any subject's."""
        return sorted({each.name for file in self.catalog.files() for each in self.transitions_of(file)})

    @cached_property
    def statuses(self) -> list[str]:
        """The statuses of the flow's subject."""
        return sorted(self.catalog.raw_keys(self.flow, "status", "states"))

    @cached_property
    def own_notices(self) -> list[str]:
        """The notices of the flow."""
        return sorted(self.catalog.raw_keys(self.flow, "notices"))

    @cached_property
    def notices(self) -> list[str]:
        """The notices of every flow: a branch tells those of its subject's."""
        return sorted({name for flow in self.catalog.flows for name in self.catalog.raw_keys(flow, "notices")})

    @cached_property
    def lists(self) -> list[str]:
        """The fixed lists of every flow."""
        return sorted({name for flow in self.catalog.flows for name in self.catalog.raw_keys(flow, "lists")})

    @cached_property
    def subjects(self) -> list[str]:
        """The kinds of subjects."""
        return sorted(self.hooks.subjects)

    @cached_property
    def fields(self) -> list[str]:
        """The fields of the flow's subject that a transition may set."""
        port = self.hooks.subjects.get(self.file.subject or "")
        return sorted(port.fields.model_fields) if port else []

    @cached_property
    def choices(self) -> Mapping[str, list[str]]:
        """The variables that hold an item of a fixed list, with the values of that list."""
        items = {name: sorted(values) for file in self.catalog.files() for name, values in file.lists.items()}
        found: dict[str, list[str]] = {}
        for name, step in self.catalog.steps().items():
            choose = step.step.choose
            visible = choose and (choose.into.startswith((DRAFT, PERSON)) or name.startswith(f"{self.flow}."))
            if choose and visible and choose.from_.name in items and not choose.many:
                found.setdefault(choose.into, []).extend(items[choose.from_.name])
        return found

    @cached_property
    def numbered(self) -> list[str]:
        """The variables that hold a row of a source whose value is a number, such as an id."""
        found = set()
        for step in self.catalog.steps().values():
            choose = step.step.choose
            source = self.hooks.sources.get(choose.from_.name) if choose and not choose.many else None
            value = source.shape.fields.get("value") if source else None
            if choose and isinstance(value, Number | IdOf):
                found.add(choose.into)
        return sorted(found - self.choices.keys())

    @cached_property
    def asking(self) -> list[str]:
        """The steps that ask something, as this flow may name them."""
        found = [name for name, step in self.catalog.steps().items() if _asks(step.step)]
        own = [name.removeprefix(f"{self.flow}.") for name in found if name.startswith(f"{self.flow}.")]
        return sorted({*found, *own})

    @cached_property
    def timed(self) -> list[str]:
        """The transitions that time may make."""
        return sorted({each.name for each in self.transitions_of(self.file) if any(by.name == TIMER for by in each.by)})

    @cached_property
    def files(self) -> list[str]:
        """The variables that hold files."""
        inputs = [each.expect for each in self._expecting() if each.expect]
        return sorted({part.into for each in inputs for part in (each.photo, each.document) if part})

    @cached_property
    def typed(self) -> list[str]:
        """The variables that hold typed words, and nothing that was chosen."""
        inputs = [each.expect for each in self._expecting() if each.expect]
        chosen = {step.step.choose.into for step in self.catalog.steps().values() if step.step.choose}
        return sorted({each.text.into for each in inputs if each.text} - chosen)

    def _expecting(self) -> Iterator[Any]:
        yield from (step.step for step in self.catalog.steps().values())
        yield from (entry for file in self.catalog.files() for entry in file.anywhere)

    @cached_property
    def printable(self) -> Mapping[str, list[str]]:
        """The fields of what words print: of subjects, people and drafts."""
        subjects = {kind: [*of_model(port.view).fields] for kind, port in self.hooks.subjects.items()}
        draft = [each.removeprefix(DRAFT) for each in self.filled if each.startswith(DRAFT)]
        own = [each.removeprefix(PERSON) for each in self.filled if each.startswith(PERSON)]
        person = [*self.hooks.person.fields]
        return {**subjects, "draft": draft, "person": [*person, *own], "actor": person}

    @cached_property
    def labels(self) -> list[str]:
        """The lists that have labels, those of statuses among them."""
        return sorted(self.catalog.labels())

    @cached_property
    def in_words(self) -> list[str]:
        """The names that words may begin with in braces; of the variables of people and drafts, their owners."""
        own = {name for name in self.filled if "." not in name}
        loops = {name for flow in self.catalog.flows.values() for name in _LOOP.findall(str(flow.raw))}
        given = {"draft", "person", "actor", "answer", "row", "min", "max", "length", "max_mb", "loop"}
        sources = {*self.hooks.sources, *self.hooks.file_sources}
        return sorted(own | loops | given | sources | {*self.subjects, "not", "true", "false", "none", "True", "False"})


def _asks(step: Step) -> bool:
    """Return whether a step takes an answer: by what is sent, chosen, or given back to one of its buttons."""
    return bool(step.choose or step.model_fields_set & {"expect"} or any(each.into for each in step.buttons))
