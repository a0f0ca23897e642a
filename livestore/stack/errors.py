"""What the stack says when it can not go on."""

from __future__ import annotations


class StackError(Exception):
    """Something could not be started; the message is for a person, `exit_code` for a shell."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Interrupted(Exception):
    """The person asked to stop (Ctrl-C, SIGTERM) while something was still starting."""
