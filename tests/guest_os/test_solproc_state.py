"""What the files of solproc say, recounted from the kernel's own tables. illumos: man 5 proc"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from rvsim.emu._gate import PTE_FILE
from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import ENOENT
from rvsim.guest_os.abi.mman import VM_LOCKED, VM_NORESERVE
from rvsim.guest_os.abi.solproc import Flag, Why
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.proc.solproc.host import FILES, Processes, parse, parse_credentials
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.vfs.entries import mkdir
from rvsim.guest_os.vfs.namei import lookup
from rvsim.tests.guest import make, musl_program, nothing_left

GETPPID = 173
RICH, HELD, DEAD, STOPPED = range(1, 5)
"""The processes of solproc_state.c, by their place among the first one's children."""


class Look(Observer):
    """Calls `look` with the machine at the call of getppid."""

    def __init__(self, machine: Machine, look: Callable[[Seen], None]) -> None:
        self.machine = machine
        self.look = look
        self.looked = 0

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        if number == GETPPID:
            self.looked += 1
            self.look(Seen(self.machine, task))


class Seen:
    """The processes of the moment: as the kernel has them, and what the files say."""

    def __init__(self, machine: Machine, first: Task) -> None:
        self.machine = machine
        self.first = first
        self.files = Processes(machine.context)

    def groups(self) -> list[ThreadGroup]:
        return [self.first.group, *self.first.group.children]

    def child(self, which: int) -> ThreadGroup:
        return self.groups()[which]


def looked(look: Callable[[Seen], None]) -> None:
    machine = make()
    observer = Look(machine, look)
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program("solproc_state.c"))
    assert machine.run(program, [program, b"look"]) == 0
    assert observer.looked == 1
    nothing_left(machine)


def bits(words: dict[str, Any]) -> int:
    """The bits of a set's structure."""
    return sum(word << 32 * at for at, word in enumerate(words["word"]))


def ns(stamp: dict[str, int]) -> int:
    """Nanoseconds of a timespec."""
    return stamp["tv_sec"] * 10**9 + stamp["tv_nsec"]


def space_of(group: ThreadGroup) -> AddressSpace:
    return next(thread.mm for thread in group.threads if thread.mm is not None)


def test_every_process_once() -> None:
    def look(seen: Seen) -> None:
        assert seen.files.pids() == [group.tgid for group in seen.groups()]
        assert [record["pr_pid"] for record in seen.files.each()] == seen.files.pids()
        assert len(list(seen.files.each("status"))) == 4             # not the dead one's

    looked(look)


def test_psinfo() -> None:
    def look(seen: Seen) -> None:
        for group in seen.groups():
            info = seen.files.record(group.tgid, "psinfo")
            cred = group.leader.cred
            assert (info["pr_ppid"], info["pr_pgid"], info["pr_sid"]) == (
                group.parent.tgid if group.parent is not None else 0, group.pgrp.numbers[0][0],
                group.session.numbers[0][0])
            assert (info["pr_uid"], info["pr_euid"], info["pr_gid"], info["pr_egid"]) == (
                cred.uid, cred.euid, cred.gid, cred.egid)
            assert ns(info["pr_time"]) == group.usage.utime_ns + group.usage.stime_ns
            assert (info["pr_dmodel"], info["pr_ttydev"]) == (2, (1 << 64) - 1)
            if group.zombie:
                continue
            space = space_of(group)
            pages = [entry for area in space.areas for _, entry in space.table.entries(area.start, area.end)]
            assert info["pr_size"] == sum(area.end - area.start for area in space.areas) // 1024
            assert info["pr_rssize"] == len(pages) * 4
            assert info["pr_nlwp"] == sum(thread.alive for thread in group.threads)
            assert info["pr_nzomb"] == 0
            assert info["pr_fname"].rstrip(b"\0") == group.leader.comm
            clock = seen.machine.clock
            assert ns(info["pr_start"]) == group.start_ns + clock.realtime_ns() - clock.monotonic_ns()
            count = info["pr_argc"]
            assert count == 2
            pointers = [user_memory.read_u64(space, info["pr_argv"] + 8 * at) for at in range(count + 1)]
            assert pointers[count] == 0
            words = [user_memory.string(space, pointer, 100) for pointer in pointers[:count]]
            assert words[1] == b"look"
            assert info["pr_psargs"].rstrip(b"\0") == b" ".join(word or b"" for word in words)[:79]
            assert info["pr_envp"] == info["pr_argv"] + 8 * (count + 1)
            variable = user_memory.string(space, user_memory.read_u64(space, info["pr_envp"]), 100)
            assert variable is not None
            assert b"=" in variable

    looked(look)


def test_a_zombie() -> None:
    def look(seen: Seen) -> None:
        group = seen.child(DEAD)
        info = seen.files.record(group.tgid, "psinfo")
        assert (info["pr_wstat"], info["pr_nlwp"], info["pr_lwp"]["pr_sname"]) == (3 << 8, 0, ord("Z"))
        assert (info["pr_lwp"]["pr_lwpid"], info["pr_size"], ns(info["pr_start"])) == (0, 0, 0)
        assert ns(info["pr_time"]) > 600_000
        usage = seen.files.record(group.tgid, "usage")
        assert ns(usage["pr_utime"]) == group.usage.utime_ns
        assert usage["pr_minf"] == group.usage.minor_faults > 0
        for name in set(FILES) - {"psinfo", "usage"}:
            with pytest.raises(ENOENT):
                seen.files.data(group.tgid, name)

    looked(look)


def test_status() -> None:
    def look(seen: Seen) -> None:
        for group in (group for group in seen.groups() if not group.zombie):
            status = seen.files.record(group.tgid, "status")
            space, trace = space_of(group), group.tracing
            assert (status["pr_pid"], status["pr_nlwp"]) == (group.tgid, group.live_threads)
            assert bits(status["pr_sigpend"]) == group.pending.bits
            assert (status["pr_brkbase"], status["pr_brksize"]) == (space.start_brk, space.brk - space.start_brk)
            stack = next(area for area in space.areas if area.name == b"[stack]")
            assert (status["pr_stkbase"], status["pr_stksize"]) == (stack.start, stack.end - stack.start)
            assert ns(status["pr_cutime"]) == group.child_usage.utime_ns
            assert bits(status["pr_sigtrace"]) == (trace.signals if trace is not None else 0)
            assert bits(status["pr_flttrace"]) == (trace.faults if trace is not None else 0)
            assert bits(status["pr_sysentry"]) == (trace.entry if trace is not None else 0)
            assert bits(status["pr_sysexit"]) == (trace.exit if trace is not None else 0)
        held = seen.files.record(seen.child(HELD).tgid, "status")
        assert bits(held["pr_sigtrace"]) == 1 << 1 | 1 << 63
        assert bits(held["pr_sysexit"]) == 1 << 63 | 1 << 510
        assert held["pr_flags"] & Flag.STOPPED | held["pr_flags"] & Flag.ISTOP == Flag.STOPPED | Flag.ISTOP
        assert (held["pr_lwp"]["pr_why"], held["pr_lwp"]["pr_what"]) == (Why.SYSENTRY, 155)
        stopped = seen.files.record(seen.child(STOPPED).tgid, "status")
        assert stopped["pr_flags"] & (Flag.STOPPED | Flag.ISTOP) == Flag.STOPPED
        assert (stopped["pr_lwp"]["pr_why"], stopped["pr_lwp"]["pr_what"]) == (Why.JOBCONTROL, 19)
        assert ns(stopped["pr_lwp"]["pr_tstamp"]) > ns(held["pr_lwp"]["pr_tstamp"]) > 0

    looked(look)


def test_lwps() -> None:
    def look(seen: Seen) -> None:
        for group in (group for group in seen.groups() if not group.zombie):
            records = seen.files.records(group.tgid, "lstatus")
            assert [record["pr_lwpid"] for record in records] == [thread.tid for thread in group.threads]
            for thread, record in zip(group.threads, records, strict=True):
                assert record == seen.files.record(group.tgid, f"lwp/{thread.tid}/lwpstatus")
                registers = record["pr_reg"]["reg"]
                assert registers == (*(thread.context.get(at) for at in range(1, 32)), thread.context.pc)
                assert record["pr_fpreg"]["freg"] == tuple(thread.context.get_f(at) for at in range(32))
                assert record["pr_fpreg"]["fcsr"] == thread.context.fcsr
                assert bits(record["pr_lwppend"]) == thread.pending.bits
                assert bits(record["pr_lwphold"]) == thread.blocked
                assert record["pr_altstack"]["ss_sp"] == thread.altstack[0]
                assert record["pr_altstack"]["ss_size"] == thread.altstack[2]
                assert record["pr_altstack"]["ss_flags"] & 0xFFFF_FFFF == thread.altstack[1]
                assert ns(record["pr_utime"]) == thread.utime_ticks
                info = seen.files.record(group.tgid, f"lwp/{thread.tid}/lwpsinfo")
                assert (info["pr_lwpid"], info["pr_nice"]) == (thread.tid, thread.nice + 20)
                assert info["pr_name"].rstrip(b"\0") == thread.comm
        rich = seen.files.records(seen.child(RICH).tgid, "lstatus")
        assert rich[0]["pr_altstack"]["ss_size"] == 16384
        assert bits(rich[0]["pr_lwppend"]) == 1 << 39
        assert all(record["pr_flags"] & Flag.ASLEEP for record in rich)
        letters = [seen.files.record(group.tgid, "psinfo")["pr_lwp"]["pr_sname"] for group in seen.groups()]
        assert bytes(letters) == b"OSTZT"

    looked(look)


def test_maps() -> None:
    def look(seen: Seen) -> None:
        for group in (group for group in seen.groups() if not group.zombie):
            space = space_of(group)
            plain, extended, reserved = (seen.files.records(group.tgid, name) for name in ("map", "xmap", "rmap"))
            assert len(plain) == len(extended) == len(reserved) == len(space.areas)
            for area, one, more, most in zip(space.areas, plain, extended, reserved, strict=True):
                assert (one["pr_vaddr"], one["pr_size"]) == (area.start, area.end - area.start)
                assert (one["pr_offset"], one["pr_pagesize"], one["pr_shmid"]) == (area.offset, 4096, -1)
                flags = one["pr_mflags"]
                assert [bool(flags & bit) for bit in (4, 2, 1, 8, 0x40, 0x100)] == [
                    bool(area.prot & 1), bool(area.prot & 2), bool(area.prot & 4), area.shared, area.cache is None,
                    bool(area.flags & VM_NORESERVE)]
                assert bool(flags & 0x20) == (area.name == b"[stack]")
                entries = [entry for _, entry in space.table.entries(area.start, area.end)]
                assert more["pr_rss"] == len(entries)
                assert more["pr_anon"] == sum(not entry & PTE_FILE for entry in entries)
                assert more["pr_locked"] == (len(entries) if area.flags & VM_LOCKED else 0)
                assert {name: more[name] for name in one if name != "pr_filler"} == {
                    name: one[name] for name in one if name != "pr_filler"}
                file: Any = area.file
                assert (more["pr_ino"], more["pr_dev"]) == (
                    (file.inode.ino, file.inode.sb.dev) if file is not None else (0, sol.NO_DEVICE))
                end = one["pr_vaddr"] + one["pr_size"]
                assert most["pr_vaddr"] + most["pr_size"] == end
                assert (most["pr_size"] > one["pr_size"]) == (area.name == b"[stack]")
            heap = [one for one in plain if one["pr_mflags"] & 0x10]
            assert len(heap) == (1 if space.brk > space.start_brk else 0)
        rich = seen.files.records(seen.child(RICH).tgid, "xmap")
        assert sum(record["pr_locked"] for record in rich) == 1
        assert sum(bool(record["pr_mflags"] & 8) for record in rich) == 1
        stack = seen.files.records(seen.child(RICH).tgid, "rmap")[-1]
        assert stack["pr_size"] == 8 << 20

    looked(look)


def test_ids_actions_and_the_rest() -> None:
    def look(seen: Seen) -> None:
        for group in (group for group in seen.groups() if not group.zombie):
            cred = group.leader.cred
            record = seen.files.credentials(group.tgid)
            assert [record[f"pr_{name}"] for name in ("euid", "ruid", "suid", "egid", "rgid", "sgid")] == [
                cred.euid, cred.uid, cred.suid, cred.egid, cred.gid, cred.sgid]
            assert record["pr_groups"] == tuple(cred.groups)
            actions = seen.files.records(group.tgid, "sigact")
            assert len(actions) == 64
            for signo, action in enumerate(actions, 1):
                own = group.leader.sighand.actions[signo]
                assert (action["psa_handler"], bits(action["psa_mask"])) == (own.handler, own.mask)
                assert action["psa_flags"] & 0xFFFF_FFFF == own.flags
            vector = [(entry["a_type"], entry["a_val"]) for entry in seen.files.records(group.tgid, "auxv")]
            saved = list(struct.iter_unpack("<QQ", space_of(group).saved_auxv))
            assert vector == saved + [(0, 0)] * (32 - len(saved))
            usage = seen.files.record(group.tgid, "usage")
            assert ns(usage["pr_utime"]) == group.usage.utime_ns
            assert (usage["pr_vctx"], usage["pr_ictx"]) == (
                sum(thread.voluntary_switches for thread in group.threads),
                sum(thread.involuntary_switches for thread in group.threads))
            assert usage["pr_sigs"] == group.usage.signals
        watched = seen.files.records(seen.child(HELD).tgid, "watch")
        assert [(area["pr_size"], area["pr_wflags"]) for area in watched] == [(100, 2)]
        assert seen.files.memory(seen.child(HELD).tgid, watched[0]["pr_vaddr"], 100) == bytes(100)
        assert seen.files.memory(seen.child(HELD).tgid, 8, 100) == b""

    looked(look)


def test_another_mount_is_another_view_of_the_same() -> None:
    def look(seen: Seen) -> None:
        machine = seen.machine
        mkdir(machine.context, machine.cred, b"/other", 0o755)
        place = lookup(machine.context, machine.cred, b"/other")
        machine.kernel.mounts.mount_type(b"solproc", b"solproc", place)
        other = Processes(machine.context, b"/other")
        assert other.pids() == seen.files.pids()
        assert list(other.each()) == list(seen.files.each())
        linux = lookup(machine.context, machine.cred, b"/proc").inode
        names = [name for _, name, _, _ in linux.readdir(2) if name.isdigit()]
        assert sorted(int(name) for name in names) == sorted(other.pids())

    looked(look)


def test_who_is_not_traced_pays_nothing() -> None:
    def look(seen: Seen) -> None:
        for group in seen.groups():
            traced = group is seen.child(HELD)
            assert (group.tracing is not None) == traced
            assert [thread.trace is not None for thread in group.threads] == [traced] * len(group.threads)

    looked(look)


def test_parsing_what_is_cut_off() -> None:
    with pytest.raises(ValueError, match="psinfo_t has 416 bytes, not 415"):
        parse("psinfo", bytes(415))
    with pytest.raises(ValueError, match="lwpstatus_t has 1064 bytes"):
        parse("lstatus", sol.PRHEADER.pack(pr_nent=2, pr_entsize=1088) + bytes(1088))
    with pytest.raises(ValueError, match="3 groups do not stand in 32 bytes"):
        parse_credentials(sol.PRCRED.pack(pr_ngroups=3))
    assert parse("watch", b"") == []
