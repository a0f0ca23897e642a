"""H.264 as MP4 wants it: length-prefixed units, and one record with the parameter sets.

Encoders hand out start codes (Annex B of ITU-T H.264); browsers and RTMP senders have the other form already.
"""

from __future__ import annotations

import struct

START = b"\0\0\1"
SPS, PPS = 7, 8
LARGEST_CONFIG = 64 * 1024


class NotH264(ValueError):
    """The stream has no usable parameter sets."""


def is_record(extradata: bytes) -> bool:
    """Whether this is an AVCDecoderConfigurationRecord already (ISO/IEC 14496-15, 5.3.3.1)."""
    return len(extradata) > 6 and extradata[0] == 1


def units(stream: bytes) -> list[bytes]:
    """The units between the start codes."""
    found: list[bytes] = []
    at = stream.find(START)
    while at >= 0:
        begin = at + len(START)
        at = stream.find(START, begin)
        unit = stream[begin : at if at >= 0 else len(stream)]
        # A start code may be four bytes long; and a unit never ends with a zero.
        found.append(unit.rstrip(b"\0"))
    return [unit for unit in found if unit]


def record(extradata: bytes) -> bytes:
    """The record for `avcC`. Raises NotH264."""
    if is_record(extradata):
        if len(extradata) > LARGEST_CONFIG:
            raise NotH264("The parameter sets are too long.")
        return extradata
    all_units = units(extradata)
    sps = [unit for unit in all_units if unit[0] & 0x1F == SPS]
    pps = [unit for unit in all_units if unit[0] & 0x1F == PPS]
    if not sps or not pps or len(sps[0]) < 4 or len(extradata) > LARGEST_CONFIG:
        raise NotH264("The stream has no parameter sets.")
    head = bytes([1, *sps[0][1:4], 0xFF, 0xE0 | len(sps)])
    body = b"".join(struct.pack(">H", len(unit)) + unit for unit in sps)
    tail = b"".join(struct.pack(">H", len(unit)) + unit for unit in pps)
    return head + body + bytes([len(pps)]) + tail


def length_prefixed(sample: bytes) -> bytes:
    """A sample with start codes, with lengths instead."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units(sample))
