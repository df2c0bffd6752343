"""The schema. `Base.metadata` is complete once this package is imported."""

from storage.models.base import Base
from storage.models.catalogue import Category, Place
from storage.models.constants import (
    FINISHED,
    UNFINISHED,
    URGENCY,
    FileKind,
    FilePurpose,
    LinkShape,
    OutboxState,
    Priority,
    Role,
    Stage,
    Status,
)
from storage.models.conversation import Conversation
from storage.models.counter import Counter
from storage.models.history import Event
from storage.models.outbox import MessageLink, OutboxMessage
from storage.models.quarantine import QuarantinedUpdate
from storage.models.request import Request
from storage.models.setting import Setting
from storage.models.subject import Comment, File, Subject
from storage.models.timer import Timer
from storage.models.user import User

__all__ = [
    "FINISHED",
    "UNFINISHED",
    "URGENCY",
    "Base",
    "Category",
    "Comment",
    "Conversation",
    "Counter",
    "Event",
    "File",
    "FileKind",
    "FilePurpose",
    "LinkShape",
    "MessageLink",
    "OutboxMessage",
    "OutboxState",
    "Place",
    "Priority",
    "QuarantinedUpdate",
    "Request",
    "Role",
    "Setting",
    "Stage",
    "Status",
    "Subject",
    "Timer",
    "User",
]
