"""The steps that a case is written in. A script is a sequence of bytes (sent as they are) and steps.

The same steps serve the client and the upstream. Nothing is timed that can be awaited: a streaming case waits
until the far end has seen a marker, and fails when it does not within the patience of the step.
"""

from dataclasses import dataclass

PATIENCE = 15.0


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Await:
    """Waits until this end has received the marker."""
    marker: bytes
    seconds: float = PATIENCE


@dataclass(frozen=True)
class AwaitFar:
    """Waits until the other end of the exchange has received the marker: the streaming check."""
    marker: bytes
    seconds: float = PATIENCE


@dataclass(frozen=True)
class AwaitMessage:
    """Upstream: waits until the request is complete, trailers included."""
    seconds: float = PATIENCE


@dataclass(frozen=True)
class AwaitEnd:
    """Waits until the peer has closed its side or reset the connection."""
    seconds: float = PATIENCE


@dataclass(frozen=True)
class Drip:
    """Sends bytes in pieces of `size` with a pause between them."""
    data: bytes
    size: int = 1
    seconds: float = 0.0


@dataclass(frozen=True)
class HalfClose:
    """Closes the sending side, keeps reading."""


@dataclass(frozen=True)
class Close:
    """Closes the connection in both directions."""


@dataclass(frozen=True)
class Reset:
    """Closes the connection with RST."""


def as_script(steps):
    """One step, bytes or a sequence of them, as a tuple."""
    return tuple(steps) if isinstance(steps, (tuple, list)) else (steps,)


def sent_bytes(script):
    """All bytes that a script sends, in order."""
    return b"".join(s if isinstance(s, bytes) else s.data for s in as_script(script)
                    if isinstance(s, (bytes, Drip)))
