"""Notices: messages to people other than the one who acts, each drawn for its recipient."""

from collections.abc import Iterable

from engine.callback import Callback
from engine.compiled import CompiledNotice
from engine.conversation import Frame
from engine.events import SubjectRef
from engine.running.context import Context
from engine.running.permissions import visible
from engine.running.phrases import plain
from engine.running.render import draw, keyboard
from engine.screen import Notification, Screen, ScreenButton
from engine.subjects import Person


def notify(context: Context, flow: str, names: Iterable[str]) -> None:
    """Add the named notices of a flow to the reply, once for each recipient except the person who acts.

    A recipient who may not see the subject gets none.
    """
    for name in names:
        notice = context.flows.notices[f"{flow}!{name}"]
        for person in _recipients(context, notice):
            screen = _render(context, notice, person)
            if screen:
                context.reply.notifications.append(Notification(person, screen))
        if context.trace:
            context.trace(f"notice:{notice.name}")


def _recipients(context: Context, notice: CompiledNotice) -> list[Person]:
    found: dict[int, Person] = {}
    for members in notice.to:
        for person in members(context):
            if person.id != context.person.id:
                found.setdefault(person.id, person)
    return list(found.values())


def _render(context: Context, notice: CompiledNotice, person: Person) -> Screen | None:
    ref = context.subject_ref
    if ref is None:
        return None
    if notice.text is None:
        return card(context, ref, person)
    viewer = context.for_viewer(person, Frame(notice.name, dict(context.frame.data), ref.id))
    if person.is_blocked or not visible(viewer):
        return None
    actor = context.flows.hooks.show_person(context.actor) if context.actor else None
    more = {"actor": actor, "answer": context.answers}
    text = notice.text.render(viewer.values(notice.text.uses, more))
    rows = keyboard(
        (
            button.beside,
            ScreenButton(plain(viewer, button.text, **more), Callback(notice.name, button.key, ref.id).encode()),
        )
        for button in notice.buttons
        if button.text and button.branch.is_open(viewer)
    )
    return Screen(notice.name, text, rows, ref)


def card(context: Context, ref: SubjectRef, viewer: Person, *, opened: bool = False) -> Screen | None:
    """Return the card of a subject drawn for `viewer`; None where they may not see it.

    `opened` says that it is the screen of the viewer's dialog, not a live card beside it.
    """
    lifecycle = context.flows.lifecycles.get(ref.kind)
    if lifecycle is None:
        return None
    seen = context.for_viewer(viewer, Frame(lifecycle.card, subject_id=ref.id))
    seen.opened = opened
    if viewer.is_blocked or seen.subject is None or not any(guard(seen) for guard in lifecycle.may_see):
        return None
    return draw(seen, seen.subject.version)
