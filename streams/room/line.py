"""Sockets that were taken over from the web server: one epoll for all of a process, and no task for any.

A line writes at once and keeps only what the kernel did not take; it reads when there is something. What it
does not need it does not have: an idle viewer is a descriptor, this object and its visit.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import socket
import struct
from typing import NamedTuple, Protocol
from weakref import WeakKeyDictionary

from livestore.base.tracing import unbound
from streams.room import figures, wire
from streams.room.encoding import Frame
from streams.room.protocol import CloseCode, Closing
from streams.room.sweep import ANSWERED, CLOSING, GONE, OPEN, Sweep

logger = logging.getLogger(__name__)

AT_ONCE = 256
"""Ready sockets that are served before the event loop does something else."""
READ = 16 * 1024
"""Bytes read from one socket in its turn; two of the largest messages."""
MOST_PONGS = 64 * 1024
"""Unsent bytes over which a client's pings are not answered."""
PIECES = 64
"""Kept pieces that go into one call to the kernel."""
HEAR = select.EPOLLIN | select.EPOLLRDHUP


class Taken(NamedTuple):
    """A socket in the middle of its life: the handshake is done and may not have been written yet."""

    descriptor: int
    early: bytes
    """What the client has sent after its handshake and nobody has looked at."""
    unsent: bytes
    """The rest of the answer to its handshake."""


class Listener(Protocol):
    """What stands behind a line."""

    def received(self, payload: str | bytes) -> None: ...

    def gone(self) -> None: ...


class Line:
    """One taken socket. It ends once: `listener.gone()` is called, and it is closed."""

    __slots__ = (
        "__weakref__",
        "_lines",
        "_listener",
        "_reader",
        "_size",
        "_waiting",
        "descriptor",
        "pinged",
        "state",
    )
    joins = True
    """Whether ready bytes of several frames may be given in one `send_bytes`."""

    def __init__(self, lines: Lines, descriptor: int, listener: Listener) -> None:
        self._lines = lines
        self._listener: Listener | None = listener
        self._reader: wire.Reader | None = None
        self._waiting: list[bytes] | None = None
        self._size = 0
        self.descriptor = descriptor
        self.pinged = 0.0
        """When a ping was written that has no answer yet (the loop's clock), else 0."""
        self.state = OPEN

    # -- writing ----------------------------------------------------------------------------------

    def write(self, frame: Frame) -> None:
        self.send_bytes(frame.wire)

    def send_bytes(self, data: bytes) -> None:
        """Ready-made frames. What the kernel does not take now follows when it can."""
        if self.state != OPEN:
            return
        if self._waiting is None:
            try:
                sent = os.write(self.descriptor, data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # broken: epoll says so too, and that is where it ends
            if sent == len(data):
                return
            data = data[sent:]
        self._keep(data)

    def hold_back(self, data: bytes) -> None:
        """The first bytes, until `begin`: mostly a room's first frame goes out with them, in one packet."""
        self._waiting = [data]
        self._size = len(data)

    def begin(self) -> None:
        self.flush()
        if self._waiting is not None:
            self._lines.watch(self.descriptor, HEAR | select.EPOLLOUT)

    def unsent(self) -> int:
        return self._size

    def _keep(self, data: bytes) -> None:
        if self._waiting is None:
            self._waiting = [data]
            self._lines.watch(self.descriptor, HEAR | select.EPOLLOUT)
        else:
            self._waiting.append(data)
        self._size += len(data)

    def flush(self) -> None:
        """Write what was kept, as far as it goes."""
        waiting = self._waiting
        if waiting is None:
            return
        try:
            sent = os.writev(self.descriptor, waiting[:PIECES])
        except BlockingIOError:
            return
        except OSError:
            self.end()
            return
        self._size -= sent
        done = 0
        while done < len(waiting) and sent >= len(waiting[done]):
            sent -= len(waiting[done])
            done += 1
        del waiting[:done]
        if sent:
            waiting[0] = waiting[0][sent:]
        if waiting:
            return
        self._waiting = None
        if self.state == ANSWERED:
            self.end()
        else:
            self._lines.watch(self.descriptor, HEAR)

    # -- reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Take what there is, once; epoll comes again for the rest."""
        try:
            data = os.read(self.descriptor, READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.hear(data)
        else:
            self.end()

    def hear(self, data: bytes) -> None:
        reader = self._reader or self._lines.reader
        found = reader.feed(data)
        # Whose the reader is from now on, before anything can fail: no byte may reach another client.
        if reader.between_messages:
            self._reader = None
        elif self._reader is None:
            self._reader, self._lines.reader = reader, wire.Reader()
        for opcode, payload in found:
            if opcode == wire.TEXT or opcode == wire.BINARY:
                if self.state == OPEN and self._listener is not None:
                    self._listener.received(payload)
            elif opcode == wire.PONG:
                self.pinged = 0.0
            elif isinstance(payload, bytes):
                self._control(opcode, payload)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == wire.PING:
            if self._size < MOST_PONGS:
                self.send_bytes(wire.pong_frame(payload))
        elif opcode == wire.FAILED:
            self.close(Closing(CloseCode.BAD_FRAMES))
        elif opcode == wire.CLOSE:
            self._answer(wire.close_code(payload))

    def _answer(self, code: int | None) -> None:
        """The client says goodbye: first, so that we answer, or after us, so that all is said."""
        if self.state == OPEN:
            if code is None:
                self.close(Closing(CloseCode.BAD_FRAMES))
            else:
                self._goodbye(wire.close_frame(code))
        if self._waiting is None:
            self.end()
        elif self.state == CLOSING:
            self.state = ANSWERED

    # -- the end ----------------------------------------------------------------------------------

    def close(self, closing: Closing) -> None:
        """Say goodbye after what is unsent; the client's answer, or a few seconds, end it."""
        if self.state == OPEN:
            figures.goodbye(closing)
            self._goodbye(wire.close_frame(int(closing.code), closing.reason))

    def _goodbye(self, frame: bytes) -> None:
        self.send_bytes(frame)
        self.state = CLOSING
        self._lines.sweep.closing(self)

    def ping(self, now: float) -> None:
        self.pinged = now
        self.send_bytes(wire.PING_FRAME)

    def end(self, *, abort: bool = False) -> None:
        """Close the descriptor; with `abort` by a reset, and nothing that is unsent is tried any more."""
        if self.state == GONE:
            return
        self.state = GONE
        descriptor, self.descriptor = self.descriptor, -1
        self._waiting, self._size, self._reader = None, 0, None
        self._lines.forget(descriptor)
        if abort:
            with socket.socket(fileno=descriptor) as dropped:
                dropped.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            os.close(descriptor)
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.gone()


class Lines:
    """All lines of a process. Use `lines()`: there is one for each event loop."""

    def __init__(self) -> None:
        self.reader = wire.Reader()
        """Serves every line that is between two messages."""
        self.sweep = Sweep()
        self._loop = asyncio.get_running_loop()
        self._lines: dict[int, Line] = {}
        self._epoll: select.epoll | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, taken: Taken, listener: Listener) -> Line:
        """Own a socket from now on. What it sent early is not heard before `Line.hear`."""
        if self._epoll is None:
            self._epoll = select.epoll()
            unbound(self._loop.add_reader, self._epoll.fileno(), self._turn)
        os.set_blocking(taken.descriptor, False)
        self._epoll.register(taken.descriptor, HEAR)
        line = self._lines[taken.descriptor] = Line(self, taken.descriptor, listener)
        self.sweep.add(line)
        if taken.unsent:
            line.hold_back(taken.unsent)
            self._loop.call_soon(line.begin)
        return line

    def watch(self, descriptor: int, events: int) -> None:
        if self._epoll is not None:
            self._epoll.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        del self._lines[descriptor]
        if self._epoll is not None:
            self._epoll.unregister(descriptor)

    def _turn(self) -> None:
        """Serve who is ready, some of them; the kernel brings the others to the front for the next turn."""
        assert self._epoll is not None
        for descriptor, events in self._epoll.poll(0, AT_ONCE):
            line = self._lines.get(descriptor)
            if line is None:
                continue  # ended by another one in this turn
            try:
                if events & select.EPOLLOUT:
                    line.flush()
                if events & ~select.EPOLLOUT and line.state != GONE:
                    line.read()
            except Exception:
                logger.exception("a socket failed")
                self.reader = wire.Reader()
                line.end(abort=True)

    @property
    def unsent(self) -> int:
        """Bytes that are kept for all of them."""
        return sum(line.unsent() for line in self._lines.values())

    def stop(self) -> None:
        """Drop whoever is still here."""
        for line in list(self._lines.values()):
            line.end()
        self.sweep.stop()
        if self._epoll is not None:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Lines] = WeakKeyDictionary()


def lines() -> Lines:
    """The lines of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Lines()
    return found
