"""The protocol as JSON Schema and as AsyncAPI, made from the models and from nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from streams.room.protocol import COMMANDS, EVENTS, CloseCode
from streams.room.protocol.closing import SENTENCES
from streams.room.protocol.frames import BatchFrame, ClientFrame, ErrorReply, OkReply

FRAMES: tuple[type[BaseModel], ...] = (ClientFrame, OkReply, ErrorReply, BatchFrame)
VERSION = "1.0.0"


def _definitions(root: str) -> dict[str, Any]:
    models = [*FRAMES, *COMMANDS.values(), *EVENTS.values()]
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template=root + "{model}"
    )
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def json_schema() -> dict[str, Any]:
    """docs/schema.json: `commands` and `events` by type, `frames`, close codes; all under `$defs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "livestore.v1",
        "description": "The room's protocol. A command's or event's schema is that of its `data`.",
        "commands": {
            kind: {"who": command.who, "data": {"$ref": f"#/$defs/{command.__name__}"}}
            for kind, command in COMMANDS.items()
        },
        "events": {
            kind: {"lane": event.lane.value, "data": {"$ref": f"#/$defs/{event.__name__}"}}
            for kind, event in EVENTS.items()
        },
        "frames": {frame.__name__: {"$ref": f"#/$defs/{frame.__name__}"} for frame in FRAMES},
        "closing": {
            str(int(code)): {"code": SENTENCES[code][0], "message": SENTENCES[code][1]}
            for code in CloseCode
        },
        "$defs": _definitions("#/$defs/"),
    }


def async_api() -> dict[str, Any]:
    """docs/asyncapi.json (AsyncAPI 3.0): one channel, what a client sends and what it hears."""
    messages = {
        **{f"command.{kind}": _message(kind, command) for kind, command in COMMANDS.items()},
        **{f"event.{kind}": _message(kind, event) for kind, event in EVENTS.items()},
        **{f"frame.{frame.__name__}": _message(frame.__name__, frame) for frame in FRAMES},
    }
    room = "#/channels/room"

    def listed(start: str) -> list[dict[str, str]]:
        return [{"$ref": f"{room}/messages/{name}"} for name in messages if name.startswith(start)]

    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "livestore rooms",
            "version": VERSION,
            "description": "WebSocket, subprotocol `livestore.v1`. A command travels as the data of a ClientFrame, "
            "events travel in a BatchFrame. docs/room.md says how to come in and how to resume.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "room": {
                "address": "/ws/shows/{slug}/",
                "parameters": {"slug": {"description": "The show's address."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "say": {"action": "receive", "channel": {"$ref": room}, "messages": listed("command.")},
            "hear": {"action": "send", "channel": {"$ref": room}, "messages": listed("event.")},
        },
        "components": {"messages": messages, "schemas": _definitions("#/components/schemas/")},
    }


def _message(name: str, model: type[BaseModel]) -> dict[str, Any]:
    lines = (model.__doc__ or "").strip().splitlines()
    found: dict[str, Any] = {
        "name": name,
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
    }
    own = model.__doc__ and model.__doc__ is not model.__mro__[1].__doc__
    return found | ({"summary": lines[0]} if own and lines else {})
