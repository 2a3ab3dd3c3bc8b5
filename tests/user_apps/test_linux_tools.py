"""ps, top, pstree, pmap and free: what they say of Linux's /proc is what the kernel's own table has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from proc_tools import show

from rvsim.tests.terminal import CTRL_C, Terminal

SCENE = "sleep 100 & subject & sleep 1; kill -STOP 2; "
"""A sleeper that is stopped, and the subject, which has a zombie."""
PASSWD = {b"/etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"}


def test_ps_of_all_is_the_kernels_table() -> None:
    shown = show(SCENE + "ps -e -o pid,ppid,pgid,sid,s,vsz,rss,nlwp,comm", "ps")
    head, *rows = shown.words()
    assert head == ["PID", "PPID", "PGID", "SID", "S", "VSZ", "RSS", "NLWP", "COMMAND"]
    assert [int(row[0]) for row in rows] == list(shown.table)
    states = set()
    for row in rows:
        kernel = shown.table[int(row[0])]
        assert [int(word) for word in row[1:4]] == [kernel.ppid, kernel.pgid, kernel.sid]
        assert (row[4], row[8]) == (kernel.state, kernel.comm)
        assert row[9:] == (["<defunct>"] if kernel.state == "Z" else [])
        assert int(row[7]) == len(kernel.threads)
        if kernel.comm != "ps":
            assert (int(row[5]), int(row[6])) == (kernel.size, kernel.resident)
        states.add(kernel.state)
    assert states == {"S", "T", "Z", "R"}


def test_ps_shows_each_thread() -> None:
    shown = show(SCENE + "ps -eL -o pid,lwp", "ps")
    _, *rows = shown.words()
    assert [(int(pid), int(lwp)) for pid, lwp in rows] == [
        (pid, thread) for pid, row in shown.table.items() for thread in row.threads]
    assert len(rows) == len(shown.table) + 1


def test_ps_formats() -> None:
    shown = show("sleep 100 & ps; ps -f; ps aux; ps x; ps -p 2 -o pid=; ps -C sleep -o args=; ps -u ada; "
                 "ps -u root -o pid", files=PASSWD)
    assert shown.errors == ""
    assert shown.lines == [
        "    PID TTY          TIME CMD",
        "      1 ?        00:00:00 sh",
        "      2 ?        00:00:00 sleep",
        "      3 ?        00:00:00 ps",
        "UID          PID    PPID  C STIME TTY          TIME CMD",
        "root           1       0  0 00:00 ?        00:00:00 " + sh_line(shown.output),
        "root           2       1  0 00:00 ?        00:00:00 sleep 100",
        "root           4       1  0 00:00 ?        00:00:00 ps -f",
        "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND",
        *(line for line in shown.lines if re.match(r"root +\d+  \d\.\d  \d\.\d", line)),
        "    PID TTY      STAT   TIME COMMAND",
        "      1 ?        Ss     0:00 " + sh_line(shown.output),
        "      2 ?        S      0:00 sleep 100",
        "      6 ?        R      0:00 ps x",
        "      2",
        "sleep 100",
        "    PID TTY          TIME CMD",
        "    PID", "      1", "      2", "     10",
    ]


def sh_line(output: str) -> str:
    """The shell's own arguments, as one of its lines shows them."""
    found = re.search(r"sh -c .*", output)
    assert found is not None
    return found[0]


def test_ps_times() -> None:
    shown = show("until_timeout infloop 3000 & sleep 2; ps -C infloop -o time,bsdtime,etime,pcpu,c", "")
    time, bsdtime, elapsed, share, whole = shown.words()[-1]
    assert (time, bsdtime, elapsed) == ("00:00:01", "0:01", "00:01") or (time, elapsed) == ("00:00:02", "00:02")
    assert float(share) > 90
    assert int(whole) > 90


@pytest.mark.parametrize(("command", "says"), [
    ("ps -o nosuch", "ps: nosuch: no such column\n"), ("ps z", "usage: ps "), ("ps -z", "ps: unknown option -z\n"),
    ("pstree 99", "pstree: 99: no such process\n"), ("pstree x", "pstree: x: not a pid\n"),
    ("pmap", "usage: pmap "), ("pmap x", "pmap: x: not a pid\n"), ("pmap 99", "pmap: 99: no such process\n"),
    ("pmap -S 99", "pmap: 99: no such process\n"), ("pmap -r 1", "usage: pmap "),
    ("free -z", "free: unknown option -z\n"), ("free x", "free: x: no argument is expected\n"),
    ("top", "top: this is not a terminal; -b writes pictures one after the other\n"),
    ("top -d x", "top: -d: x: not a number of seconds\n"), ("top -n 0", "top: -n: 0: not a number of pictures\n"),
])  # fmt: skip
def test_complaint(command: str, says: str) -> None:
    shown = show(command)
    assert shown.status in (1, 2)
    assert shown.errors.startswith(says)
    assert shown.output == ""


@pytest.mark.parametrize("program", ["ps", "top", "pstree", "pmap", "free", "ptree", "pstop", "prun", "pwait", "ptime",
                                     "pstack", "pfiles", "pldd", "psig", "pcred", "pwdx", "truss"])
def test_help(program: str) -> None:
    shown = show(f"{program} --help")
    assert (shown.status, shown.errors) == (0, "")
    assert shown.output.startswith(f"usage: {program}")


def test_pstree_is_the_kernels_tree() -> None:
    shown = show(SCENE + "pstree -p", "pstree")
    parents: list[tuple[int, int]] = []          # (column, pid) of the branch that is open
    seen = {}
    for line in shown.lines:
        for label in re.finditer(r"(\{?[\w]+\}?)\((\d+)\)", line):
            column, pid = label.start(), int(label[2])
            while parents and parents[-1][0] >= column:
                parents.pop()
            seen[pid] = (parents[-1][1] if parents else 0, label[1])
            parents.append((column, pid))
    expected = {}
    for pid, row in shown.table.items():
        expected[pid] = (row.ppid, row.comm)
        expected |= dict.fromkeys(row.threads[1:], (pid, f"{{{row.comm}}}"))
    assert seen == expected


def test_pstree_draws_alike_branches_once() -> None:
    shown = show("sleep 100 & sleep 100 & sh -c 'sleep 50 & sleep 40' & sleep 1; "
                 "pstree; pstree -c; pstree -a; pstree 2")
    assert shown.lines == [
        "sh-+-pstree", "   |-sh---2*[sleep]", "   `-2*[sleep]",
        "sh-+-pstree", "   |-sh-+-sleep", "   |    `-sleep", "   |-sleep", "   `-sleep",
        sh_line(shown.output), "  |-pstree -a", "  |-sh -c sleep 50 & sleep 40", "  |   |-sleep 40",
        "  |   `-sleep 50", "  `-2*[sleep 100]",
        "sleep",
    ]


@pytest.mark.parametrize("options", ["", "-x", "-S", "-S -x"])
def test_pmap_is_the_address_space(options: str) -> None:
    shown = show(f"subject & sleep 1; pmap {options} 2", "pmap")
    kernel = shown.table[2]
    rows = [line.split() for line in shown.lines if re.match(r"[0-9a-fA-F]{16} ", line)]
    assert [(int(row[0], 16), int(row[1].rstrip("K"))) for row in rows] == [
        (start, (end - start) // 1024) for start, end in kernel.areas]
    total = shown.lines[-1].split()
    assert int(re.sub(r"\D", "", total[2 if "x" in options else 1])) == kernel.size
    if "x" in options:
        assert sum(int(row[2].replace("-", "0")) for row in rows) == int(total[3]) == kernel.resident
    assert [row[-2] for row in rows if row[-1] == "]"].count("stack") == 1
    assert shown.lines[0] == ("2:\tsubject" if "S" in options else "2:   subject")


def test_pmap_of_a_stack_that_may_grow() -> None:
    shown = show("sleep 9 & pmap -S -r 2")
    assert [line.split()[1] for line in shown.lines if "[ stack ]" in line] == ["8192K"]


def test_free_adds_up() -> None:
    shown = show("free; free -b; free -m -t; free -h")
    assert shown.lines[0].split() == ["total", "used", "free", "shared", "buff/cache", "available"]
    total, used, unused, _, cache, available = map(int, shown.words()[1][1:])
    assert total == 64 * 1024
    assert used + available == total
    assert unused + cache >= available
    assert shown.words()[4][1] == str(total << 10)
    assert shown.words()[7][1:4] == shown.words()[9][1:4] == ["64", "0", shown.words()[7][3]]
    assert shown.words()[11][1] == "64Mi"


def test_top_in_batches() -> None:
    shown = show(SCENE + "until_timeout infloop 9000 & top -b -n 2 -d 1.5", "top")
    first, second = shown.output.split("top - ")[1:]
    assert first.startswith("00:00:01 up 0:00,")
    assert second.startswith("00:00:02 up 0:00,")
    assert "Tasks: 7 total, 3 running, 2 sleeping, 1 stopped, 1 zombie" in second
    rows = second.split("COMMAND\n")[1].splitlines()
    assert {int(row.split()[0]) for row in rows} == set(shown.table)
    assert rows[0].split()[-1] == "infloop"          # by time of the processor
    assert float(rows[0].split()[7]) > 95
    assert re.search(r"^%Cpu\(s\): (99|100)\.\d us", second, re.MULTILINE)


PROMPT = b"\r/ $ \x1b[K\r\x1b[4C"
"""The shell's, with an empty line behind it."""


@pytest.fixture
def screen() -> Iterator[Terminal]:
    started = Terminal("initproc", rows=24, columns=80)
    started.expect(PROMPT)
    yield started
    started.close()


def test_top_draws_over_its_last_picture(screen: Terminal) -> None:
    screen.enter(b"sleep 1000 &", b"[1] ")
    screen.expect(PROMPT)
    settings = screen.settings()
    screen.enter(b"top -d 0.1", b"\x1b[H\x1b[2J\x1b[Htop - ")
    picture = screen.expect(b"\x1b[H")
    assert picture.endswith(b"\x1b[K\x1b[J")
    assert all(len(re.sub(rb"\x1b\[.", b"", line)) <= 80 for line in picture.split(b"\r\n"))
    assert b" sleep\x1b[K" in picture
    screen.type(b"M")
    for _ in range(3):
        screen.expect(b"\x1b[Htop - ")
    screen.resize(9, 40)
    screen.expect(b"\x1b[Htop - ")
    screen.expect(b"\x1b[Htop - ")
    small = screen.expect(b"\x1b[J")
    assert small.count(b"\r\n") == 8
    assert max(len(re.sub(rb"\x1b\[.", b"", line)) for line in small.split(b"\r\n")[1:]) <= 40, small
    screen.hit(b"q", PROMPT)
    assert screen.settings() == settings
    screen.enter(b"top", b"\x1b[Htop - ")
    screen.hit(CTRL_C, PROMPT)
    screen.enter(b"echo $?", b"130\r\n")
    assert screen.settings() == settings
