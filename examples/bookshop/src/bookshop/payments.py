"""Ways to pay."""

from __future__ import annotations

import asyncio
import functools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class PaymentRefused(Exception):
    """The customer's bank said no."""


class Unreachable(Exception):
    """The gateway did not answer."""


class Receipt(NamedTuple):
    amount: int
    reference: str


def retry(times: int) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Try again when the other side does not answer."""

    def decorate(call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(call)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in range(times):
                try:
                    return await call(*args, **kwargs)
                except Unreachable:
                    await asyncio.sleep(0.01 * attempt)
            raise Unreachable(f"{times} attempts")

        return wrapper

    return decorate


class Gateway(ABC):
    """Takes money."""

    async def __aenter__(self) -> Gateway:
        await self.connect()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def connect(self) -> None:
        """Nothing to do by default."""

    async def close(self) -> None:
        """Nothing to do by default."""

    @abstractmethod
    async def charge(self, amount: int, reference: str) -> Receipt: ...


class CardGateway(Gateway):
    """Charges a card up to its limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    @retry(times=3)
    async def charge(self, amount: int, reference: str) -> Receipt:
        if amount > self.limit:
            raise PaymentRefused(reference)
        self.limit -= amount
        return Receipt(amount, reference)


class InvoiceGateway(Gateway):
    """Sends a bill."""

    def __init__(self) -> None:
        self.bills: list[Receipt] = []

    async def charge(self, amount: int, reference: str) -> Receipt:
        bill = Receipt(amount, reference)
        self.bills.append(bill)
        return bill
