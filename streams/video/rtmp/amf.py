"""AMF0 as far as RTMP commands need it (Action Message Format AMF 0, 2007): bounded in depth and in number of values.

number float · boolean bool · string str · object and ECMA array dict · strict array list · null and undefined None
"""

from __future__ import annotations

import struct
from typing import Any

DEEPEST = 4
"""`connect` needs two; nothing that a sender says needs more."""
MOST_VALUES = 256

NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED = 0, 1, 2, 3, 5, 6
ECMA_ARRAY, OBJECT_END, STRICT_ARRAY, DATE, LONG_STRING = 8, 9, 10, 11, 12


class BadAmf(ValueError):
    """Not AMF0, or more of it than a command ever needs."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.values = data, 0, 0

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self.data):
            raise BadAmf("A value ends before its end.")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def number(self, shape: str) -> Any:
        return struct.unpack(shape, self.take(struct.calcsize(shape)))[0]

    def text(self, shape: str = ">H") -> str:
        return self.take(self.number(shape)).decode("utf-8", "replace")

    def value(self, depth: int = 0) -> Any:
        self.values += 1
        if depth > DEEPEST or self.values > MOST_VALUES:
            raise BadAmf("A command is too deep or too long.")
        match self.number(">B"):
            case 0:
                return self.number(">d")
            case 1:
                return self.number(">B") != 0
            case 2:
                return self.text()
            case 3:
                return self.members(depth)
            case 5 | 6:
                return None
            case 8:
                self.take(4)  # how many, which many senders get wrong: the end mark counts
                return self.members(depth)
            case 10:
                # The claimed length is not believed: the loop ends with the values that are there.
                return [self.value(depth + 1) for _ in range(self.number(">I"))]
            case 11:
                moment = self.number(">d")
                self.take(2)
                return moment
            case 12:
                return self.text(">I")
        raise BadAmf("There is a value of an unknown kind.")

    def members(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            name = self.text()
            if not name and self.data[self.at : self.at + 1] == bytes([OBJECT_END]):
                self.at += 1
                return found
            found[name] = self.value(depth + 1)


def decode(data: bytes) -> list[Any]:
    """All values of a message. Raises BadAmf."""
    reader = _Reader(data)
    values: list[Any] = []
    while reader.at < len(data):
        values.append(reader.value())
    return values


def encode(*values: Any) -> bytes:
    """The same values as bytes: str, bool, float and int, None, dict of those."""
    return b"".join(_encoded(value) for value in values)


def _encoded(value: Any) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, int | float):
        return struct.pack(">Bd", NUMBER, value)
    if isinstance(value, str):
        return bytes([STRING]) + _name(value)
    body = b"".join(_name(name) + _encoded(each) for name, each in value.items())
    return bytes([OBJECT]) + body + bytes([0, 0, OBJECT_END])


def _name(text: str) -> bytes:
    data = text.encode()[:0xFFFF]
    return struct.pack(">H", len(data)) + data
