"""The lifecycle of a subject: statuses, transitions between them, and notices."""

from typing import Literal

from pydantic import Field, model_validator

from engine.durations import Duration
from engine.i18n import message
from engine.language.base import CallForm, Calls, Model, Name, OneOrMany, StepName, TemplateText
from engine.language.dialog import BranchForm, Button
from engine.problems import UnfitError

TIMER = "timer"
"""The name, under `by`, for a transition that a timer may make."""
Stage = Literal["waiting", "active", "paused", "done", "dropped"]


class Deadline(Model):
    """What happens when a subject has been in a status for some time: notices, or a transition."""

    name: Name | None = Field(default=None, description="tells two deadlines of a status apart")
    in_: Duration = Field(alias="in", description="how long after coming into the status")
    repeat: Duration | None = Field(default=None, description="again every so often, until the status ends")
    when: Calls = Field(default=[], description="guards that must all hold then; they are asked about no person")
    tell: OneOrMany[Name] = Field(default=[], description="notices to send")
    make: Name | None = Field(default=None, description="a transition to make; timer stands in its by")

    @model_validator(mode="after")
    def _does_something(self) -> "Deadline":
        if not self.tell and not self.make:
            raise UnfitError(message('needs "tell" or "make": what happens then?'))
        return self


class State(Model):
    """A status. Reports and queues use its stage."""

    label: str = Field(max_length=40, description="how people call it")
    icon: str = Field(default="", max_length=8, description="an emoji to know it by")
    stage: Stage = Field(description="what reports and queues take it for")
    after: OneOrMany[Deadline] = Field(default=[], description="deadlines, counted from coming into the status")


class Transition(Model):
    """A change of status."""

    name: Name = Field(description="how buttons, history and snapshots know it")
    label: TemplateText = Field(description="what its button says")
    from_: OneOrMany[Name] = Field(alias="from", description="the statuses it leads from")
    to: Name = Field(description="the status it leads to")
    by: Calls = Field(description="roles and relations, one of which the person must have; timer: time itself")
    when: Calls = Field(default=[], description="guards that must all hold besides")
    ask: dict[Name, StepName] = Field(default={}, description="sub-dialogs to go through first; answer.<name> after")
    set: dict[Name, str] = Field(default={}, description="fields to set: actor, now, nothing, or answer.<name>")
    do: CallForm | None = Field(default=None, description="an action of the same transaction, before the change")
    otherwise: dict[Name, BranchForm] = Field(
        default={}, alias="else", description="what is done instead on each named outcome of the action"
    )
    tell: OneOrMany[Name] = Field(default=[], description="notices to send")
    say: TemplateText | None = Field(default=None, description="one line of answer to who made it")
    late: TemplateText | None = Field(default=None, description="said to who presses it too late")


class Status(Model):
    """The statuses of a subject and the transitions between them."""

    initial: Name = Field(description="the status of a new subject")
    moved: dict[Name, Name] = Field(default={}, description="removed statuses and what stands for them now")
    states: dict[Name, State] = Field(description="the statuses by their names")
    transitions: list[Transition] = Field(description="the changes there are, in the order of their buttons")


class Notice(Model):
    """A message to other people: with a text of its own, or with the live card of the subject."""

    to: Calls = Field(description="roles and relations whose people are told; whoever caused it is not")
    text: TemplateText | None = Field(default=None, description="what it says")
    show: Literal["card"] | None = Field(default=None, description="show the flow's card instead of words")
    buttons: list[Button] = Field(default=[], description="under the words; not with a card, which has its own")

    @model_validator(mode="after")
    def _one_content(self) -> "Notice":
        if (self.text is None) == (self.show is None):
            raise UnfitError(message('needs either "text" or "show: card"'))
        return self
