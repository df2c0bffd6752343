"""What a hook works with: the transaction of the update, and the bot it came to."""

from dataclasses import dataclass

from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work; `bot_id` belongs to every file id and message id that is stored."""

    tx: Transaction
    bot_id: int
