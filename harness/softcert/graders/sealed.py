"""Seeds that a candidate cannot know and an auditor can repeat: an HMAC of a salt and the task.

What is drawn for a candidate beside the task's cases depends on its source as well (`softcert.certification.certify`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Seal:
    """A salt and a task.

    Parameters
    ----------
    salt
        Kept from candidates; whoever has it can repeat every verdict.
    task
        The task as text.
    """

    salt: bytes
    task: str

    @classmethod
    def of(cls, salt: str | bytes | None, task: str) -> Seal:
        """The seal of a salt; a fresh random one where none is given."""
        if salt is None:
            salt = secrets.token_bytes(32)
        return cls(salt.encode() if isinstance(salt, str) else bytes(salt), task)

    @property
    def seed(self) -> int:
        """The seed of the task's cases, in [1, 2^31)."""
        digest = hmac.new(self.salt, self.task.encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1

    @property
    def commitment(self) -> str:
        """What may be published before: it fixes salt and task, and tells neither."""
        return hashlib.sha256(self.salt + b"\n" + self.task.encode()).hexdigest()
