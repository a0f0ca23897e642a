"""RTMP's pictures and sound as an FLV byte stream (Adobe's Video File Format 10.1, annex E): the messages are FLV tags
already, only their frame is another one."""

from __future__ import annotations

import struct

from streams.video.rtmp.chunks import VIDEO, Message

AVC, AAC = 7, 10
HEADER_PACKET = 0
LARGEST_CONFIG = 64 * 1024


class WrongCodec(ValueError):
    """What was sent is neither H.264 nor AAC. The text is for the sender."""


def stream_header(*, audio: bool) -> bytes:
    """Picture, and sound if there will be any."""
    return b"FLV\x01" + bytes([0x05 if audio else 0x01]) + struct.pack(">II", 9, 0)


def tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    """`timestamp` in milliseconds, its highest byte comes last (E.4.1)."""
    size, time = len(payload).to_bytes(3, "big"), timestamp & 0xFFFFFFFF
    head = (
        bytes([kind]) + size + (time & 0xFFFFFF).to_bytes(3, "big") + bytes([time >> 24, 0, 0, 0])
    )
    return head + payload + struct.pack(">I", len(head) + len(payload))


def is_config(message: Message) -> bool:
    """Whether it holds the decoder's configuration instead of a picture or sound. Raises WrongCodec."""
    payload = message.payload
    if len(payload) < 2:
        return False
    if message.kind == VIDEO:
        # The highest bit is enhanced RTMP, which is how HEVC and AV1 come.
        if payload[0] & 0x80 or payload[0] & 0x0F != AVC:
            raise WrongCodec("Only H.264 pictures can be shown: choose an H.264 encoder (x264).")
    elif payload[0] >> 4 != AAC:
        raise WrongCodec("Only AAC sound can be heard: choose AAC as the audio encoder.")
    if payload[1] == HEADER_PACKET and len(payload) > LARGEST_CONFIG:
        raise WrongCodec("The encoder's configuration is too long.")
    return payload[1] == HEADER_PACKET


def is_keyframe(message: Message) -> bool:
    return message.kind == VIDEO and len(message.payload) > 5 and message.payload[0] >> 4 == 1


def tag_of(message: Message, base: int) -> bytes:
    """With its time counted from `base`; what came a little earlier stands at 0."""
    time = (message.timestamp - base) & 0xFFFFFFFF
    return tag(message.kind, 0 if time >= 1 << 31 else time, message.payload)
