"""Callback data of buttons: the step or notice, the button, the subject, a value, and the screen it was drawn on."""

from dataclasses import dataclass

LIMIT = 64
"""Bytes of callback data, by the Bot API."""
SUBJECT_LIMIT = 13
"""Bytes of a 64-bit id in base 36."""
LARGEST = 2**63 - 1
"""The largest id that a database can hold; a larger one is forged."""
TOKEN_LIMIT = 7
"""Bytes of the token of a screen."""

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
    """`owner` is flow.step or flow!notice, `value` the value of a row, `token` that of the screen drawn."""

    owner: str
    button: str
    subject_id: int | None = None
    value: str = ""
    token: str = ""

    def encode(self) -> str:
        """Return the data as text; ValueError when it has more than 64 bytes."""
        subject = "" if self.subject_id is None else base36(self.subject_id)
        data = f"{self.owner}:{self.button}:{subject}:{self.value}~{self.token}"
        if len(data.encode()) > LIMIT:
            raise ValueError(f"callback data {data!r} passes {LIMIT} bytes")
        return data

    @classmethod
    def decode(cls, data: str) -> "Callback | None":
        """Return the callback that `encode` wrote, None for any other text."""
        body, separator, token = data.rpartition("~")
        parts = body.split(":", 3)
        if not separator or len(parts) != 4:
            return None
        owner, button, subject, value = parts
        if subject and not (subject.isascii() and subject.isalnum() and len(subject) <= SUBJECT_LIMIT):
            return None
        number = int(subject, 36) if subject else None
        return None if number is not None and number > LARGEST else cls(owner, button, number, value, token)
