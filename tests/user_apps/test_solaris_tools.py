"""The tools that look through /system/proc: what they say of a known process, and what they do to it."""

from __future__ import annotations

import re

import pytest
from proc_tools import show

SUBJECT = "subject & sleep 1; "
"""The subject is process 2, its zombie 4, its second lwp 5."""


def test_ptree_is_the_kernels_tree() -> None:
    shown = show("sleep 100 & sh -c 'subject; true' & sleep 1; ptree", "ptree")
    parents: dict[int, int] = {}
    seen = {}
    for line in shown.lines:
        depth = (len(line) - len(line.lstrip())) // 2
        pid, text = int(line.split()[0]), line.split(maxsplit=1)[1]
        parents[depth] = pid
        seen[pid] = (parents[depth - 1] if depth else 0, text)
    assert {pid: parent for pid, (parent, _) in seen.items()} == {pid: row.ppid for pid, row in shown.table.items()}
    zombie, = (pid for pid, row in shown.table.items() if row.state == "Z")
    assert seen[zombie][1] == "<defunct>"
    assert seen[2][1] == "sleep 100"


def test_ptree_of_one() -> None:
    shown = show("sleep 100 & sh -c 'sleep 50; true' & sleep 1; ptree 3; ptree 99")
    assert [line.split()[0] for line in shown.lines] == ["1", "3", "5"]
    assert [len(line) - len(line.lstrip()) for line in shown.lines] == [0, 2, 4]
    assert (shown.status, shown.errors) == (1, "ptree: 99: no such process\n")


def test_pstop_and_prun() -> None:
    look = "ps -p 2 -o s=,time=; "
    shown = show(f"infloop & sleep 1; pstop 2; {look} sleep 2; {look} prun 2; sleep 2; {look} kill -STOP 2; {look} "
                 f"prun 2; {look} pstop 2; kill -TERM 2; {look} prun 2; sleep 1; {look} pstop 2")
    rows = shown.words()[1:]
    assert [row[0] for row in rows] == ["t", "t", "R", "T", "R", "t"]       # and then it acts on its signal
    assert rows[0] == rows[1]                                               # stopped, it uses no time
    assert rows[2][1] > rows[1][1]
    assert shown.errors.endswith("pstop: 2: no such process\n")


def test_pstop_of_one_lwp() -> None:
    shown = show("subject & sleep 1; pstop 2/5; ps -L -p 2 -o lwp=,s=; prun 2/5; ps -L -p 2 -o lwp=,s=; pstop 2/9")
    assert shown.words() == [["2", "S"], ["5", "t"], ["2", "S"], ["5", "S"]]
    assert shown.errors == "pstop: 2: no such process\n"


def test_a_process_that_pstop_holds_dies_at_once() -> None:
    shown = show("sleep 100 & pstop 2; ps -p 2 -o s=; kill -KILL 2; wait; echo ended")
    assert shown.lines[0].strip() == "t"
    assert shown.lines[-1] == "ended"


def test_pwait_tells_how_each_ended() -> None:
    shown = show("sleep 2 & sleep 100 & sh -c 'sleep 1; exit 5' & kill -KILL 3; pwait -v 2 3 4; pwait 2")
    assert set(shown.lines) >= {"2: terminated, wait status 0x0000", "4: terminated, wait status 0x0500"}
    assert "3: terminated by SIGKILL" in shown.lines or "pwait: 3: no such process" in shown.errors
    assert shown.lines.index("4: terminated, wait status 0x0500") < shown.lines.index(
        "2: terminated, wait status 0x0000")
    assert shown.errors.endswith("pwait: 2: no such process\n")


def test_ptime() -> None:
    shown = show("ptime sleep 1.5; ptime -m sh -c 'exit 3'; echo $?; ptime nosuch; echo $?; ptime")
    assert re.search(r"^real        1\.50\d{7}\nuser        0\.0000\d{5}\nsys         0\.0{9}\n", shown.errors,
                     re.MULTILINE)
    assert re.search(r"^slp         1\.49|^slp         0\.0", shown.errors, re.MULTILINE)
    assert shown.output == "3\n127\n"
    assert "ptime: nosuch: no such file or directory\n" in shown.errors


def test_pcred() -> None:
    shown = show("pcred 1 99")
    assert shown.output == "1:\te/r/suid=0  e/r/sgid=0\n"
    assert (shown.status, shown.errors) == (1, "pcred: 99: no such process\n")


def test_pwdx() -> None:
    shown = show("sleep 9 & cd /tmp; sleep 9 & pwdx 1 2 3 99")
    assert shown.output == "1:\t/tmp\n2:\t/\n3:\t/tmp\n"
    assert shown.errors == "pwdx: 99: no such process\n"


def test_psig() -> None:
    shown = show(SUBJECT + "kill -USR2 2; psig 2")
    said = dict(line.split("\t", 1) for line in shown.lines[1:])
    assert shown.lines[0] == "2:\tsubject"
    assert said["HUP"] == "ignored"
    assert said["TERM"] == "default"
    assert said["USR1"] == "caught\tin_handler\tRESTART\tALRM"
    assert said["USR2"] == "blocked,pending,default"
    assert said["KILL"] == "default"


def test_pfiles_asks_inside_the_process() -> None:
    shown = show(SUBJECT + "pfiles 2; ps -p 2 -o s=,nlwp=; kill -STOP 2; pfiles 2; pfiles $$; pfiles 4")
    text = shown.output
    assert text.startswith("2:\tsubject\n  Current rlimit: 1024 file descriptors\n   0: S_IFCHR mode:0666 dev:")
    assert " rdev:1,3\n      O_RDONLY|O_LARGEFILE\n      /dev/null\n" in text
    log = re.search(r"^   3: S_IFREG mode:0640 dev:\d+,\d+ ino:\d+ uid:0 gid:0 size:12\n      (.*)\n      (.*)\n", text,
                    re.MULTILINE)
    assert log is not None
    assert log[1] == "O_WRONLY|O_APPEND|O_LARGEFILE FD_CLOEXEC offset:12"
    assert log[2] == "/tmp/log"
    assert re.search(r"^S +2$", text, re.MULTILINE)         # it goes on, and the agent is gone
    assert re.search(r"^   3: S_IFREG mode:\d+ uid:0 gid:0 size:12$", text, re.MULTILINE)    # at rest: no agent
    assert shown.errors == "pfiles: 4: it has ended and waits for its parent\n"


def test_pldd_of_a_static_program_is_empty() -> None:
    assert show("sleep 9 & pldd 2 99").output == "2:\tsleep 9\n"


def functions(lines: list[str]) -> list[str]:
    """The names in a stack, without the offsets."""
    return [line.split()[1] if "handler called" not in line else "<handler>" for line in lines
            if re.match(r" [0-9a-f]{16} ", line)]


def test_pstack_of_every_lwp() -> None:
    shown = show(SUBJECT + "pstack 2; ps -p 2 -o s=")
    assert shown.lines[0] == "2:\tsubject"
    first, second = shown.output.split("----------------- lwp# ")[1:]
    assert first.startswith("2 ---")
    assert second.startswith("5 ---")
    assert "?" not in shown.output
    for text, chain in ((first, ["recursive"] * 4 + ["with_large_frame", "main"]),
                        (second, ["recursive"] * 2 + ["with_large_frame", "in_handler", "<handler>"])):
        assert "(waits in ppoll)" in text
        names = functions(text.splitlines())
        at = names.index("innermost")
        assert names[at - 1] == "pause"
        assert names[at + 1:at + 1 + len(chain)] == chain
    below = functions(second.splitlines())
    assert "raise" in below[below.index("<handler>"):]
    assert "second_lwp" in below[below.index("raise"):]
    assert shown.lines[-1].strip() == "S"


def test_pstack_of_our_own_programs() -> None:
    shown = show("sleep 9 & sleep 1; pstack 1 2; pstack 2/7")
    assert functions(shown.lines)[-3:] == ["nanosleep", "main", "_start"]
    assert functions(shown.lines)[0] == "waitpid"
    assert "(waits in wait4)" in shown.output
    assert shown.errors == "pstack: 2/7: no such lwp\n"


@pytest.mark.parametrize("program", ["pstop", "prun", "pwait", "pstack", "pfiles", "pldd", "psig", "pcred", "pwdx"])
def test_complaints(program: str) -> None:
    shown = show(f"{program} 99; {program} x; {program} 1x; {program} 0; {program}")
    assert shown.errors.startswith("".join(f"{program}: {line}\n" for line in (
        "99: no such process", "x: not a pid", "1x: not a pid", "0: not a pid")) + f"usage: {program} ")
    assert (shown.status, shown.output) == (2, "")


@pytest.mark.parametrize("program", ["pstack", "pstop", "pwait"])
def test_not_of_itself(program: str) -> None:
    shown = show(f"{program} 2")
    assert (shown.status, shown.errors) == (1, f"{program}: 2: that is {program} itself\n")


def test_another_mount() -> None:
    shown = show("ptree", env={b"SOLPROC": b"/nosuch"})
    assert (shown.status, shown.errors) == (1, "ptree: /nosuch: no such file or directory\n")
    assert show("pcred 2", env={b"SOLPROC": b"/system/proc"}).output == "2:\te/r/suid=0  e/r/sgid=0\n"
