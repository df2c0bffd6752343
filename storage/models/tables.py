"""The tables behind the models, for statements that need no ORM."""

from storage.models.base import table_of
from storage.models.catalogue import Category, Place
from storage.models.conversation import Conversation
from storage.models.history import Event
from storage.models.outbox import MessageLink, OutboxMessage
from storage.models.quarantine import QuarantinedUpdate
from storage.models.request import Request
from storage.models.setting import Setting
from storage.models.subject import Comment, File, Subject
from storage.models.timer import Timer
from storage.models.user import User

categories = table_of(Category)
comments = table_of(Comment)
conversations = table_of(Conversation)
events = table_of(Event)
files = table_of(File)
message_links = table_of(MessageLink)
outbox = table_of(OutboxMessage)
places = table_of(Place)
quarantined_updates = table_of(QuarantinedUpdate)
requests = table_of(Request)
settings = table_of(Setting)
subjects = table_of(Subject)
timers = table_of(Timer)
users = table_of(User)
