"""Packets of the remote protocol: frames, checksums, escapes, acknowledgements. No I/O. GDB manual, "Overview".

A packet is `$` payload `#` and two hexadecimal digits, the sum of the payload's bytes as they are sent. `#`, `$`, `}`
and, in what we send, `*` stand in a payload as `}` and the byte with bit 5 changed. Outside of packets, `+` and `-` say
whether the last one came whole, and 0x03 asks for a stop.
"""

from __future__ import annotations

import enum
from itertools import groupby

LARGEST = 1 << 14
"""Bytes of a packet's payload, as it is sent; what is told the client as PacketSize."""

LARGEST_PENDING = 1 << 20
"""So much may wait for us; who sends more without listening is no debugger."""

RESENDS = 8
"""So often is a packet sent again that did not come whole."""

ESCAPE, ESCAPE_BIT = 0x7D, 0x20
INTERRUPT_BYTE = 0x03
_SPECIAL = frozenset(b"#$}*")
_HEX = frozenset(b"0123456789abcdefABCDEF")


class Sign(enum.Enum):
    """What comes between packets."""

    INTERRUPT = "interrupt"


class ProtocolError(Exception):
    """The other side does not keep to the protocol; nothing can be made of what it sends."""


def checksum(data: bytes | bytearray) -> bytes:
    """The two digits behind `#`."""
    return b"%02x" % (sum(data) & 0xFF)


def escaped(data: bytes) -> bytes:
    """Binary data as it may stand in a packet."""
    if not _SPECIAL.intersection(data):
        return data
    out = bytearray()
    for byte in data:
        if byte in _SPECIAL:
            out += bytes((ESCAPE, byte ^ ESCAPE_BIT))
        else:
            out.append(byte)
    return bytes(out)


def unescaped(data: bytes | bytearray) -> bytes:
    """The reverse of `escaped`. An escape at the very end stands for nothing."""
    out = bytearray()
    bit = 0
    for byte in data:
        if byte == ESCAPE and not bit:
            bit = ESCAPE_BIT
        else:
            out.append(byte ^ bit)
            bit = 0
    return bytes(out)


def shortened(text: bytes) -> bytes:
    """Text without special bytes, with runs as a byte, `*`, and 29 more than how often it is repeated.

    "Overview": counts that would be `#` or `$`, or more than 97, do not occur.
    """
    out = bytearray()
    for byte, run in groupby(text):
        left = len(list(run))
        while left:
            repeats = min(left - 1, 97)
            if repeats in (6, 7):
                repeats = 5
            if repeats < 3:
                out += bytes((byte,)) * left
                break
            out += bytes((byte, 0x2A, repeats + 29))
            left -= repeats + 1
    return bytes(out)


def framed(payload: bytes) -> bytes:
    """A payload, escaped already, as a packet."""
    return b"$" + payload + b"#" + checksum(payload)


class Conversation:
    """One side of a connection: bytes that came go in, payloads come out, and the reverse.

    Attributes:
        outgoing: bytes to be sent; who sends them takes them away.
        acknowledges: whether packets are acknowledged, as they are at first.
    """

    def __init__(self) -> None:
        self.outgoing = bytearray()
        self.acknowledges = True
        self._packet: bytearray | None = None       # inside of a packet, what has come of it
        self._digits: bytearray | None = None       # behind its `#`
        self._too_long = False
        self._last = b""
        self._resends = 0

    def send(self, payload: bytes) -> None:
        """A packet for the other side. Raises ProtocolError: it takes nothing any more."""
        self._last = framed(payload)
        self._resends = 0
        self._put(self._last)

    def notify(self, payload: bytes) -> None:
        """A packet that is not kept to be sent again, such as console output."""
        self._put(framed(payload))

    def _put(self, data: bytes) -> None:
        if len(self.outgoing) + len(data) > LARGEST_PENDING:
            raise ProtocolError("it does not listen")
        self.outgoing += data

    def receive(self, data: bytes) -> list[bytes | Sign]:
        """Take in what came; the payloads that are whole by now, without escapes, and signs between them.

        Raises:
            ProtocolError: it asks for the same packet again and again.
        """
        found: list[bytes | Sign] = []
        for byte in data:
            if self._digits is not None:
                self._digit(byte, found)
            elif self._packet is None:
                self._between(byte, found)
            elif byte == 0x23:
                self._digits = bytearray()
            elif byte == 0x24:
                self._begin()
            elif len(self._packet) < LARGEST:
                self._packet.append(byte)
            else:
                self._too_long = True
        return found

    def _begin(self) -> None:
        self._packet, self._digits, self._too_long = bytearray(), None, False

    def _between(self, byte: int, found: list[bytes | Sign]) -> None:
        if byte == 0x24:
            self._begin()
        elif byte == INTERRUPT_BYTE:
            found.append(Sign.INTERRUPT)
        elif byte == 0x2D and self.acknowledges and self._last:
            self._resends += 1
            if self._resends > RESENDS:
                raise ProtocolError("nothing comes whole")
            self._put(self._last)

    def _digit(self, byte: int, found: list[bytes | Sign]) -> None:
        digits, packet = self._digits, self._packet
        assert digits is not None
        assert packet is not None
        if byte == 0x24:                # the packet broke off, and another begins
            self._begin()
            return
        digits.append(byte)
        if len(digits) < 2:
            return
        self._packet = self._digits = None
        right = not self._too_long and _HEX.issuperset(digits) and bytes(digits).lower() == checksum(packet)
        if self.acknowledges:
            self._put(b"+" if right or self._too_long else b"-")
        if right:
            found.append(unescaped(packet))
        elif self._too_long:
            found.append(b"")           # answered as a packet that nobody knows
