"""Prepared commands: what the room takes, and the same every time."""

from __future__ import annotations

import json

import pytest
from pydantic import TypeAdapter

from bench import people
from bench.people import Ware
from livestore.stack.errors import StackError
from livestore.stack.listen import free_port
from streams.room.protocol import commands
from streams.room.protocol.frames import ClientFrame

WARE = Ware(product=3, variant=9, number=1, price=1299, units=10)


def test_a_prepared_purchase_is_one_that_the_room_takes() -> None:
    for text in people.buy_frames(WARE, 3, seed=1):
        frame = ClientFrame.model_validate_json(text)
        bought = TypeAdapter(commands.Buy).validate_python(frame.data)
        assert (frame.type, bought.variant, bought.seen_price) == ("buy", 9, 1299)


def test_every_purchase_has_a_key_of_its_own_and_the_same_seed_the_same_keys() -> None:
    assert len(set(people.keys(1, 1_000))) == 1_000
    assert people.keys(1, 50) == people.keys(1, 50)
    assert not set(people.keys(1, 50)) & set(people.keys(2, 50))


def test_no_two_chat_messages_are_the_same() -> None:
    texts = [json.loads(frame)["data"]["text"] for frame in people.chat_frames(100)]
    assert len(set(texts)) == 100
    assert max(map(len, texts)) < 100


def test_an_api_that_nobody_answers_is_told_in_a_sentence() -> None:
    port = free_port("127.0.0.1", 19_700)
    with pytest.raises(StackError, match="nobody answered"):
        people.call(f"http://127.0.0.1:{port}", "token", "GET", "/products")
