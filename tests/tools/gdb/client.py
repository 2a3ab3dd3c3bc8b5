"""A debugger of few words, which sends packets as they are written."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from rvsim.tests.guest import debug_program
from rvsim.tests.tools.gdb.driven import start
from rvsim.tools.gdb.packets import Conversation, Sign, framed

PROGRAM = "gdb/gdb.c"
FEATURES = b"qSupported:multiprocess+;fork-events+;vfork-events+;exec-events+;swbreak+;hwbreak+;no-resumed+"


class Client:
    """A debugger of few words."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.talk = Conversation()
        self.waiting: list[bytes | Sign] = []

    def send(self, payload: bytes) -> None:
        self.socket.sendall(framed(payload))

    def answer(self) -> bytes:
        while not self.waiting:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError
            self.waiting += self.talk.receive(data)
            self.socket.sendall(bytes(self.talk.outgoing))
            self.talk.outgoing.clear()
        found = self.waiting.pop(0)
        assert isinstance(found, bytes)
        return lengthened(found)

    def ask(self, payload: bytes) -> bytes:
        self.send(payload)
        return self.answer()


def lengthened(data: bytes) -> bytes:
    """Text with its runs at full length, as gdb reads it."""
    out = bytearray()
    at = 0
    while at < len(data):
        if data[at] == 0x2A:
            out += out[-1:] * (data[at + 1] - 29)
            at += 1
        else:
            out.append(data[at])
        at += 1
    return bytes(out)


@contextmanager
def introduced(port: int) -> Iterator[Client]:
    """A client that has said what it knows."""
    made = Client(port)
    try:
        assert b"vContSupported+" in made.ask(FEATURES)
        yield made
    finally:
        made.socket.close()


@contextmanager
def client(part: str, *options: str) -> Iterator[tuple[Client, subprocess.Popen[str]]]:
    """A client that has introduced itself, and rvsim, which must not fail."""
    process, port = start(debug_program(PROGRAM), part, options=options)
    try:
        with introduced(port) as made:
            yield made, process
    finally:
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        assert "Traceback" not in errors
