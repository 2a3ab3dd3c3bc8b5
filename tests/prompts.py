"""Debian's shells at their prompts, whoever types there: a test at the guest's terminal, or a person at the host's."""

from __future__ import annotations

from rvsim.tests.terminal import Typed

BASH_PROMPT = b"\x1b[?2004hroot@rvsim:%s# "
"""Bracketed paste on, which says that readline reads the terminal, and Debian's prompt."""
PASTE_OFF = b"\x1b[?2004l\r"
BUSYBOX_PROMPT = b"/ # \x1b[6n"
"""What busybox draws before a line: the prompt, then the question where the cursor is."""


class BashPrompt(Typed):
    """bash at its prompt."""

    def run(self, keys: bytes, directory: bytes = b"/") -> bytes:
        """Type a line; what it prints, with plain newlines."""
        self.enter(keys, PASTE_OFF)
        return self.to_prompt(directory)

    def to_prompt(self, directory: bytes = b"/") -> bytes:
        """What appears before the next prompt, with plain newlines."""
        return self.expect(BASH_PROMPT % directory).replace(b"\r\n", b"\n")

    def start(self, line: bytes, begun: bytes = b"begun\r\n") -> None:
        """Type a line whose program stays in the foreground; wait until it shows `begun`."""
        self.enter(line, PASTE_OFF)
        self.expect(begun)

    def press(self, key: bytes) -> bytes:
        """Press a key that brings the prompt back; what appears before that."""
        self.type(key)
        return self.to_prompt()


class BusyboxPrompt(Typed):
    """busybox's shell at its prompt."""

    def run(self, keys: bytes) -> bytes:
        """Type a line; what it prints, with plain newlines."""
        self.enter(keys, b"\r\n")
        return self.expect(BUSYBOX_PROMPT).replace(b"\r\n", b"\n")
