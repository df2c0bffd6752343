"""What words of the flows can print: each text with its greatest length, so that the check can add them up."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from engine.templates.shapes import IdOf, OneOf
from storage.models.constants import Role

Name = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(max_length=40)]
PersonId = Annotated[int, IdOf("person")]
CategoryId = Annotated[int, IdOf("category")]
PlaceId = Annotated[int, IdOf("place")]


class PersonView(BaseModel):
    """A person."""

    name: Name
    first_name: Name
    role: Annotated[Code, OneOf(frozenset(map(str, Role)))]


class CommentView(BaseModel):
    """One comment of a request."""

    author: Name
    text: str = Field(max_length=1000)
    at: datetime


class EventView(BaseModel):
    """One line of a request's history."""

    actor: Name
    to_state: Code
    assignee: Name | None
    reason: str | None = Field(max_length=1000)
    at: datetime


class RequestView(BaseModel):
    """A request as its card and the notices about it show it; the whole hours and days it has been in its status."""

    number: int
    title: str = Field(max_length=100)
    details: str | None = Field(max_length=1000)
    description: str = Field(max_length=1000)
    location: str = Field(max_length=100)
    category: str | None = Field(max_length=80)
    priority: Code
    status: Code
    author: Name
    assignee: Name | None
    status_hours: int
    status_days: int
    created_at: datetime
    taken_at: datetime | None
    completed_at: datetime | None
    files_count: int
    comments: list[CommentView] = Field(max_length=3)
    history: list[EventView] = Field(max_length=5)


class RequestLineView(BaseModel):
    """A request as one row of a list."""

    value: int
    number: int
    title: str = Field(max_length=100)
    location: str = Field(max_length=100)
    status: Code
    priority: Code


class ChoiceView(BaseModel):
    """One row of a choice."""

    label: Name
    icon: str = Field(max_length=8)


class PersonRow(ChoiceView):
    """One of the people."""

    value: PersonId


class CategoryRow(ChoiceView):
    """One of the catalogue's categories."""

    value: CategoryId


class PlaceRow(ChoiceView):
    """One of the catalogue's places."""

    value: PlaceId


class QueueCounts(BaseModel):
    """How many requests wait for whom; of the priorities, those not finished."""

    waiting: int
    active: int
    paused: int
    high: int
    medium: int
    low: int
