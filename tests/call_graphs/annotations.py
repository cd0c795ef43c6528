"""Types that are promised."""
from __future__ import annotations


class Engine:
    def start(self):
        pass

    def clone(self) -> Engine:
        return unknown()


class Car:
    engine: Engine

    def __init__(self, engine: Engine, spare: Engine | None = None):
        self.engine = engine
        self.spare = spare

    def drive(self):
        self.engine.start()
        self.spare.start()
        self.engine.clone().start()


def starts(engine: Engine):
    engine.start()


async def waits(car: Car):
    await later()
    car.drive()


async def later():
    return one


async def chains():
    (await later())()


def one():
    pass

# Car.drive -> Engine.start, Engine.clone
# starts -> Engine.start
# waits -> later, Car.drive
# chains -> later, one
