"""The tutorial's own programs, built from its sources, against recordings of what its own kernels show.

RVSIM_TUTORIAL names a directory that has, for each chapter N from 5 to 8, the programs as chN/NAME.elf (initproc and
user_shell among them) and recordings as out/chN/NAME.txt: what the screen shows from the first command up to the prompt
after the last. Everything is compared but what is a matter of time, of chance, or of which process came first. The
recordings of chapters 7 and 8 have the shell say how each command ended, as chapters 5 and 6 do.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import BootError, Machine, MachineConfig
from rvsim.guest_os.task.exit import reap
from rvsim.guest_os.task.thread_group import ThreadGroup

ROOT = os.environ.get("RVSIM_TUTORIAL")
TIMEOUT_NS = 300_000_000_000
PROMPT = ">> "
SHELL_PID = 1

STATUS = re.compile(r"Shell: \D*(\d+)\D+?(-?\d+)\n")
TEST_STATUS = re.compile(r"Test (\w+)\0? \D*\d+\D+?(-?\d+)\x1b")
CHANCE = (
    (re.compile(r"\d+(?=ms| msecs| ms)"), "T"),                          # durations
    (re.compile(r"(?<=msec = )\d+|(?<=time cost = )\d+|\d+(?=KiB/s)"), "T"),
    (re.compile(r"\d+(?= times\))"), "T"),
    (re.compile(r"(?<=left: )\d{4,}"), "N"),                             # what a race left over
    (re.compile(r"(?<=sum = )\d+"), "N"),                                # of random numbers
    (re.compile(r"^(#\d:)[-x ]+$", re.MULTILINE), r"\1"),                # the philosophers' diagram
    (re.compile(r"^\[kernel\] Killed, SIGKILL=9\n", re.MULTILINE), ""),  # may come after the recording's end
)
FIRST = {"cat": ["filetest_simple"], "cat_filea": ["filetest_simple"]}
"""What must have run on a disk before: its file is what the recorded program reads."""


def letters(text: str) -> object:
    """Lines of processes at once, mixed in the middle of words: the same characters, and the same end."""
    return Counter(text), text.rstrip(PROMPT).splitlines()[-1]


def letters_but_pids(text: str) -> object:
    """As `letters`, but who gets which pid, and who ends last, is also a matter of who came first."""
    return Counter(re.sub(r"\d+", "", re.sub(r"\[initproc\].*\n", "", text)))


def last_lines(text: str) -> object:
    """Tries in vain depend on the schedule, what comes of them does not."""
    return [line for line in text.splitlines() if "exited" in line]


def verdicts(text: str) -> object:
    """A run of many programs, each of which is compared by itself: how each ended."""
    return TEST_STATUS.findall(text)


SCHEDULED: dict[str, Callable[[str], object]] = {
    "forktest": letters, "forktest2": letters, "forktree": letters_but_pids, "matrix": letters, "threads": letters,
    "threads_arg": letters, "barrier_fail": letters, "mpsc_sem": letters, "eisenberg": last_lines,
    "usertests": verdicts, "usertests_simple": verdicts, "usertests-simple": verdicts,
}  # fmt: skip


def recordings() -> list[object]:
    if ROOT is None:
        reason = "RVSIM_TUTORIAL does not name a directory with the tutorial's programs"
        return [pytest.param(0, Path(), marks=pytest.mark.skip(reason=reason), id="none")]
    return [
        pytest.param(chapter, path, id=f"{chapter}-{path.stem}")
        for chapter in (5, 6, 7, 8) for path in sorted((Path(ROOT) / f"out/ch{chapter}").glob("*.txt"))
    ]  # fmt: skip


@pytest.mark.parametrize(("chapter", "recording"), recordings())
def test_screen_as_in_the_tutorial(chapter: int, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = recording.read_bytes().decode().replace("\r", "")
    typed = [line.removeprefix(PROMPT) for line in (PROMPT + expected).splitlines() if line.startswith(PROMPT)]
    first = FIRST.get(recording.stem, [])
    shown, endings = run(chapter, first + [line for line in typed if line], monkeypatch)
    for _ in range(len(first) + 1):
        shown = shown.partition(PROMPT)[2]
    endings = endings[len(first) :]

    if recording.stem in ("usertests", "usertests_simple", "usertests-simple"):
        assert shown.split("Shell: ")[0].rstrip(PROMPT).endswith("Usertests passed!\n")
        assert set(endings) == {(2, 0)}
        if "failed!" in expected:
            return  # the recorded run was an unlucky one: its own test of signals depends on who is faster
    assert endings == [(int(pid), int(code)) for pid, code in STATUS.findall(expected)]
    expected, shown = STATUS.sub("", expected), STATUS.sub("", shown)
    for pattern, replacement in CHANCE:
        expected, shown = pattern.sub(replacement, expected), pattern.sub(replacement, shown)
    view = SCHEDULED.get(recording.stem, str)
    assert view(shown) == view(expected)


def run(chapter: int, commands: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[tuple[int, int]]]:
    """Type commands into the shell: the whole screen, and (pid, exit code) of the shell's children as they ended."""
    assert ROOT is not None
    endings = []

    def note(child: ThreadGroup) -> None:
        if child.parent is not None and child.parent.tgid == SHELL_PID:
            endings.append((child.tgid, child.exit_code))
        reap(child)

    monkeypatch.setattr("rvsim.guest_os.syscalls.rcore.reap", note)
    console = CapturedConsole("".join(command + "\n" for command in commands).encode())
    machine = Machine(MachineConfig(abi=f"rcore:{chapter}", timeout_ns=TIMEOUT_NS), console)
    for program in sorted((Path(ROOT) / f"ch{chapter}").glob("*.elf")):
        machine.install(b"/" + program.stem.encode(), program.read_bytes())
    with pytest.raises(BootError, match="nothing can run any more"):  # the shell waits for a command that never comes
        machine.run(b"/initproc", [b"initproc"])
    assert machine.kernel.tasks == 0
    return console.output.decode().replace("\r", ""), endings
