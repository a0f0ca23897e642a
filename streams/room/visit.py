"""What one socket does in a room, from its handshake to its goodbye; the same for lines and for ASGI.

Frames come in by `received`, which never waits: what can be said at once is said at once. One command of a socket is
worked on at a time, so that frames are answered in their order; only while it is there is a task, and not even that
for `buy`, which waits for the checkout.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import Error as DatabaseError

from livestore.base.errors import Busy, LoginRequired, NotAllowed, NotFound, Refusal, TooFast
from livestore.base.tracing import Trace, bound, new_request_id
from shop.checkout.requests import Placed
from shop.checkout.waiting import Answer
from streams.room import figures, valkey
from streams.room.arrival import Arrival, Refused, Request
from streams.room.arrivals import arrive
from streams.room.connection import Connection
from streams.room.encoding import error_reply, ok_reply
from streams.room.handlers import Act, bought, bought_before, buy, handle, not_bought
from streams.room.inbound import BadFrame, command_of, decode, kind_of
from streams.room.limits import BAD_FRAMES, PATIENCE, Bucket
from streams.room.outlets import Outlet
from streams.room.person import RANK
from streams.room.presence import guest_member
from streams.room.protocol import CloseCode, Closing, Command
from streams.room.protocol.commands import Buy
from streams.room.resume import Position
from streams.room.rooms import restarting, rooms

if TYPE_CHECKING:
    from streams.room.hub import Hub

logger = logging.getLogger(__name__)

AWAY = (*valkey.Trouble, DatabaseError, TimeoutError)
"""What is raised while a server is away; trying again will help."""
JOIN_WITHIN = 10.0
LONGEST_INBOX = 200
"""Frames of one socket that wait for their turn; a client that sends faster than it is answered is closed."""

NOBODY = Refused(CloseCode.WHO_ARE_YOU)
"""In place of a request that is not needed any more."""

Payload = str | bytes
Work = tuple[str, Command]
"""The ref to answer, and what is asked."""

working: set[Visit] = set()
"""Those whose command is being worked on in this process; it does not end before they are answered."""


class Manners:
    """How a socket has behaved so far. Made at its first frame: most viewers never send one."""

    __slots__ = ("bad_frames", "commands", "patience")

    def __init__(self) -> None:
        self.commands = Bucket(settings.COMMANDS_BURST, settings.COMMANDS_RATE)
        self.patience = Bucket(*PATIENCE)
        self.bad_frames = 0


class Visit:
    """`enter` once, `received` for each frame, `gone` when the socket has ended."""

    __slots__ = (
        "_connection",
        "_finished",
        "_gone",
        "_hub",
        "_manners",
        "_request",
        "_task",
        "_waiting",
        "_working",
        "slug",
    )

    def __init__(self, slug: str, request: Request | Refused) -> None:
        self.slug = slug
        self._request: Request | Refused = request
        self._connection: Connection | None = None
        self._hub: Hub | None = None
        self._manners: Manners | None = None
        self._waiting: list[Payload] | None = None
        self._task: asyncio.Task[None] | None = None
        self._working = False
        self._finished: asyncio.Future[None] | None = None
        self._gone = False

    # -- coming in --------------------------------------------------------------------------------

    async def enter(self, outlet: Outlet, since: Position | None) -> bool:
        """Look up who it is, join the room, begin to answer. False when it ended before that."""
        house = rooms()
        request = self._request
        if house.draining:
            outlet.close(restarting())
            return False
        try:
            if isinstance(request, Refused):
                raise request
            arrival = await _arrive(request)
            hub = await house.enter(self.slug)
            if arrival.person is None and hub.facts.state == "draft":
                # Perhaps started a moment ago, and the relay has not said so yet: the database knows.
                await arrive(request)
        except Refused as refused:
            outlet.close(Closing(refused.code))
            return False
        except NotFound:
            outlet.close(Closing(CloseCode.NO_SUCH_SHOW))
            return False
        except (*AWAY, Busy) as problem:
            logger.warning("room %s: nobody can come in: %r", self.slug, problem)
            outlet.close(restarting())
            return False
        if self._gone:
            return False
        self.slug, self._hub = hub.slug, hub  # one string for all who are here
        kept = request if arrival.person is not None else None
        self._request = NOBODY
        connection = Connection(outlet, hub.slug, arrival.person, arrival.member, kept)
        self._connection = connection
        house.direct.add(connection)
        try:
            async with asyncio.timeout(JOIN_WITHIN):
                await hub.join(connection, since)
        except AWAY as problem:
            logger.warning("room %s: a visit was broken off: %r", self.slug, problem)
            connection.close(restarting())
        except BaseException:
            self._leave()
            raise
        if house.draining:
            connection.close(restarting())  # it came in behind the back of those who are sent away
        elif len(self._waiting or ()) > LONGEST_INBOX:
            connection.close(Closing(CloseCode.TOO_FAST))
        if self._gone or connection.closed:
            self._leave()
            return False
        if kept is not None:
            house.mine.refresh(connection, kept, first=True)
        self._next()
        return True

    def gone(self) -> None:
        """The socket has ended. What it asked for before is still done; nobody hears the answers."""
        self._gone = True
        if self._connection is not None and self._connection.closed:
            self._waiting = None
        self._leave()
        self._next()

    def _leave(self) -> None:
        connection = self._connection
        if connection is not None:
            rooms().direct.remove(connection)
            if connection.hub is not None:
                connection.hub.leave(connection)
            connection.end()

    # -- frames -----------------------------------------------------------------------------------

    def received(self, payload: Payload) -> None:
        """A text or binary message. In order, one at a time."""
        connection = self._connection
        if connection is None or self._working or self._waiting:
            self._wait(payload)
        elif not connection.closed:
            self._take(connection, payload)

    def _wait(self, payload: Payload) -> None:
        if self._waiting is None:
            self._waiting = []
        if len(self._waiting) <= LONGEST_INBOX:
            self._waiting.append(payload)
        if len(self._waiting) > LONGEST_INBOX and self._connection is not None:
            self._connection.close(Closing(CloseCode.TOO_FAST))

    def _next(self) -> None:
        """Begin with what has waited, as far as it goes without waiting."""
        connection = self._connection
        while self._waiting and not self._working and connection is not None:
            payload = self._waiting.pop(0)
            if self._goes_on(connection):
                self._take(connection, payload)
        if not self._waiting:
            self._waiting = None

    def _goes_on(self, connection: Connection) -> bool:
        """Whether frames are still answered: not after our goodbye, but after the client's own."""
        return self._gone or not connection.closed

    def _take(self, connection: Connection, payload: Payload) -> None:
        """Refuse a frame at once, or begin with the command that it is."""
        work = self._read(connection, payload)
        if work is None:
            return
        ref, command = work
        assert self._hub is not None
        assert connection.person is not None
        act = Act(self._hub, connection.person)
        trace = Trace(new_request_id(), self.slug, connection.user)
        working.add(self)
        self._working = True
        if isinstance(command, Buy):
            answered = partial(self._bought, connection, ref, act, trace)
            try:
                buy(act, command, trace.request, answered)
            except Exception as problem:
                answered(problem)
        else:
            self._begin(connection, ref, command.type, trace, handle(act, command))

    def _read(self, connection: Connection, payload: Payload) -> Work | None:
        """What is asked, or None when it was refused and said so."""
        manners = self._manners
        if manners is None:
            manners = self._manners = Manners()
        wait = manners.commands.take()
        if wait and manners.patience.take():
            connection.close(Closing(CloseCode.TOO_FAST))
            return None
        ref, asked = "", "unreadable"
        try:
            frame = decode(payload)
            ref, asked = frame.ref, "unknown"
            kind = kind_of(frame)
            asked = kind.type
            if wait:
                raise TooFast(retry_after_ms=wait)
            person = connection.person
            if person is None:
                raise LoginRequired
            if RANK[person.role] < RANK[kind.who]:
                raise NotAllowed
            return ref, command_of(kind, frame)
        except BadFrame as refusal:
            figures.asked(asked, refusal.code)
            manners.bad_frames += 1
            if manners.bad_frames > BAD_FRAMES:
                connection.close(Closing(CloseCode.BAD_FRAMES))
            else:
                connection.write(error_reply(refusal.ref, refusal.as_json()))
        except Refusal as refusal:
            figures.asked(asked, refusal.code)
            connection.write(error_reply(ref, refusal.as_json()))
        except Exception as problem:
            self._failed(connection, ref, asked, problem)
        return None

    def _bought(
        self, connection: Connection, ref: str, act: Act, trace: Trace, answer: Answer
    ) -> None:
        """The checkout's answer. Only who asks for the second time needs a task, to be told what stands."""
        if isinstance(answer, Placed) and answer.replay:
            self._begin(connection, ref, Buy.type, trace, bought_before(act, answer))
            return
        try:
            if isinstance(answer, Placed):
                self._reply(connection, ref, Buy.type, bought(answer))
            elif isinstance(answer, Refusal):
                self._refused(connection, ref, Buy.type, not_bought(answer))
            else:
                with bound(trace):
                    self._refused(connection, ref, Buy.type, answer)
        finally:
            self._over()

    def _begin(
        self,
        connection: Connection,
        ref: str,
        asked: str,
        trace: Trace,
        work: Coroutine[Any, Any, dict[str, Any]],
    ) -> None:
        with bound(trace):
            self._task = asyncio.create_task(self._work(connection, ref, asked, work))

    async def _work(
        self,
        connection: Connection,
        ref: str,
        asked: str,
        work: Coroutine[Any, Any, dict[str, Any]],
    ) -> None:
        try:
            self._reply(connection, ref, asked, await work)
        except Exception as problem:
            self._refused(connection, ref, asked, problem)
        finally:
            self._task = None
            self._over()

    def _reply(self, connection: Connection, ref: str, asked: str, data: dict[str, Any]) -> None:
        figures.asked(asked, "ok")
        connection.write(ok_reply(ref, data))

    def _refused(
        self, connection: Connection, ref: str, asked: str, problem: BaseException
    ) -> None:
        if isinstance(problem, AWAY):
            problem = Busy(retry_after_ms=1_000)
        if isinstance(problem, Refusal):
            figures.asked(asked, problem.code)
            connection.write(error_reply(ref, problem.as_json()))
        else:
            self._failed(connection, ref, asked, problem)

    def _over(self) -> None:
        """The command is answered: on with what came meanwhile."""
        self._working = False
        working.discard(self)
        self._next()
        if not self._working and self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    def _failed(self, connection: Connection, ref: str, asked: str, problem: BaseException) -> None:
        """What was said in it is nobody's business: only which command it was is logged."""
        figures.asked(asked, "error")
        logger.error("room %s: %s failed", self.slug, asked, exc_info=problem)
        error = Refusal("Something went wrong on our side.", code="error", retry=True)
        connection.write(error_reply(ref, error.as_json()))

    async def finished(self) -> None:
        """Until the last command is done."""
        if self._working:
            self._finished = asyncio.get_running_loop().create_future()
            await self._finished


async def _arrive(request: Request) -> Arrival:
    if request.ticket is None and request.session is None:
        return Arrival(None, guest_member(request.guest))  # nothing to look up
    return await arrive(request)
