"""`--dist dask=ADDRESS` without a cluster: what is asked for, what travels, and that each case counts once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools.errors import CliError
from rvsim.tools.testing import collect, covering, failing, runner
from rvsim.tools.testing.command import arguments_for_pytest, is_installed
from rvsim.tools.testing.remote import cluster, run, session
from rvsim.tools.testing.remote.address import scheduler_of
from rvsim.tools.testing.remote.bundle import Bundle
from rvsim.tools.testing.remote.cluster import Done, Event, Failed, Gone, Lost, Said
from rvsim.tools.testing.remote.job import bundle_of, worker_arguments
from rvsim.tools.testing.remote.session import Distributed
from rvsim.tools.testing.remote.store import Damaged, Store
from rvsim.tools.testing.remote.tree import digests_in, make_tree
from rvsim.tools.testing.remote.worker import Process, difference, facts

pytest_plugins = ["pytester"]
STAY = (collect, covering, failing, runner, cluster, run, session)
LOADED = () if is_installed() else ("-p", "rvsim.tools.testing.plugin")
RVSIM = [sys.executable, "-c", "from rvsim.tools.entry import console_script; console_script()"]


# ---- what is asked for


@pytest.mark.parametrize(("value", "address"), [
    ("dask=tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"), ("dask=host-1.lan:80", "tcp://host-1.lan:80"),
    ("dask=tls://[::1]:65535/", "tls://[::1]:65535")])
def test_addresses(value: str, address: str) -> None:
    assert scheduler_of(value) == address


@pytest.mark.parametrize(("value", "message"), [
    ("foo", "there is no such way"), ("dask", "the address is missing"), ("dask=", "the address is missing"),
    ("dask=nonsense", "'nonsense' is no address"), ("dask=tcp://a:0", "is no address"),
    ("dask=tcp://a:65536", "is no address"), ("dask=http://a:1", "is no address"), ("dask=a b:1", "is no address"),
    ("dask=:1", "is no address"), ("", "there is no such way")])
def test_what_is_no_address(value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scheduler_of(value)


def test_the_option_is_ours_or_that_of_xdist() -> None:
    assert arguments_for_pytest(["a", "--dist", "dask=h:1", "--dist-files=x"]) == [
        "a", "--rvsim-dist", "dask=h:1", "--rvsim-dist-files=x"]
    assert arguments_for_pytest(["--dist=load", "-n", "2"]) == ["--dist=load", "-n", "2"]
    assert arguments_for_pytest(["--dist"]) == ["--dist"]
    with pytest.raises(CliError, match="no such way") as caught:
        arguments_for_pytest(["--dist=foo"])
    assert caught.value.status == 4


def test_mistakes_are_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it():\n    pass\n")
    no_dask = ["-c", "import sys; sys.modules['distributed'] = None; from rvsim.tools.entry import console_script; "
               "console_script()"]
    for words, message in (
            ([*RVSIM[1:], "test", "--dist", "foo"], "rvsim: --dist foo: there is no such way; give dask=ADDRESS, or"),
            ([*no_dask, "test", "--dist", "dask=127.0.0.1:1"], "ERROR: --dist dask needs the package distributed:")):
        ran = subprocess.run([sys.executable, *words], cwd=pytester.path, capture_output=True, text=True, check=False,
                             timeout=60)
        assert ran.returncode == 4
        assert ran.stderr.startswith(message)
        assert ran.stderr.count("\n") <= 2
    for more, message in ((["--rvsim-update"], "*--update: golden files are written on this host*"),
                          (["--pdb"], "*--pdb: nobody sits at the workers*")):
        done = pytester.runpytest(*LOADED, "-p", "no:cacheprovider", "--rvsim-dist", "dask=127.0.0.1:1", *more)
        assert done.ret == 4
        done.stderr.fnmatch_lines([message])


def test_a_worker_must_be_the_same() -> None:
    here = facts()
    assert difference(here, dict(here)) == ""
    assert "rvsim 9.9, and this one" in difference(here, here | {"version": "9.9"})
    assert "its files are not the same" in difference(here, here | {"files": ""})
    assert "no pytest" in difference(here, here | {"pytest": None})
    assert "pytest 1.0" in difference(here, here | {"pytest": "1.0"})


# ---- what travels


def put_all(bundle: Bundle, store: Store, digests: list[str]) -> None:
    for digest in digests:
        data = bundle.data[digest]
        store.put(digest, 0, data if isinstance(data, bytes) else data.read_bytes(), True)


SUITE = """\
image = "../images/app.tar:debian:13"
programs = ["build/*", "/absolute/*"]
shares = { "/srv" = "../shared" }
[[case]]
name = "a"
argv = "./tool x"
files = { "/in" = { host = "data/in.txt" }, "/no" = { host = "data/none" } }
expect.output.golden = "golden/a.txt"
expect.files = { "/o" = { golden = "golden/missing.txt" } }
"""


def test_a_suite_takes_along_what_it_names(pytester: pytest.Pytester) -> None:
    top = pytester.path
    for name in ("lab/build/one", "lab/tool", "lab/data/in.txt", "lab/golden/a.txt", "images/app.tar",
                 "shared/sub/file", "lab/not-named", "conftest.py", "beside.py", "lab/.hidden"):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name if not name.endswith(".py") else "")
    (top / "lab" / "l.rvtest.toml").write_text(SUITE)
    (top / "shared" / "empty").mkdir()
    (top / "shared" / "link").symlink_to("sub/file")
    (top / "lab" / "tool").chmod(0o755)
    items, _ = pytester.inline_genitems(*LOADED, "-p", "no:cacheprovider", "--rootdir", str(top))
    config = items[0].config
    bundle, base = bundle_of(config, items)
    assert base == top
    names = {str(path.relative_to(base)): kind for path, kind in bundle.kinds.items()}
    assert names == {
        "lab/l.rvtest.toml": "file", "lab/build/one": "file", "lab/tool": "file", "lab/data/in.txt": "file",
        "lab/golden/a.txt": "file", "images/app.tar": "image", "conftest.py": "file", "beside.py": "file",
        "shared": "folder", "shared/empty": "folder", "shared/sub": "folder", "shared/sub/file": "file",
        "shared/link": "link"}
    job = bundle.job(base, {})
    assert bundle.job(base, {}) == job
    copy, store = top / "copy", Store(top / "store")
    copy.mkdir()
    entries = json.loads(bytes(bundle.data[job]))["files"]
    put_all(bundle, store, store.lacking(digests_in(entries)))
    make_tree(entries, copy, store)
    for name in names:
        assert (copy / name).exists()
        if (top / name).is_file():
            assert (copy / name).read_bytes() == (top / name).read_bytes()
    assert (copy / "shared" / "link").readlink() == Path("sub/file")
    assert (copy / "images" / "app.tar").resolve().parent == top / "store"
    assert (copy / "lab" / "tool").stat().st_mode & 0o777 == 0o755
    assert (copy / "lab" / "tool").stat().st_mtime_ns == (top / "lab" / "tool").stat().st_mtime_ns


def test_a_python_test_takes_along_its_folder(pytester: pytest.Pytester) -> None:
    top = pytester.path
    (top / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['src']\n")
    for name in ("t/data/x", "t/.git/x", "t/venv/pyvenv.cfg", "t/__pycache__/x", "t/rvsim-results/x", "src/module.py",
                 "other/x", "more/a.bin", "t/conftest.py"):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (top / "t" / "test_here.py").write_text("def test_it():\n    pass\n")
    (top / "t" / "big").write_bytes(bytes(1 << 20))
    items, _ = pytester.inline_genitems(*LOADED, "-p", "no:cacheprovider", "--rvsim-results", "t/rvsim-results",
                                        "--rvsim-dist-files", "more/*")
    bundle, base = bundle_of(items[0].config, items)
    assert {str(path.relative_to(base)): kind for path, kind in bundle.kinds.items()} == {
        "pyproject.toml": "file", "t/test_here.py": "file", "t/conftest.py": "file", "t/data/x": "file",
        "t/big": "image", "src/module.py": "file", "more/a.bin": "file"}
    items, _ = pytester.inline_genitems(*LOADED, "-p", "no:cacheprovider", "--rvsim-dist-files", "nowhere/*")
    with pytest.raises(pytest.UsageError, match="'nowhere/\\*' is no file below"):
        bundle_of(items[0].config, items)


def test_a_worker_has_the_command_line_without_the_cluster(tmp_path: Path) -> None:
    words = ["--rvsim-dist", "dask=h:1", "-k", "x", f"{tmp_path}/sub/test_a.py::test_b", "--rvsim-dist-files=y",
             "/other"]
    assert worker_arguments(words, tmp_path, tmp_path) == ["-k", "x", "sub/test_a.py::test_b", "/other"]


def test_the_store_takes_nothing_that_is_not_what_it_says(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    digest = hashlib.sha256(b"onetwo").hexdigest()
    with pytest.raises(ValueError, match="is no digest"):
        store.lacking(["../../etc/passwd"])
    with pytest.raises(Damaged, match="was promised"):
        store.put(digest, 0, b"other", True)
    store.put(digest, 0, b"one", False)
    with pytest.raises(Damaged, match="lost on the way"):
        store.put(digest, 4, b"wo", True)
    assert list((tmp_path / "s").iterdir()) == []
    store.put(digest, 0, b"one", False)
    store.put(digest, 3, b"two", True)
    assert Store(tmp_path / "s").lacking([digest, digest]) == []
    path = store.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"onetwp")
    assert Store(tmp_path / "s").lacking([digest, digest]) == [digest]
    assert not path.exists()
    store.put(digest, 0, b"onetwo", True)
    store.prune(6)
    assert path.exists()
    store.prune(5)
    assert not path.exists()


def test_a_tree_leads_nowhere_else(tmp_path: Path) -> None:
    for name in ("../x", "/tmp/x", "a/../../x"):
        with pytest.raises(ValueError, match="leads outside"):
            make_tree([{"path": name, "kind": "folder", "mode": 0o755, "mtime_ns": 0}], tmp_path, Store(tmp_path / "s"))


# ---- each case counts once


class Scripted:
    """A cluster that gives what a function says, when a case is submitted. Answers come last first."""

    address = "tcp://x:1"

    def __init__(self, give: Callable[[int, int], list[Event]]) -> None:
        self.give = give
        self.times: dict[int, int] = {}
        self.events: list[Event] = []
        self.closed = 0

    def __call__(self, address: str, run: str) -> Any:
        return self

    def workers(self) -> dict[str, int]:
        return {"w": 1}

    def ask(self, function: str, worker: str | None = None, **arguments: Any) -> dict[str, Any]:
        return {"w": facts()}

    def submit(self, calls: list[tuple[int, dict[str, Any]]]) -> None:
        for number, _ in calls:
            self.times[number] = self.times.get(number, 0) + 1
            self.events += self.give(number, self.times[number])

    def next(self, timeout_s: float) -> Event | None:
        return self.events.pop() if self.events else Gone()

    def close(self) -> None:
        self.closed += 1


def done(number: int, outcome: str = "passed") -> Done:
    """An answer as a worker gives it."""
    name = f"test_{number}"
    report = {"$report_type": "TestReport", "nodeid": f"test_it.py::{name}", "location": ("test_it.py", number, name),
              "keywords": {}, "sections": [], "duration": 0.0, "user_properties": []}
    reports: list[dict[str, Any]] = [
        report | {"when": when, "outcome": "passed", "longrepr": None} for when in ("setup", "call", "teardown")]
    reports[1] |= {"outcome": outcome, "longrepr": "said" if outcome == "failed" else None}
    return Done(number, {"reports": reports, "warnings": [], "kept": {}, "coverage": None, "worker": "w"})


def run_scripted(pytester: pytest.Pytester, give: Callable[[int, int], list[Event]],
                 *options: str) -> tuple[pytest.RunResult, Scripted]:
    pytester.makepyfile(test_it="".join(f"def test_{number}():\n    pass\n" for number in range(5)))
    script = Scripted(give)

    class Plugin:
        @staticmethod
        def pytest_configure(config: pytest.Config) -> None:
            config.pluginmanager.register(Distributed(config, "tcp://x:1", script), "rvsim-dist")

    found = pytester.runpytest(*LOADED, "-p", "no:cacheprovider", "-v", *options, plugins=[Plugin()])
    assert script.closed == 1
    return found, script


def shown(found: pytest.RunResult) -> list[str]:
    """The cases, in the order in which pytest tells of them."""
    return [line.split("::")[1].split(" [")[0].strip() for line in found.outlines if "::" in line and "%" in line]


def test_reports_come_in_the_order_of_collection(pytester: pytest.Pytester) -> None:
    found, _ = run_scripted(pytester, lambda number, _: [done(number)])
    assert shown(found) == [f"test_{number} PASSED" for number in range(5)]
    found.stdout.fnmatch_lines(["dask: tcp://x:1, 1 worker, 1 thread", "dask: 5 cases on 0 workers"])


def test_x_stops_at_the_first_in_that_order(pytester: pytest.Pytester) -> None:
    def give(number: int, _time: int) -> list[Event]:
        return [done(number, "failed" if number in (1, 3) else "passed")]

    found, _ = run_scripted(pytester, give, "-x")
    assert shown(found) == ["test_0 PASSED", "test_1 FAILED"]
    assert found.ret == 1


def test_a_case_that_ends_its_process_is_tried_three_times(pytester: pytest.Pytester) -> None:
    def give(number: int, time: int) -> list[Event]:
        dies = number == 2 or (number == 1 and time < 3)
        return [Done(number, {"died": "SIGKILL", "worker": "w"}) if dies else done(number),
                Said({"began": number, "worker": "w"})]

    found, script = run_scripted(pytester, give)
    found.assert_outcomes(passed=4, errors=1)
    assert script.times == {0: 1, 1: 3, 2: 3, 3: 1, 4: 1}
    found.stdout.fnmatch_lines(["it ended the process that ran it 3 times; the last time: SIGKILL, on the worker w",
                                "dask: 5 cases on 1 worker; 4 begun again"])
    assert len(shown(found)) == 5


def test_neighbours_of_a_case_that_kills_workers_are_not_blamed(pytester: pytest.Pytester) -> None:
    order: list[int] = []

    def give(number: int, time: int) -> list[Event]:
        order.append(number)
        return [Lost(number, 4) if number == 2 or (number == 1 and time == 1) else done(number)]

    found, script = run_scripted(pytester, give)
    found.assert_outcomes(passed=4, errors=1)
    assert script.times == {0: 1, 1: 2, 2: 2, 3: 1, 4: 1}
    assert sorted(order[-2:]) == [1, 2]         # when all else was done
    found.stdout.fnmatch_lines(["8 workers died that ran it, the last 4 of them while no other case was under way"])


class Unfit(Exception):
    """As a worker raises it."""


@pytest.mark.parametrize(("event", "message"), [
    (Gone(), "the scheduler at tcp://x:1 is gone"),
    (Failed(3, ModuleNotFoundError("No module named 'rvsim'")), "a worker that has joined has no rvsim*pip install*"),
    (Failed(3, Unfit("the worker w has rvsim 9")), "the worker w has rvsim 9"),
    (Failed(3, AttributeError("run_case")), "a worker that has joined has another version of rvsim*")])
def test_what_ends_a_run_is_one_line(pytester: pytest.Pytester, event: Event, message: str) -> None:
    found, _ = run_scripted(pytester, lambda number, _: [event if number == 3 else done(number)])
    assert found.ret == pytest.ExitCode.INTERRUPTED
    found.stdout.fnmatch_lines([f"!* Interrupted: {message} !*"])
    assert shown(found) == ["test_4 PASSED"]    # what was done already counts


def test_nobody_waits_forever_for_a_worker(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE_S", 0)
    monkeypatch.setattr(Scripted, "next", lambda script, _timeout: script.events.pop() if script.events else None)
    monkeypatch.setattr(Scripted, "workers", lambda script: {} if script.times else {"w": 1})
    found, _ = run_scripted(pytester, lambda number, _: [done(number)] if number == 0 else [])
    assert found.ret == pytest.ExitCode.INTERRUPTED
    found.stdout.fnmatch_lines(["dask: no worker is left; waiting 0 s for another one",
                                "!* Interrupted: the scheduler at tcp://x:1 has no workers left; start one with*!"])
    assert shown(found) == ["test_0 PASSED"]


def test_another_error_of_a_worker_is_the_cases(pytester: pytest.Pytester) -> None:
    found, script = run_scripted(pytester, lambda number, _: [Failed(3, OSError("disk full")) if number == 3 else
                                                              done(number)])
    found.assert_outcomes(passed=4, errors=1)
    assert script.times[3] == 3
    found.stdout.fnmatch_lines(["no worker can run it: disk full"])


def test_a_wrong_file_is_told_before_anything_is_sent(pytester: pytest.Pytester) -> None:
    (pytester.path / "bad.rvtest.toml").write_text('[[case]]\nnam = "x"\n')
    found, script = run_scripted(pytester, lambda number, _: [done(number)])
    assert found.ret == pytest.ExitCode.INTERRUPTED
    assert script.times == {}


def test_a_file_that_another_worker_takes_away_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    for name in ("gone", "kept"):
        (tmp_path / name).write_bytes(b"text")
    found = list(os.scandir(tmp_path))
    (tmp_path / "gone").unlink()
    monkeypatch.setattr(os, "scandir", lambda path: found)
    store.prune(4)
    assert (tmp_path / "kept").exists()
    store.prune(3)
    assert not (tmp_path / "kept").exists()


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this host tells of no end without forgetting the process")
def test_a_process_that_has_ended_keeps_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its group is killed while the number is its own; when it was waited for, nobody is killed any more."""
    killed = []
    job = {"cwd": ".", "root": ".", "files": [], "base": "/"}
    process = Process("run", job, "name", str(tmp_path), Store(tmp_path / "store"))
    try:
        os.close(process.out)
        process.out = os.open(os.devnull, os.O_RDONLY)
        assert "unusable" in process.ask({"nodeid": "x"})       # it had nothing to read
        assert process.has_ended()
        monkeypatch.setattr(os, "killpg", lambda number, signo: killed.append(number))
        process.kill()
        assert killed == [process.child.pid]
        assert process.child.returncode is None
    finally:
        process.close()
    killed.clear()
    process.kill()
    assert killed == []
    assert process.child.returncode is not None
