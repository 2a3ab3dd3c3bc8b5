"""Open files inside messages, and the circles that they can form. net/unix/garbage.c, scm.c

A socket whose file is held by messages alone can be reached only by receiving it. Where these messages wait in queues
of sockets that are in the same situation, nobody ever will: such sockets are found when the last descriptor of one
goes, and their queues are thrown away.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.fs.unix_message import Message

if TYPE_CHECKING:
    from rvsim.guest_os.fs.unix_socket import UnixSocket
    from rvsim.guest_os.vfs.file import File


class InFlight:
    """The files in messages of one machine.

    Attributes:
        sockets: those whose files are in messages.
        by_uid, total: how many files are in messages, by the uid that sent them and together.
        dying: files that were let go of and are not closed yet; closing one may add others, so this is no recursion.
    """

    def __init__(self) -> None:
        self.sockets: dict[UnixSocket, None] = {}
        self.by_uid: dict[int, int] = {}
        self.total = 0
        self.dying: deque[File] = deque()
        self.closing = False

    def attach(self, message: Message, files: tuple[File, ...], uid: int) -> None:
        """Put files, whose holds the message takes over, into it; counted for `uid`."""
        message.files = files
        message.owner = uid
        self.by_uid[uid] = self.by_uid.get(uid, 0) + len(files)
        self.total += len(files)
        for file in files:
            if isinstance(file, SocketFile):
                file.sock.in_flight += 1
                self.sockets[file.sock] = None

    def detach(self, message: Message) -> tuple[File, ...]:
        """Take the files out; the caller has their holds."""
        files, message.files = message.files, ()
        if not files:
            return files
        self.total -= len(files)
        left = self.by_uid[message.owner] - len(files)
        if left:
            self.by_uid[message.owner] = left
        else:
            del self.by_uid[message.owner]
        for file in files:
            if isinstance(file, SocketFile):
                file.sock.in_flight -= 1
                if not file.sock.in_flight:
                    del self.sockets[file.sock]
        return files

    def drop(self, message: Message) -> None:
        """A message is thrown away: let go of its files."""
        self.put(self.detach(message))

    def put(self, files: tuple[File, ...]) -> None:
        """Let go of files one after the other, however many sockets full of files are among them."""
        self.dying.extend(files)
        if self.closing:
            return
        self.closing = True
        try:
            while self.dying:
                self.dying.popleft().put()
        finally:
            self.closing = False

    def collect(self) -> None:
        """Throw away the queues of sockets that only each other's messages hold. net/unix/garbage.c:unix_gc"""
        held = {sock: sock.in_flight for sock in self.sockets
                if sock.file is not None and sock.file.count == sock.in_flight}
        inside = {sock: _files_in(sock) for sock in held}
        for files in inside.values():
            for sock in files:
                if sock in held:
                    held[sock] -= 1
        reachable = [sock for sock, outside in held.items() if outside]
        while reachable:
            sock = reachable.pop()
            if sock in inside:
                reachable.extend(other for other in inside.pop(sock) if other in inside)
        lost: list[File] = []
        for sock in inside:
            for queue in (sock, *sock.pending):
                for message in queue.messages:
                    lost.extend(self.detach(message))
        self.put(tuple(lost))


def _files_in(sock: UnixSocket) -> list[UnixSocket]:
    """The sockets whose files wait in the queue of `sock`, and of connections that it has not accepted."""
    return [file.sock for queue in (sock, *sock.pending) for message in queue.messages for file in message.files
            if isinstance(file, SocketFile)]
