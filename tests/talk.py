"""A person at the terminal of a guest, as `Terminal` is one at the host's: keys typed, what appears waited for."""

from __future__ import annotations

from rvsim.tests.terminal import Typed
from rvsim.tools.testing.guest import Guest


class Talk(Typed):
    """A dialogue with a guest, in bytes.

    Attributes:
        seen: everything that has appeared.
    """

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    @property
    def seen(self) -> bytes:
        return bytes(self.guest.console.output)

    def type(self, keys: bytes) -> None:
        self.guest.send(keys)

    def expect(self, wanted: bytes) -> bytes:
        __tracebackhide__ = True
        self.guest.expect_exact(wanted)
        return self.guest.before.encode()

    def wait(self) -> int:
        """Run until the machine ends; its exit status."""
        return self.guest.wait()
