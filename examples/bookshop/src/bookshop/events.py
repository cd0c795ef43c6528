"""Who wants to know what happened."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Listener = Callable[[Any], None]

_listeners: defaultdict[str, list[Listener]] = defaultdict(list)


def subscribe(event: str) -> Callable[[Listener], Listener]:
    """Decorates a function to be called at every such event."""

    def register(listener: Listener) -> Listener:
        _listeners[event].append(listener)
        return listener

    return register


def publish(event: str, payload: Any) -> int:
    """Tells everyone; returns how many there were."""
    for listener in _listeners[event]:
        listener(payload)
    return len(_listeners[event])
