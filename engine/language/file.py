"""A flow file as a whole."""

from pydantic import Field

from engine.language.base import Calls, Model, Name, OneOrMany, StepName, TemplateText
from engine.language.dialog import Anywhere, Step, Timed
from engine.language.status import Notice, Status


class ListItem(Model):
    """One item of a fixed list."""

    label: str = Field(max_length=60, description="how people call it")
    icon: str = Field(default="", max_length=8, description="an emoji to know it by")


class Phrases(Model):
    """What the bot itself says, in any step."""

    unexpected: TemplateText = Field(description="something was sent that the step does not expect")
    too_short: TemplateText = Field(description="typed words are too short: length, min, max")
    too_long: TemplateText = Field(description="typed words are too long: length, min, max")
    too_big: TemplateText = Field(description="a file is too big: max_mb")
    too_many: TemplateText = Field(description="more files than the step takes: max")
    edited: TemplateText = Field(description="an already sent message was edited")
    stale: TemplateText = Field(description="a button of an old screen that means nothing any more")
    refused: TemplateText = Field(description="a button that this person may not press, or not now")
    gone: TemplateText = Field(description="what the button was about does not exist, or not for this person")
    blocked: TemplateText = Field(description="the person was blocked")
    busy: TemplateText = Field(description="a press that takes seconds; what came of it is said in a message")
    failed: TemplateText = Field(
        description="an error in the bot; what was sent is kept, and whoever keeps the bot running is told"
    )
    moved: TemplateText = Field(description="the step the person stood in was removed from the flows")
    older: TemplateText = Field(
        description="in place of a live card, when a newer one of the same subject stands below it"
    )
    back: TemplateText = Field(description="the button that turns a list's page back")
    forward: TemplateText = Field(description="the button that turns a list's page forward")


class FlowFile(Model):
    """One flow: a dialog, the lifecycle of a subject, or both."""

    flow: Name = Field(description="the flow's name; steps of other flows refer to it as flow.step")
    version: int = Field(default=1, ge=1, description="the version of the file; it is logged at every start and reload")
    start: Name | None = Field(default=None, description="the step where every conversation begins; one flow has it")
    subject: Name | None = Field(default=None, description="the kind of thing whose life this flow describes")
    card: Name | None = Field(default=None, description="the step that shows the subject; live cards are drawn by it")
    may_see: Calls = Field(
        default=[], description="roles and relations, one of which a person needs to see the subject"
    )
    moved: dict[Name, StepName] = Field(default={}, description="removed steps and where conversations in them go")
    lists: dict[Name, dict[Name, ListItem]] = Field(default={}, description="fixed lists, for choices and labels")
    phrases: Phrases | None = Field(default=None, description="one flow has them")
    status: Status | None = Field(default=None, description="the life of the flow's subject")
    notices: dict[Name, Notice] = Field(default={}, description="messages to people who did not ask")
    draft: OneOrMany[Timed] = Field(
        default=[], description="ways that time opens, counted from the draft's last change; one flow has them"
    )
    anywhere: OneOrMany[Anywhere] = Field(default=[], description="ways open in every step")
    steps: dict[Name, Step] = Field(default={}, description="the steps of the dialog")
