"""The data behind a button: where it belongs, what it does, about what, and the drawing it stood on."""

from dataclasses import dataclass

LIMIT = 64
"""Bytes of callback data, by the Bot API."""
SUBJECT_LIMIT = 13
"""Bytes of a 64-bit id in base 36."""
LARGEST = 2**63 - 1
"""The largest id a database keeps; a larger one was made up."""
TOKEN_LIMIT = 7
"""Bytes of the mark of a drawing."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    """Return `number`, 0 or more, in base 36."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


@dataclass(frozen=True, slots=True)
class Callback:
    """`owner` is flow.step or flow!notice; `about` is the subject's id, `value` what a row stands for."""

    owner: str
    button: str
    subject_id: int | None = None
    value: str = ""
    token: str = ""

    def encode(self) -> str:
        """Return the data as text; raises ValueError when it passes 64 bytes."""
        subject = "" if self.subject_id is None else base36(self.subject_id)
        data = f"{self.owner}:{self.button}:{subject}:{self.value}~{self.token}"
        if len(data.encode()) > LIMIT:
            raise ValueError(f"callback data {data!r} passes {LIMIT} bytes")
        return data

    @classmethod
    def decode(cls, data: str) -> "Callback | None":
        """Return what `encode` wrote, or None for anything else."""
        body, mark, token = data.rpartition("~")
        parts = body.split(":", 3)
        if not mark or len(parts) != 4:
            return None
        owner, button, subject, value = parts
        if subject and not (subject.isascii() and subject.isalnum() and len(subject) <= SUBJECT_LIMIT):
            return None
        number = int(subject, 36) if subject else None
        return None if number is not None and number > LARGEST else cls(owner, button, number, value, token)
