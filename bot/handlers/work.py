"""The unit of work, as hooks see it: the transaction, and the bot that the update came to."""

from dataclasses import dataclass

from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work; `bot_id` is stored with every file id and message id, which are valid for that bot alone."""

    tx: Transaction
    bot_id: int
