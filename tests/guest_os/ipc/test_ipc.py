"""IPC objects as a whole: what outlives its processes goes with the machine; no numbers, sizes or pointers break it."""

from __future__ import annotations

import struct
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.wait import Blocked, Resume
from rvsim.tests.guest import musl_program, nothing_left, passes

AREA = 0x20_0000
NUMBERS = tuple(range(180, 198))
MQ_OPEN, MSGGET, MSGSND, SEMGET, SEMCTL, SEMOP, SHMGET, SHMCTL = 180, 186, 189, 190, 191, 193, 194, 195

words = st.sampled_from((
    0, 1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 64, 500, 501, 4096, 8192, 32000, 32768, 0o600, 0o1600,
    0o3600, 0o4000, 0o14000, 0o60000, 0o100102, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1, 1 << 63,
    (1 << 64) - 1, AREA, AREA + 64, AREA + 4090, AREA + 8192, 1 << 38, (1 << 64) - 4096))
contents = st.lists(words, min_size=16, max_size=16)
scripts = st.lists(st.tuples(st.sampled_from(NUMBERS), st.lists(words, min_size=6, max_size=6), contents), max_size=30)


def test_what_is_left_goes_with_the_machine() -> None:
    passes(musl_program("ipc_left.c"), "left")


class Bench:
    """A machine with one process, whose calls are made from here; it has one object of each kind."""

    def __init__(self) -> None:
        self.machine = Machine(MachineConfig(memory_bytes=16 << 20, process_limit=32), CapturedConsole(b""))
        self.task: Task = self.machine.start(b"true", [b"true"])
        self.table = self.machine.kernel.abis["linux"].calls
        self.task.space.map(AREA, 8192, 3, 0)
        self.run_on()
        self.store([0x71] + [0] * 15)
        for number, *arguments in ((MSGGET, 0, 0o600), (SEMGET, 0, 3, 0o600), (SHMGET, 0, 8192, 0o600),
                                   (MQ_OPEN, AREA, 0o102, 0o600, 0)):
            assert self.call(number, arguments) in (0, 3)

    def run_on(self) -> None:
        self.machine.kernel.scheduler.current = self.task
        self.machine.hart.load(self.task.context, self.task.space.table)

    def store(self, content: list[int]) -> None:
        if self.task.space.areas.find(AREA) is not None:
            user_memory.write(self.task.space, AREA, struct.pack("<16Q", *content))

    def call(self, number: int, arguments: list[int]) -> int | None:
        """Make one call; nothing but its own wait may come out of it."""
        task = self.task
        function, nargs = self.table.get(number)
        result: int | None = None
        with suppress(Blocked):
            result = function(task, *(arguments + [0] * 6)[:nargs])
        resume, task.resume = task.resume, None
        if isinstance(resume, Resume):
            resume.dropped()
        task.state = State.RUNNING
        task.pending.discard(-1)
        self.run_on()
        return result

    def close(self) -> None:
        kernel = self.machine.kernel
        kernel.scheduler.current = None
        self.machine.close()
        assert [len(ids) for ids in (kernel.ipc.shm.ids, kernel.ipc.sem.ids, kernel.ipc.msg.ids)] == [0, 0, 0]
        assert (kernel.ipc.shm.pages, kernel.ipc.sem.count, kernel.ipc.msg.held) == (0, 0, 0)
        nothing_left(self.machine)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=scripts)
def test_hostile_arguments(script: list[tuple[int, list[int], list[int]]]) -> None:
    """Any numbers and any structures: an errno, never an exception; at the end nothing is left."""
    bench = Bench()
    for number, arguments, content in script:
        bench.store(content)
        bench.call(number, arguments)
    bench.close()


def test_messages_together_are_limited() -> None:
    """No guest fills the host's memory with queues: ENOMEM at a quarter of the machine's memory."""
    bench = Bench()
    results = set()
    bench.store([1] + [0] * 15)
    while -12 not in results:
        ident = bench.call(MSGGET, [0, 0o600])
        assert ident is not None
        for _ in range(40):
            results.add(bench.call(MSGSND, [ident, AREA, 8, 0o4000]))
            results.add(bench.call(MSGSND, [ident, AREA, 4096, 0o4000]))
    assert bench.machine.kernel.ipc.msg.held <= 4 << 20
    bench.close()


def test_an_index_is_not_used_again_under_the_same_number() -> None:
    """ipc/util.c:ipc_addid: the upper bits of an identifier count how often the indices have begun afresh."""
    bench = Bench()
    seen = []
    for _ in range(5):
        ident = bench.call(SHMGET, [0, 1, 0o600])
        assert ident is not None
        seen.append(ident)
        assert bench.call(SHMCTL, [ident, 0, 0]) == 0
    assert seen == [1, 1 | 1 << 15, 1 | 2 << 15, 1 | 3 << 15, 1 | 4 << 15]
    bench.close()
