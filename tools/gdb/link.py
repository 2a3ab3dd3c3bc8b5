"""The connection: a socket that listens, and at most one client."""

from __future__ import annotations

import contextlib
import socket
import time

from rvsim.emu.host import wait_readable, wait_writable
from rvsim.tools.errors import CliError, reason
from rvsim.tools.gdb.packets import Conversation, ProtocolError, Sign
from rvsim.tools.options.gdb_address import LOOPBACK, Address

SEND_TIMEOUT_S = 30.0
"""A client that takes nothing for so long is gone."""

CHUNK = 1 << 16


class Gone(Exception):
    """The client has closed the connection, or what it sends makes no sense."""


class Link:
    """Listens from the beginning to the end, for one client after the other."""

    def __init__(self, address: Address) -> None:
        """Raises CliError: it cannot listen there."""
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
            self._listener = socket.socket(found[0], socket.SOCK_STREAM)
        except OSError as error:
            raise CliError(f"--gdb: {address.host}: {error.strerror or error}") from None
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(found[4])
            self._listener.listen(1)
        except OSError as error:
            self._listener.close()
            raise CliError(f"--gdb: cannot listen on {address.host}, port {address.port}: "
                           f"{reason(error)}; give another port, or 0") from None
        self._client: socket.socket | None = None
        self.talk = Conversation()
        self._arrived: list[bytes | Sign] = []

    @property
    def shown(self) -> str:
        """Where gdb is to connect to: without a host, as `target remote` takes it, if that is this machine."""
        host, port = self._listener.getsockname()[:2]
        return f":{port}" if host in (LOOPBACK, "0.0.0.0", "::", "::1") else f"[{host}]:{port}" if ":" in host else \
            f"{host}:{port}"

    @property
    def connected(self) -> bool:
        """Whether there is a client."""
        return self._client is not None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What becomes readable when something comes: of the client, or, if there is none, a client."""
        return ((self._client or self._listener).fileno(),)

    def accept(self, timeout_s: float | None = None) -> bool:
        """Wait for a client. False: none came in time."""
        if not wait_readable([self._listener.fileno()], timeout_s):
            return False
        try:
            client, _ = self._listener.accept()
        except OSError:
            return False
        self._client = client
        client.setblocking(False)
        with contextlib.suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.talk = Conversation()
        self._arrived = []
        return True

    def hang_up(self) -> None:
        """Let the client go."""
        if self._client is not None:
            with contextlib.suppress(Gone):
                self.flush()
            self._client.close()
            self._client = None

    def close(self) -> None:
        """No client, and none to come."""
        self.hang_up()
        self._listener.close()

    # ---- packets

    def next(self) -> bytes | Sign:
        """The next packet or sign; waits for it. Raises Gone."""
        while not self._arrived:
            self._take_in(None)
        return self._arrived.pop(0)

    def peek(self) -> bytes | Sign | None:
        """What `poll` would return; it stays. Raises Gone."""
        if not self._arrived:
            self._take_in(0)
        return self._arrived[0] if self._arrived else None

    def poll(self) -> bytes | Sign | None:
        """The next packet or sign, if it has come. Raises Gone."""
        if not self._arrived:
            self._take_in(0)
        return self._arrived.pop(0) if self._arrived else None

    def send(self, payload: bytes) -> None:
        """Send a packet. Raises Gone."""
        try:
            self.talk.send(payload)
        except ProtocolError as error:
            raise Gone from error
        self.flush()

    def console(self, text: str) -> None:
        """Show text at the client, while it waits for an answer. Raises Gone."""
        self.talk.notify(b"O" + text.encode().hex().encode())
        self.flush()

    def _take_in(self, timeout_s: float | None) -> None:
        client = self._client
        if client is None:
            raise Gone
        try:
            if not wait_readable([client.fileno()], timeout_s):
                return
            data = client.recv(CHUNK)
            if not data:
                raise Gone
            self._arrived += self.talk.receive(data)
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, ValueError, ProtocolError) as error:
            raise Gone from error
        self.flush()

    def flush(self) -> None:
        """Send what is to be sent. Raises Gone."""
        client, outgoing = self._client, self.talk.outgoing
        if client is None:
            raise Gone
        deadline = time.monotonic() + SEND_TIMEOUT_S
        while outgoing:
            try:
                del outgoing[:client.send(outgoing)]
            except (BlockingIOError, InterruptedError):
                left = deadline - time.monotonic()
                if left <= 0 or not wait_writable(client.fileno(), left):
                    raise Gone from None
            except (OSError, ValueError) as error:
                raise Gone from error
