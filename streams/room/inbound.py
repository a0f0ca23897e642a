"""What clients send: frames into commands, without trusting a byte of them."""

from __future__ import annotations

import orjson
from pydantic import ValidationError

from livestore.base.errors import Invalid, Refusal
from streams.room.protocol import COMMANDS, ClientFrame, Command
from streams.room.wire import LARGEST


class BadFrame(Refusal):
    """Not a client frame at all. `ref` is what could be read of it, or ""."""

    code, status = "bad_frame", 400
    message = "This is not a frame that the room understands."

    def __init__(self, ref: str = "") -> None:
        super().__init__()
        self.ref = ref


class UnknownCommand(Refusal):
    code, status = "unknown_command", 400
    message = "The room does not know this command."


def decode(text: str | bytes) -> ClientFrame:
    """The envelope of a text message; a binary one is none. Raises BadFrame."""
    # Bytes are counted, not letters; our own web server closes before, another one may not.
    if not isinstance(text, str) or (len(text) > LARGEST // 4 and _size(text) > LARGEST):
        raise BadFrame
    try:
        raw = orjson.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadFrame from problem
    try:
        return ClientFrame.model_validate(raw)
    except (ValidationError, RecursionError) as problem:
        ref = raw.get("ref") if isinstance(raw, dict) else None
        raise BadFrame(ref if isinstance(ref, str) and len(ref) <= 64 else "") from problem


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def kind_of(frame: ClientFrame) -> type[Command]:
    """Raises UnknownCommand."""
    kind = COMMANDS.get(frame.type)
    if kind is None:
        raise UnknownCommand
    return kind


def command_of(kind: type[Command], frame: ClientFrame) -> Command:
    """The checked command. Raises Invalid with a sentence for each field, unknown ones too."""
    try:
        return kind.model_validate(frame.data)
    except ValidationError as problem:
        fields = {
            ".".join(str(part) for part in error["loc"]) or "data": _sentence(
                error["type"], error["msg"]
            )
            for error in problem.errors(
                include_url=False, include_input=False, include_context=False
            )
        }
        raise Invalid(fields=fields) from problem


def _sentence(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "This field is not known."
    if kind == "missing":
        return "This field is needed."
    return message if message.endswith(".") else f"{message}."
