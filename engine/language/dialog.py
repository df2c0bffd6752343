"""Steps of a dialog: what they say, what they expect, and the branches that lead on."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from engine.durations import Duration
from engine.i18n import message
from engine.language.base import CallForm, Calls, Model, Name, OneOrMany, StepName, TemplateText, Variable
from engine.problems import UnfitError

MEGABYTE = 1024 * 1024
NAVIGATIONS = ("go", "edit", "call", "give", "back", "cancel")
"""The keys of a branch that say where it leads."""


class Send(Model):
    """Files to send, from a source of files."""

    from_: CallForm = Field(alias="from", description="the source of the files")
    caption: TemplateText | None = Field(
        default=None, description="words under the first file; 1024 characters at most"
    )


class Branch(Model):
    """Where a button, an answer, a row or a command leads, and what it does."""

    when: Calls = Field(default=[], description="guards that must all hold; without them the way is closed")
    do: CallForm | None = Field(default=None, description="the action to run first")
    otherwise: dict[Name, "BranchForm"] = Field(
        default={}, alias="else", description="where to go on each named outcome of the action"
    )
    go: StepName | None = Field(default=None, description="the step to go to; of another flow: flow.step")
    edit: StepName | None = Field(default=None, description="answer that step again and come back here")
    call: StepName | None = Field(default=None, description="a sub-dialog that gives a value back")
    into: Variable | None = Field(default=None, description="where the value of the called sub-dialog goes")
    give: Variable | None = Field(default=None, description="end this sub-dialog with the value of this variable")
    close: bool = Field(default=False, description="with go: this dialog ends, there is no way back into it")
    back: bool = Field(default=False, description="return to where the person came from")
    cancel: bool = Field(default=False, description="leave this dialog")
    with_: dict[Name, Name] = Field(
        default={}, alias="with", description="what the next step is about: kind: field of the row"
    )
    set: dict[Variable, str | int | bool] = Field(default={}, description="variables and their new constants")
    move: dict[Variable, Variable] = Field(
        default={}, description="variables, and those of the draft or the person that get their values instead"
    )
    forget: OneOrMany[Variable | str] = Field(default=[], description="variables to empty; draft empties the draft")
    send: Send | None = Field(default=None, description="files to send besides")
    tell: OneOrMany[Name] = Field(default=[], description="notices of the subject's flow to send")
    say: TemplateText | None = Field(default=None, description="one line of answer; a toast after a press")

    def navigation(self) -> str | None:
        """Return the key that says where the branch leads, None where the person stays in the step."""
        return next((key for key in NAVIGATIONS if getattr(self, key)), None)

    @model_validator(mode="after")
    def _one_navigation(self) -> "Branch":
        named = [key for key in NAVIGATIONS if getattr(self, key)]
        if len(named) > 1:
            raise UnfitError(
                message(
                    "a way leads in one direction, not in {number}: {keys}", number=len(named), keys=", ".join(named)
                )
            )
        if self.into and not self.call:
            raise UnfitError(message('"into" belongs to "call"'))
        if self.close and not self.go:
            raise UnfitError(message('"close" belongs to "go"'))
        return self


def _as_branch(value: Any) -> Any:
    return {"go": value} if isinstance(value, str) else value


BranchForm = Annotated[Branch, BeforeValidator(_as_branch), Field(json_schema_extra={"x-name-for-short": True})]


class Button(Branch):
    """A button under the text of a step or a notice."""

    text: TemplateText | None = Field(
        default=None, description="what the button says; a status button says its transition"
    )
    name: Name | None = Field(default=None, description="tells two buttons of one direction apart")
    beside: bool = Field(default=False, description="stands in one row with the button before it")
    status: Name | None = Field(
        default=None, description="a status transition, or all: every one this person may make now"
    )
    columns: int = Field(default=1, ge=1, le=4, description="of status buttons: how many stand in a row")
    next_: bool = Field(
        default=False, alias="next", description="the answer is complete: go on as the step's next says"
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Button":
        if self.text is None and self.status is None:
            raise UnfitError(message('"text" is missing: what does the button say?'))
        navigation = self.navigation()
        if self.next_ and navigation:
            raise UnfitError(
                message("a way leads in one direction, not in {number}: {keys}", number=2, keys=f"next, {navigation}")
            )
        return self


class Timed(Branch):
    """A branch that is taken when the person has sent or pressed nothing for some time, once until they do."""

    in_: Duration = Field(alias="in", description="how long nothing was heard; later ones stand further below")


class TextInput(Model):
    """A typed text."""

    into: Variable = Field(description="where the words go")
    min: int = Field(default=1, ge=1, description="characters at least")
    max: int = Field(default=1000, ge=1, le=4096, description="characters at most")


def _as_caption(value: Any) -> Any:
    return {"into": value} if isinstance(value, str) else value


class Caption(Model):
    """Words that come under a file."""

    into: Variable = Field(description="where the words go")
    min: int | None = Field(default=None, ge=1, description="characters at least")
    max: int | None = Field(default=None, ge=1, le=1024, description="characters at most; a caption has 1024")

    @model_serializer(mode="wrap")
    def _short(self, whole: SerializerFunctionWrapHandler) -> Any:
        # Conversations store it, and version 0.1.0, to which one may return, reads no other form.
        return self.into if self.min is None and self.max is None else whole(self)


CaptionForm = Annotated[Caption, BeforeValidator(_as_caption), Field(json_schema_extra={"x-name-for-short": True})]


class FileInput(Model):
    """Photos or documents; an album is one answer."""

    into: Variable = Field(description="the list that the files join")
    caption: CaptionForm | None = Field(
        default=None, description="where the caption goes, with its bounds; without them those of typed words into it"
    )
    max: int = Field(default=10, ge=1, le=100, description="files at most")
    max_mb: int = Field(default=20, ge=1, le=20, description="size of one file at most, in megabytes")


class Expect(Model):
    """What a person may send to a step."""

    text: TextInput | None = Field(default=None, description="typed words")
    photo: FileInput | None = Field(default=None, description="photos")
    document: FileInput | None = Field(default=None, description="files of any kind")

    def caption_bounds(self, caption: Caption) -> TextInput:
        """Return the bounds of a caption: its own, or else those of typed words into the same variable."""
        typed = self.text if self.text and self.text.into == caption.into else TextInput(into=caption.into, max=1024)
        return typed.model_copy(
            update={name: bound for name in ("min", "max") if (bound := getattr(caption, name)) is not None}
        )

    def file(self, kind: str) -> FileInput | None:
        """Return what is expected of files of `kind` (`photo` or `document`)."""
        return self.photo if kind == "photo" else self.document


class Choose(Model):
    """A choice by buttons, from a fixed list or from a source.

    Where the step expects text into the same variable, that is stored as a choice without a value.
    """

    from_: CallForm = Field(alias="from", description="a list of the flows, or a source")
    into: Variable = Field(description="gets the chosen item: its value and label")
    many: bool = Field(default=False, description="several may be ticked; a button with next ends the choice")
    label: TemplateText = Field(default="{{ row.label }}", description="what a button says of its row")
    page: int = Field(default=8, ge=1, le=50, description="rows a page")
    columns: int = Field(default=1, ge=1, le=4, description="buttons a line")


class Rows(Branch):
    """A paged list whose rows are buttons."""

    rows: CallForm = Field(description="the source of the rows")
    label: TemplateText = Field(description="what a button says of its row")
    page: int = Field(default=8, ge=1, le=50, description="rows a page")
    empty: TemplateText | None = Field(default=None, description="said where there is no row")


class Step(Model):
    """A step: what it says, what it expects and where it leads."""

    about: Name | None = Field(default=None, description="the kind of subject that the step shows")
    source: Calls = Field(default=[], description="sources whose values the words use, by their names")
    text: TemplateText = Field(description="what the step says")
    expect: Expect = Field(default=Expect(), description="what may be sent")
    needs: dict[Variable, TemplateText] = Field(
        default={}, description="what must be there before going on, and its question"
    )
    choose: Choose | None = Field(default=None, description="a choice by buttons")
    list_: Rows | None = Field(default=None, alias="list", description="rows that are buttons")
    next_: OneOrMany[BranchForm] = Field(
        default=[], alias="next", description="ways on after an answer; the first open one"
    )
    buttons: list[Button] = Field(default=[], description="under the words, in this order")
    unexpected: TemplateText | None = Field(default=None, description="said when something else is sent")
    after: OneOrMany[Timed] = Field(
        default=[], description="ways that time opens, counted from the person's last word or press"
    )


class Anywhere(Branch):
    """A branch that is open in every step: a command, a deep link, a reply to a card, something sent unasked."""

    command: Name | None = Field(default=None, description="the command, without its slash")
    label: str | None = Field(default=None, max_length=256, description="shown in the list of commands")
    payload: Name | None = Field(default=None, description="prefix of /start <payload>-<value>")
    value: Variable | None = Field(default=None, description="where the value of the payload goes")
    reply_to: Name | None = Field(default=None, description="the kind of subject whose card is replied to")
    expect: Expect | None = Field(default=None, description="what may be sent")
    next_: OneOrMany[BranchForm] = Field(
        default=[], alias="next", description="several ways instead of one; the first open one is taken"
    )

    @model_validator(mode="after")
    def _one_cause(self) -> "Anywhere":
        if sum(bool(cause) for cause in (self.command, self.payload, self.expect)) != 1:
            raise UnfitError(message('needs exactly one of "command", "payload" and "expect"'))
        for key, owner in (("reply_to", "expect"), ("value", "payload"), ("label", "command")):
            if getattr(self, key) and not getattr(self, owner):
                raise UnfitError(message('"{key}" belongs to "{owner}"', key=key, owner=owner))
        own = self.model_fields_set & Branch.model_fields.keys()
        if self.next_ and own:
            raise UnfitError(
                message('where there is "next", it holds the ways: move {keys} into it', keys=", ".join(sorted(own)))
            )
        return self
