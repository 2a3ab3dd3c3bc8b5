"""Watching changes nothing, nothing a guest does brings the tracer down, and how several tasks are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from traced import Traced, trace

from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tools.guest_build import BuildError, compile_musl

HERE = Path(__file__).parent


def compiled(source: Path, tmp_path: Path, *flags: str) -> bytes:
    try:
        return compile_musl(source, tmp_path / source.stem, ["-w", "-O1", *flags]).read_bytes()
    except BuildError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(("program", "stdin"), [
    (b"ls", b""), (b"initproc", b"forktest\nls / | wc\nsig_tests\nexit\n"), (b"threads", b""),
    (b"sync_sem", b""), (b"phil_din_mutex", b"")])
def test_the_same_ticks_and_output(program: bytes, stdin: bytes) -> None:
    watched, alone = trace(program, stdin=stdin), trace(program, stdin=stdin, watch=False)
    assert (watched.ticks, watched.output, watched.status) == (alone.ticks, alone.output, alone.status)
    assert watched.text
    assert not alone.text


def test_the_same_ticks_of_the_program_of_all_calls(tmp_path: Path) -> None:
    program = compiled(HERE / "calls.c", tmp_path)
    watched, alone = trace(program, cwd=b"/tmp"), trace(program, cwd=b"/tmp", watch=False)
    assert (watched.ticks, watched.output, watched.status) == (alone.ticks, alone.output, alone.status)


def test_no_argument_brings_it_down(tmp_path: Path) -> None:
    traced = trace(compiled(HERE / "storm.c", tmp_path))
    assert traced.output.endswith(b"done\n")


class Counting(Observer):
    """Counts events."""

    def __init__(self) -> None:
        self.entered = self.left = self.exited_tasks = 0

    def enter(self, task: Task, number: int, registers: object) -> None:
        self.entered += 1

    def leave(self, task: Task, number: int, registers: object, result: int | None) -> None:
        self.left += 1

    def exited(self, task: Task, status: int) -> None:
        self.exited_tasks += 1


def test_several_observers() -> None:
    one, two = Counting(), Counting()
    traced = trace(b"forktest_simple", others=(one, two))
    assert one.entered == two.entered > 5
    assert one.left == one.entered
    assert one.exited_tasks == 2
    assert "+++ exited with 0 +++" in traced.text


def test_rcore_calls() -> None:
    text = trace(b"forktest_simple").text
    assert text.startswith('exec("forktest_simple")')
    assert re.search(r"^fork\(\) +=", text, re.M)
    assert re.search(r"^\[pid     1\] waitpid\(-1, 0x[0-9a-f]+\) += -2$", text, re.M)
    assert re.search(r"^waitpid\(-1, \[100\]\) += 2$", text, re.M)


def test_first_line_and_last_line() -> None:
    lines = trace(b"echo", b"two words").text.splitlines()
    assert re.match(r'execve\("/bin/echo", \["echo", "two words"\], 0x[0-9a-f]+ /\* 3 vars \*/\) = 0$', lines[0])
    assert lines[-2:] == ["exit_group(0)                           = ?", "+++ exited with 0 +++"]


def test_faults() -> None:
    traced: Traced = trace(b"store_fault")
    assert "+++ exited with 254 +++" in traced.text


STOPPED = r"""
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
    pid_t child = fork();
    if (!child) { for (;;) pause(); }
    int status;
    usleep(1000);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return 0;
}
"""


def test_stop_and_go_on(tmp_path: Path) -> None:
    source = tmp_path / "stopped.c"
    source.write_text(STOPPED)
    lines = trace(compiled(source, tmp_path)).text.splitlines()
    child = [line.removeprefix("[pid     2] ") for line in lines if line.startswith("[pid     2] ")]
    shown = [re.sub(r"\(.*|\).*|\{.*\}", "", line) for line in child]
    assert shown[-7:] == [
        "<... ppoll resumed>", "--- SIGSTOP  ---", "--- stopped by SIGSTOP ---", "--- SIGCONT  ---", "ppoll",
        "<... ppoll resumed>", "+++ killed by SIGKILL +++"]
    parent = [line for line in lines if "SIGCHLD" in line and line.removeprefix("[pid     1] ").startswith("---")]
    assert [re.findall(r"CLD_\w+", line)[0] for line in parent] == ["CLD_STOPPED", "CLD_CONTINUED", "CLD_KILLED"]


THREADS = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *at) { usleep(1000); return at; }
int main(int argc, char **argv) {
    if (argc > 1) return 7;
    pthread_t thread;
    pthread_create(&thread, 0, work, 0);
    pthread_join(thread, 0);
    pid_t child = vfork();
    if (!child) { execl(argv[0], argv[0], "child", (char *)0); _exit(1); }
    int status;
    waitpid(child, &status, 0);
    return 0;
}
"""


def test_threads_vfork_and_exec(tmp_path: Path) -> None:
    source = tmp_path / "several.c"
    source.write_text(THREADS)
    text = trace(compiled(source, tmp_path, "-pthread")).text
    assert re.search(r"^clone\(child_stack=0x[0-9a-f]+, flags=CLONE_VM\|.*CLONE_THREAD.*, parent_tid=\[2\], "
                     r"tls=0x[0-9a-f]+, child_tidptr=0x[0-9a-f]+\) = 2$", text, re.M)
    assert re.search(r"^\[pid     1\] futex\(0x[0-9a-f]+, FUTEX_WAIT.* <unfinished \.\.\.>$", text, re.M)
    assert re.search(r"^\[pid     2\] \+\+\+ exited with 0 \+\+\+$", text, re.M)
    assert re.search(r"^clone\(child_stack=.*flags=CLONE_VM\|CLONE_VFORK\|SIGCHLD <unfinished \.\.\.>$", text, re.M)
    assert re.search(r'^\[pid     3\] execve\("/tmp/program", \["/tmp/program", "child"\], .*\) = 0$', text, re.M)
    assert re.search(r"^(\[pid     1\] )?<\.\.\. clone resumed>\) += 3$", text, re.M)
    assert "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=3, si_uid=0, si_status=7," in text
