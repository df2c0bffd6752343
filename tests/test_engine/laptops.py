"""Lending laptops: a second subject with hooks and people of its own, kept in memory.

`desk()` compiles the flows in `laptops/`; `Desk` lets people talk to the engine and writes their chats down.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from engine.callback import base36
from engine.compiled import CompiledFlows
from engine.durations import Duration
from engine.events import File, KeptFile
from engine.flows import load_flows
from engine.hooks import inputs
from engine.hooks.context import HookContext
from engine.hooks.declarations import Parameters
from engine.hooks.paging import Page, PageQuery
from engine.hooks.registry import Hooks
from engine.short_lists import page_of_short
from engine.subjects import Change, Person
from engine.templates.shapes import IdOf

FOLDER = Path(__file__).parent / "laptops"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAPACITY = 12
LOANS = 2
CLOSED = "scrapped"


@dataclass
class Member:
    """Somebody of the school."""

    id: int
    name: str
    role: str = "teacher"
    is_blocked: bool = False
    prefs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Laptop:
    """One laptop and all that happened to it."""

    id: int
    model: str
    state: str = "free"
    borrower: int | None = None
    lent_at: datetime | None = None
    purpose: str | None = None
    until: str | None = None
    reason: str | None = None
    extras: list[str] = field(default_factory=list)
    photos: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    touched: int = 0
    price: int = 0

    @property
    def version(self) -> str:
        """Differs after every change."""
        return base36(self.touched)


@dataclass
class Shelf:
    """Everything there is; it takes the place of a transaction."""

    laptops: dict[int, Laptop] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    locked: list[int] = field(default_factory=list)

    def add(self, model: str, **values: Any) -> Laptop:
        """Put a laptop on the shelf."""
        laptop = Laptop(max(self.laptops, default=0) + 1, model, **values)
        self.laptops[laptop.id] = laptop
        return laptop


Name = Annotated[str, Field(max_length=60)]


class MemberView(BaseModel):
    """A person, for words."""

    name: Name


class RemarkView(BaseModel):
    """One remark about a laptop."""

    author: Name
    text: str = Field(max_length=200)


class LaptopView(BaseModel):
    """A laptop, for words."""

    number: int
    model: Name
    state: str = Field(max_length=20)
    borrower: Name | None
    lent_at: datetime | None
    until: str | None = Field(max_length=20)
    extras: list[Annotated[str, Field(max_length=20)]] = Field(max_length=5)
    remarks: list[RemarkView] = Field(max_length=3)
    photos: int


class LaptopRow(BaseModel):
    """A laptop as a row."""

    value: int
    label: Name
    state: str = Field(max_length=20)


PersonId = Annotated[int, IdOf("person")]


class Choice(BaseModel):
    """A row of a choice."""

    value: str = Field(max_length=10)
    label: Name


class MemberRow(BaseModel):
    """One of the school's people."""

    value: PersonId
    label: Name


class Unlabelled(BaseModel):
    """A row without a label, which no choice can use."""

    value: int


class Nameless(BaseModel):
    """A row without a value, which nobody can press."""

    label: Name


class ShelfCounts(BaseModel):
    """Numbers for the greeting."""

    free: int


class Day(inputs.Choice[str | None]):
    """A day of March, or words in its place."""

    typed: ClassVar = (1, 20)


class LaptopFields(BaseModel):
    """What a status transition may set."""

    borrower: PersonId | None
    lent_at: datetime | None
    purpose: str | None = Field(max_length=120)
    until: Day | None
    reason: str | None = Field(max_length=200)


class LaptopPort:
    """How the engine reaches laptops."""

    kind = "laptop"
    view = LaptopView
    fields = LaptopFields

    def load(self, transaction: Shelf, subject_id: int, *, lock: bool) -> Laptop | None:
        """Return the laptop, and remember that it was locked."""
        assert -(2**63) <= subject_id < 2**63, "a database would refuse such an id"
        if lock:
            transaction.locked.append(subject_id)
        return transaction.laptops.get(subject_id)

    def count_by_status(self, transaction: Shelf) -> Counter[str]:
        """Count the laptops of each status."""
        return Counter(each.state for each in transaction.laptops.values())

    def clearance(self, viewer: Person, subject: Laptop) -> str:
        """Return who the viewer is to laptops."""
        del subject
        return viewer.role

    def show(self, transaction: Shelf, subject: Laptop, status: str, clearance: str) -> LaptopView:
        """Return what words may print; what it cost is for librarians."""
        people = transaction.members
        return LaptopView(
            number=subject.id,
            model=f"{subject.model} ({subject.price} ₽)"
            if subject.price and clearance == "librarian"
            else subject.model,
            state=status,
            borrower=people[subject.borrower].name if subject.borrower else None,
            lent_at=subject.lent_at,
            until=subject.until,
            extras=subject.extras[:5],
            remarks=[RemarkView(author=people[who].name, text=text) for who, text in subject.remarks[-3:]],
            photos=len(subject.photos),
        )

    def apply(self, transaction: Shelf, subject: Laptop, change: Change) -> None:
        """Write a transition."""
        del transaction
        for name, value in change.fields.items():
            setattr(subject, name, value.value or value.label if isinstance(value, Day) else value)
        subject.state = change.target
        subject.changes.append(change)
        subject.touched += 1

    def join(
        self, transaction: Shelf, subject_id: int, person: Person, file: KeptFile, caption: str, part: Any
    ) -> bool:
        """Add a late piece of an album."""
        del person, caption
        assert part == "photos"
        laptop = transaction.laptops.get(subject_id)
        if laptop is None:
            return False
        laptop.photos.append(_kept(file))
        laptop.touched += 1
        return True


def _kept(file: KeptFile) -> dict[str, Any]:
    return file.model_dump(exclude={"caption"})


class Span(Parameters):
    """A span of time."""

    span: Duration


class Limits(Parameters):
    """Three constants, of which two have a default: what is counted, and its bounds."""

    most: int
    least: int = 0
    of: Literal["loans", "remarks"] = "loans"


class LinkedNumber(inputs.Inputs):
    """The number that a deep link names."""

    number: str = Field(default="", max_length=64)


class Intake(inputs.Inputs):
    """What a new laptop is."""

    model: str = Field(min_length=2, max_length=60)
    photos: list[KeptFile] = Field(default=[])
    extras: list[inputs.Choice[str]] = Field(default=[])


class Remark(inputs.Inputs):
    """What is said of a laptop, or shown."""

    one_of: ClassVar = ("remark", "pictures")

    remark: str = Field(default="", max_length=200)
    pictures: list[KeptFile] = Field(default=[])


class Extras(inputs.Inputs):
    """What is lent besides."""

    extras: list[inputs.Choice[str]] = Field(default=[])


class Photos(inputs.Inputs):
    """What a laptop looks like as it comes back."""

    photos: list[KeptFile] = Field(default=[])


class ShelfFilter(inputs.Inputs):
    """Which laptops are listed."""

    shelf: Literal["free", "every"] = "every"


def build_hooks() -> Hooks:
    """Return everything that the laptop flows may name."""
    hooks = Hooks(MemberView, lambda member: MemberView(name=member.name))
    hooks.subject(LaptopPort())
    for role in ("teacher", "librarian", "technician"):
        hooks.audience(role, _has_role(role), _members_of(role), kinds={role})
    hooks.audience("borrower", _is_borrower, _borrower, about="laptop", kinds={"teacher", "librarian"})
    hooks.audience("former_borrower", lambda _context: False, about="laptop", kinds=())
    hooks.audience("stranger", lambda context: context.person.role == "stranger")
    hooks.guard("lent_for", about="laptop")(lent_for)
    hooks.guard("has_photos", about="laptop")(lambda subject: bool(subject.photos))
    hooks.guard("limits")(limits)
    hooks.action("find_laptop", "unknown", gives="laptop")(find_laptop)
    hooks.action("register", "full", gives="laptop")(register)
    hooks.action("add_remark", "closed", about="laptop")(add_remark)
    hooks.action("keep_extras", about="laptop")(keep_extras)
    hooks.action("keep_photos", about="laptop")(keep_photos)
    hooks.action("promise", about="laptop")(promise)
    hooks.source("shelf_counts", ShelfCounts)(shelf_counts)
    hooks.rows("laptops", LaptopRow)(laptop_rows)
    hooks.rows("accessories", Choice)(_short([("bag", "сумка"), ("mouse", "мышь"), ("hub", "хаб"), ("pen", "перо")]))
    hooks.rows("days", Choice)(_short([(f"d{day}", f"{day} марта") for day in range(3, 11)]))
    hooks.rows("members", MemberRow)(member_rows)
    hooks.rows("unlabelled", Unlabelled)(_short([]))
    hooks.rows("nameless", Nameless)(_short([]))
    hooks.files("laptop_photos", about="laptop")(laptop_photos)
    return hooks


def _has_role(role: str) -> Callable[[HookContext[Shelf]], bool]:
    return lambda context: bool(context.person.role == role)


def _members_of(role: str) -> Callable[[HookContext[Shelf]], Iterable[Member]]:
    return lambda context: [each for each in context.transaction.members.values() if each.role == role]


def _is_borrower(context: HookContext[Shelf], subject: Laptop) -> bool:
    return subject.borrower == context.person.id


def _borrower(context: HookContext[Shelf], subject: Laptop) -> Iterable[Member]:
    return [context.transaction.members[subject.borrower]] if subject.borrower else []


def lent_for(context: HookContext[Shelf], subject: Laptop, parameters: Span) -> bool:
    """Return whether the laptop was lent no longer ago than the span."""
    return subject.lent_at is not None and context.now - subject.lent_at <= parameters.span


def limits(context: HookContext[Shelf], parameters: Limits) -> bool:
    """Return whether the number of a person's loans, or of their remarks, lies between two bounds."""
    laptops, person_id = context.transaction.laptops.values(), context.person.id
    loans = sum(each.borrower == person_id for each in laptops)
    remarks = sum(author == person_id for each in laptops for author, _ in each.remarks)
    return parameters.least <= (loans if parameters.of == "loans" else remarks) <= parameters.most


def find_laptop(context: HookContext[Shelf], link: LinkedNumber) -> str | None:
    """Find the laptop that a deep link names."""
    if not (link.number.isdecimal() and int(link.number) in context.transaction.laptops):
        return "unknown"
    context.focus_on("laptop", int(link.number), changed=False)
    return None


def register(context: HookContext[Shelf], intake: Intake) -> str | None:
    """Put the drafted laptop on the shelf."""
    shelf = context.transaction
    if len(shelf.laptops) >= CAPACITY:
        return "full"
    laptop = shelf.add(intake.model, photos=[_kept(photo) for photo in intake.photos])
    laptop.extras = [item.label for item in intake.extras]
    context.created("laptop", laptop.id)
    context.own_album("photos", drafted=True)
    return None


def add_remark(context: HookContext[Shelf], subject: Laptop, given: Remark) -> str | None:
    """Keep what was typed or sent as a remark."""
    if subject.state == CLOSED:
        return "closed"
    subject.remarks.append((context.person.id, given.remark or "📷"))
    subject.photos += [_kept(picture) for picture in given.pictures]
    subject.touched += 1
    context.changed()
    context.own_album("photos")
    return None


def keep_extras(subject: Laptop, given: Extras) -> None:
    """Keep what is lent besides."""
    subject.extras = [item.label for item in given.extras]


def keep_photos(context: HookContext[Shelf], subject: Laptop, given: Photos) -> None:
    """Keep the photos of a return."""
    subject.photos += [_kept(photo) for photo in given.photos]
    context.own_album("photos")


def promise(context: HookContext[Shelf], subject: Laptop) -> None:
    """Keep a promise as a remark."""
    subject.remarks.append((context.person.id, "сдам завтра"))
    context.changed()


def shelf_counts(context: HookContext[Shelf]) -> ShelfCounts:
    """Count what is free."""
    return ShelfCounts(free=sum(each.state == "free" for each in context.transaction.laptops.values()))


def laptop_rows(context: HookContext[Shelf], query: PageQuery, wanted: ShelfFilter) -> Page:
    """List laptops as the person's filter says."""
    rows = [
        LaptopRow(value=each.id, label=each.model, state=each.state)
        for each in context.transaction.laptops.values()
        if wanted.shelf != "free" or each.state == "free"
    ]
    return page_of_short(rows, query)


def member_rows(context: HookContext[Shelf], query: PageQuery) -> Page:
    """List everybody."""
    people = context.transaction.members.values()
    return page_of_short([MemberRow(value=each.id, label=each.name) for each in people], query)


def _short(rows: list[tuple[str, str]]) -> Callable[[Any, PageQuery], Page]:
    choices = [Choice(value=value, label=label) for value, label in rows]
    return lambda _context, query: page_of_short(choices, query)


def laptop_photos(subject: Laptop) -> list[File]:
    """Return the photos of the laptop at hand."""
    return [File(**photo) for photo in subject.photos]


def laptop_flows(folder: Path = FOLDER) -> CompiledFlows:
    """Compile the laptop flows with the hooks of this module."""
    return load_flows(folder, build_hooks(), UTC)


def school() -> Shelf:
    """Return a shelf with six laptops and five people."""
    shelf = Shelf()
    for member in (
        Member(1, "Анна Орлова"),
        Member(2, "Борис <Кац>"),
        Member(3, "Вера Седова", "librarian"),
        Member(4, "Глеб Жук", "technician"),
        Member(5, "Дима Чужой", "stranger"),
        Member(6, "Ева Тень", is_blocked=True),
    ):
        shelf.members[member.id] = member
    for model in ("Asus A1", "Acer <X> & Y", "Dell 5", "HP 250", "Lenovo T14", "Honor 16"):
        shelf.add(model)
    return shelf


DAY = timedelta(days=1)
