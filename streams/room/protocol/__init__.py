"""The room's protocol: closed models of every command, reply, event and close code.

These models are the only source of the JSON Schema and AsyncAPI under docs/ and are used on both sides:
a frame with an unknown field fails on the server, and every event is checked before it is published.
"""

from streams.room.protocol.closing import CloseCode, Closing
from streams.room.protocol.commands import COMMANDS, Command
from streams.room.protocol.events import EVENTS, Event, Lane
from streams.room.protocol.frames import BatchFrame, ClientFrame, ErrorReply, OkReply

__all__ = [
    "COMMANDS",
    "EVENTS",
    "BatchFrame",
    "ClientFrame",
    "CloseCode",
    "Closing",
    "Command",
    "ErrorReply",
    "Event",
    "Lane",
    "OkReply",
]
