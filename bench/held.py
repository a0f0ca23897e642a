"""What a measurement starts is stopped again, whatever happens in between."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Held(ABC):
    """`async with thing:`; inside it has begun, after it, and when it could not begin, it is stopped."""

    @abstractmethod
    async def set_up(self) -> None:
        """Start it, ready for use."""

    @abstractmethod
    async def stop(self) -> None:
        """End it, however far `set_up` got."""

    async def __aenter__(self) -> Self:
        try:
            await self.set_up()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


async def until(condition: Callable[[], bool], within: float, *, every: float = 0.05) -> bool:
    """Ask again every so many seconds; False when it has not come true within `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(every)
    return True
