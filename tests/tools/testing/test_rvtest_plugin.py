"""The pytest plugin, by real runs of pytest: results, reports, golden files, replays, and what CIs are told."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree

import pytest

from rvsim.guest_os.boot import APPS
from rvsim.tests.guest import musl_program
from rvsim.tools.testing.command import arguments_for_pytest, is_installed
from rvsim.tools.testing.github import annotation, summary

pytest_plugins = ["pytester"]
LOADED = () if is_installed() else ("-p", "rvsim.tools.testing.plugin")
PLUGIN = (*LOADED, "-p", "no:cacheprovider")
RVSIM = [sys.executable, "-c", "from rvsim.tools.entry import console_script; console_script()"]

HELLO = '[[case]]\nname = "hello"\nargv = "hello_world"\nexpect.output.contains = "Hello"\n'


def write(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (pytester.path / f"{name}.rvtest.toml").write_text(text)


def test_files_are_collected_and_pass(pytester: pytest.Pytester) -> None:
    write(pytester, a=HELLO, b='[[case]]\nname = "s"\nargv = "exit"\nskip = "not yet"\n' + HELLO.replace("[[", "[[", 1))
    pytester.runpytest(*PLUGIN).assert_outcomes(passed=2, skipped=1)
    pytester.runpytest(*PLUGIN, "-k", "hello").assert_outcomes(passed=2, deselected=1)


CASES = """\
[[case]]
name = "output"
argv = "hello_world"
expect.output = "Hello, word"

[[case]]
name = "status"
argv = "store_fault"

[[case]]
name = "signal"
argv = "true"
expect.signal = "SIGSEGV"

[[case]]
name = "never"
argv = "forktest"
expect.never = ["fork"]

[[case]]
name = "ticks"
argv = "hello_world"
expect.max_ticks = 100

[[case]]
name = "loop"
argv = "infloop"
limits.ticks = 20000000

[[case]]
name = "starved"
argv = "sh"
dialogue = [{ expect = "$ ", sendline = "echo x" }, { expect = "nonsense" }]

[[case]]
name = "file"
argv = "true"
expect.files = { "/tmp/x" = "y" }

[[case]]
name = "no program"
argv = "nowhere"

[[case]]
name = "no directory"
argv = "true"
cwd = "/nowhere"
"""


def test_every_failure_says_what_is_wrong(pytester: pytest.Pytester) -> None:
    write(pytester, t=CASES)
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(failed=10)
    done.stdout.fnmatch_lines([
        "the output is not what is expected", "*-Hello, word*", "*+Hello, world, from*", "*---- console",
        "---- last system calls up to trap *", '*write(1, "Hello, world*', "---- processes", "*hello_world",
        "---- replay", "rvsim step --replay rvsim-results/t.rvtest.toml_output/run.rec --at *",
        "expected status 0, got 254",
        "expected to be killed by SIGSEGV, got status 0",
        "fork is called 30 times, and never should be",
        "it took * ticks, and may take 100",
        "the machine does not end: the limit of 20,000,000 ticks was passed*",
        "step 2 of the dialogue: expected 'nonsense', and the guest waits for input*",
        "/tmp/x: no such file or directory",
        "nowhere: the built-in system has no such program",
        "cwd: /nowhere: no such file or directory*",
    ])
    done.stdout.fnmatch_lines(["FAILED t.rvtest.toml::output - the output is not what is expected"])


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_failure_is_one_line_of_the_summary(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch,
                                              ci: str) -> None:
    monkeypatch.setenv("CI", ci)                # pytest then prints messages whole
    write(pytester, t=CASES)
    done = pytester.runpytest(*PLUGIN, "-k", "output", "--junitxml=junit.xml")
    lines = done.stdout.str().splitlines()
    assert lines[-2:-1] == ["FAILED t.rvtest.toml::output - the output is not what is expected"]
    assert sum(line.startswith("rvsim step --replay ") for line in lines) == 1
    failure = ElementTree.parse(pytester.path / "junit.xml").find(".//failure")
    assert failure is not None
    assert failure.get("message") == "the output is not what is expected"
    assert "---- processes" in str(failure.text)


def test_the_command_for_replaying_works(pytester: pytest.Pytester) -> None:
    write(pytester, t=CASES)
    pytester.makepyfile("def test_it(rvsim):\n    sh = rvsim.spawn('sh')\n    sh.write_file('/tmp/a', 'inside')\n"
                        "    sh.sendline('cat /tmp/a')\n    sh.expect('never')\n")
    done = pytester.runpytest(*PLUGIN, "-k", "output or never or starved or test_it")
    commands = re.findall(r"^rvsim (step --replay .*)$", done.stdout.str(), re.MULTILINE)
    assert len(commands) == 4
    wanted = {"output": 'write(1, "Hello', "never": "fork()", "starved": "read(0", "test_it": "read(0"}
    for command in commands:
        words = shlex.split(command)
        ran = subprocess.run([*RVSIM, *words, "-x", "back; trap"], capture_output=True, text=True, check=False,
                             cwd=pytester.path, timeout=120)
        assert ran.returncode == 0, ran.stderr
        at = f"#{words[-1]} pid 1"
        assert ran.stdout.count(at) == 2, ran.stdout        # there, and after going back there once more
        name = next(name for name in wanted if name in words[2])
        assert wanted[name] in ran.stdout.split(at)[-1]


def test_golden_files_are_written_and_compared(pytester: pytest.Pytester) -> None:
    write(pytester, t='[[case]]\nname = "g"\nargv = "hello_world"\nexpect.output.golden = "golden/hello.txt"\n')
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["golden/hello.txt: there is no such file; --update writes it"])
    golden = pytester.path / "golden" / "hello.txt"
    pytester.runpytest(*PLUGIN, "--rvsim-update").assert_outcomes(passed=1)
    assert golden.read_text() == "Hello, world, from a process in user mode!\n"
    pytester.runpytest(*PLUGIN).assert_outcomes(passed=1)
    golden.write_text("other\n")
    done = pytester.runpytest(*PLUGIN)
    done.stdout.fnmatch_lines(["the output differs from golden/hello.txt", "*-other", "*+Hello*"])


def test_matrix_tags_and_a_booted_image(pytester: pytest.Pytester) -> None:
    write(pytester, t='[boot]\nargv = "sh"\ndialogue = [{ expect = "$ " }]\n[[case]]\nname = "e"\ntags = ["quick"]\n'
          'dialogue = [{ sendline = "echo ${w}${w}" }, { expect = "${w}${w}\\r\\n" }]\nmatrix.w = ["a", "b"]\n'
          '[[case]]\nname = "f"\ndialogue = [{ sendline = "exit 4" }]\nexpect.status = 4\n')
    pytester.runpytest(*PLUGIN, "--strict-markers").assert_outcomes(passed=3)
    pytester.runpytest(*PLUGIN, "--rvsim-tag", "quick").assert_outcomes(passed=2, deselected=1)
    pytester.runpytest(*PLUGIN, "-m", "quick").assert_outcomes(passed=2, deselected=1)
    assert "e[b]" in pytester.runpytest(*PLUGIN, "-v").stdout.str()


def test_a_boot_that_fails_is_shown_once(pytester: pytest.Pytester) -> None:
    write(pytester, t='[boot]\nargv = "sh"\n'
          'dialogue = [{ expect = "$ ", sendline = "echo one" }, { expect = "login: " }]\n'
          '[[case]]\nname = "a"\ndialogue = [{ sendline = "exit" }]\n[[case]]\nname = "b"\n'
          'dialogue = [{ sendline = "exit" }]\n')
    pytester.makepyfile("def test_it(rvsim_snapshot):\n    rvsim_snapshot('sh', ready='never')\n")
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines([
        "the image does not boot: step 2 of the dialogue: expected 'login: ', and the guest waits for input*",
        "---- console", "one", "---- last system calls*", '*write(1, "one*', "---- processes", "*sh in read",
        "---- replay", "rvsim step --replay rvsim-results/t.rvtest.toml_a/run.rec --at *",
        "the image does not boot: as in the test before: step 2 of the dialogue: expected 'login: '*",
        "*Captured guest console*", "rvsim step --replay rvsim-results/test_*_test_it/run.rec --at *",
    ])
    assert done.stdout.str().count("---- console") == 1
    assert "factory.py" not in done.stdout.str()         # only the test's own lines


def test_a_conftest_is_asked_before_guests_are_closed(pytester: pytest.Pytester) -> None:
    write(pytester, t='[[case]]\nname = "a"\nargv = "true"\n[[case]]\nname = "b"\nargv = "false"\n')
    pytester.makeconftest("def pytest_rvsim_close(item, guest):\n    assert guest.ended, item.name + ' goes on'\n")
    pytester.makepyfile("def test_it(rvsim):\n    rvsim.spawn('infloop')\n")
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(passed=2, failed=1, errors=1)
    done.stdout.fnmatch_lines(["E * test_it goes on*"])


def test_calls_faults_leaks_and_files(pytester: pytest.Pytester) -> None:
    write(pytester, t="""
[[case]]
name = "calls"
argv = "store_fault"
expect = { status = 254, calls = { write = { min = 1 }, fork = 0 }, faults = { segv = 1, illegal = 0 } }
[[case]]
name = "files"
argv = ["sh", "-c", "wc < /in/a > /tmp/o"]
files = { "/in/a" = "x y\\n", "/in/b" = { base64 = "AA==", mode = "600" } }
expect.files = { "/tmp/o" = { contains = "2" }, "/in/b" = { mode = "600" }, "/in/c" = { absent = true } }
expect.no_leaks = true
[[case]]
name = "leaks"
argv = ["sh", "-c", "sleep 9 &"]
expect.no_leaks = true
[[case]]
name = "pipes"
argv = "cat /nowhere"
stdin = ""
expect = { status = 1, errors.regex = "nowhere", output = "" }
""")
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["process * is still there when the first process ends"])


def test_a_wrong_file_is_one_line(pytester: pytest.Pytester) -> None:
    write(pytester, bad='[[case]]\nnam = "x"\n')
    done = pytester.runpytest(*PLUGIN)
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["bad.rvtest.toml:2: case?0?.nam: there is no such key; do you mean name?"])


def test_python_tests_have_guests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_fork(rvsim):
            sh = rvsim.spawn("/bin/sh"); sh.sendline("forktest"); sh.expect("forktest pass"); sh.sendline("exit")
            assert sh.wait() == 0

        def test_image(rvsim_image):
            assert rvsim_image(env={"A": "1"}).spawn("true").wait() == 0

        def test_snapshot(rvsim_snapshot):
            point = rvsim_snapshot("sh", ready=r"[$] ")
            one = point.spawn(); one.sendline("echo 1''2"); one.expect("12")

        def test_wrong(rvsim):
            rvsim.spawn("sh").expect("never")
    """)
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["*Captured guest console*", "*Captured guest last system calls*",
                               "*Captured guest processes*",
                               "*Captured guest replay*", "rvsim step --replay *test_wrong/run.rec --at *"])


def test_junit_x_and_two_workers(pytester: pytest.Pytester) -> None:
    write(pytester, a=HELLO, b=CASES)
    done = subprocess.run([*RVSIM, "test", ".", "-n", "2", "--junitxml", "r.xml", "-p", "no:cacheprovider"],
                          cwd=pytester.path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "10 failed, 1 passed" in done.stdout
    cases = list(ElementTree.parse(pytester.path / "r.xml").iter("testcase"))
    assert len(cases) == 11
    assert any(failure.get("message") for case in cases for failure in case.iter("failure"))
    pytester.runpytest(*PLUGIN, "-x").assert_outcomes(passed=1, failed=1)


def test_a_run_after_a_failure_takes_the_failed(pytester: pytest.Pytester) -> None:
    write(pytester, a=HELLO, b=CASES)
    pytester.runpytest(*LOADED).assert_outcomes(passed=1, failed=10)
    pytester.runpytest(*LOADED, "--lf").assert_outcomes(failed=10)


def test_github_is_told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    write(pytester, t=CASES)
    note = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(note))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pytester.path))
    done = pytester.runpytest(*PLUGIN, "-k", "output or status")
    done.stdout.fnmatch_lines(["::error file=t.rvtest.toml,line=1,title=output::the output is not what is expected*",
                               "::error file=t.rvtest.toml,line=6,title=status::expected status 0, got 254*"])
    text = note.read_text()
    assert "| failed | 2 |" in text
    assert "rvsim step --replay" in text


def test_what_github_must_not_misread() -> None:
    assert annotation("a,b:c", 3, "t", "x%\ny") == "::error file=a%2Cb%3Ac,line=3,title=t::x%25%0Ay"
    text = summary({"failed": 1}, [("<b>", "```\nx")])
    assert "&lt;b&gt;" in text
    assert "````" in text


def test_the_options_of_rvsim_test_are_the_plugins() -> None:
    assert arguments_for_pytest(["a", "--update", "--tag=x", "-k", "b", "--", "--tag"]) == [
        "a", "--rvsim-update", "--rvsim-tag=x", "-k", "b", "--", "--tag"]


def test_loading_the_plugin_imports_no_machine() -> None:
    script = ("import sys, pytest; before = set(sys.modules); import rvsim.tools.testing.plugin; "
              "print(sorted(set(sys.modules) - before))")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['rvsim', 'rvsim.tools', 'rvsim.tools.testing', 'rvsim.tools.testing.plugin']"


FAULTS = """
[[case]]
name = "broken"
argv = "cat /etc/motd"
files = { "/etc/motd" = "hello" }
faults = [{ call = "read", action = "errno", value = "EIO" }]
expect = { status = 1, errors.contains = "error" }
[[case]]
name = "late"
argv = "cat /etc/motd"
files = { "/etc/motd" = "hello" }
faults = [{ call = "read", action = "delay", value = "5ms" }]
expect.output = "nope"
[[case]]
name = "chaotic"
argv = "forktest"
expect.status = 3
"""


def test_faults_are_injected_and_told(pytester: pytest.Pytester) -> None:
    write(pytester, t=FAULTS)
    done = pytester.runpytest(*PLUGIN, "--rvsim-chaos", "5")
    done.assert_outcomes(passed=1, failed=2)
    done.stdout.fnmatch_lines(["---- faults injected: --chaos 5", "tick *: process 1, read number 1: delay*"])
    assert "it went otherwise" not in done.stdout.str()
    for command in re.findall(r"^rvsim (step --replay .*)$", done.stdout.str(), re.MULTILINE):
        ran = subprocess.run([*RVSIM, *shlex.split(command), "-x", "back; trap"], capture_output=True, text=True,
                             check=False, cwd=pytester.path, timeout=120)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.count(f"#{shlex.split(command)[-1]} pid ") == 2


CHAOS = """
programs = ["/PROGRAM"]
[[case]]
name = "careful"
argv = "careful careful"
chaos = "${seed}"
chaos_rate = 2
matrix.seed = [1, 2, 3]
[[case]]
name = "memory"
argv = "careful memory"
chaos = 2
chaos_level = "hard"
[[case]]
name = "by path and name"
argv = ["sh", "-c", "cat /etc/a; cat /etc/b; wc /etc/a"]
files = { "/etc/a" = "a", "/etc/b" = "b" }
faults = [{ call = "read", action = "errno", value = "EIO", path = "/etc/a", comm = "c*", every = true }]
expect = { output.regex = "b0 1 1", errors.contains = "cat: /etc/a" }
"""


def test_chaos_by_case(pytester: pytest.Pytester) -> None:
    (pytester.path / "careful").write_bytes(musl_program("faults/careless.c").read_bytes())
    write(pytester, t=CHAOS.replace("/PROGRAM", "careful"))
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(passed=4, failed=1)
    done.stdout.fnmatch_lines(["---- faults injected: --chaos 2", "tick *: process 1, mmap number *: ENOMEM"])
    pytester.makepyfile("""
        def test_it(rvsim):
            assert rvsim.spawn("sh", "-c", "echo a | cat", chaos=3, chaos_level="hard", chaos_rate=999).wait() == 0
            assert rvsim.spawn("echo", "a", faults=["write=short(1)"]).wait() == 0
    """)
    pytester.runpytest(*PLUGIN, "-k", "test_it").assert_outcomes(passed=1)


def test_a_fault_that_makes_no_sense_is_one_line(pytester: pytest.Pytester) -> None:
    write(pytester, t='[[case]]\nname = "x"\nargv = "true"\nfaults = [{ call = "raed", action = "nomem" }]\n')
    pytester.runpytest(*PLUGIN).stdout.fnmatch_lines(["t.rvtest.toml:4: case?0?.faults?0?: there is no call 'raed'*"])


def test_coverage_is_added_up_over_cases_and_workers(pytester: pytest.Pytester) -> None:
    write(pytester, t='[[case]]\nname = "w"\nargv = "wc"\nstdin = "a b"\n[[case]]\nname = "h"\nargv = "hello_world"\n')
    pytester.makepyfile("def test_it(rvsim):\n    assert rvsim.spawn('forktest').wait() == 0\n")
    found = []
    for workers in ("0", "2"):
        ran = subprocess.run([*RVSIM, "test", "--cov", "g.lcov", ".", "-n", workers, "-p", "no:cacheprovider"],
                             cwd=pytester.path, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "coverage of the guest" in ran.stdout
        found.append((pytester.path / "g.lcov").read_text())
    assert found[0] == found[1]
    for source in ("wc.c", "hello_world.c", "forktest.c"):
        assert re.search(rf"^SF:.*/{source}$", found[0], re.MULTILINE)


def test_an_image_is_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    with tarfile.open(pytester.path / "app.tar", "w") as archive:
        archive.add(APPS / "hello", "bin/hello")
    case = '[[case]]\nname = "i"\nargv = "/bin/hello"\nexpect.output.contains = "Hello"\n'
    write(pytester, t='image = "app.tar"\n' + case,
          u='image = "nowhere.tar"\n[[case]]\nname = "n"\n')
    done = pytester.runpytest(*PLUGIN)
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["image: *nowhere.tar*"])


@pytest.mark.parametrize(("words", "line"), [
    (["--bogus"], "unrecognized arguments: --bogus"),
    ([".", "--bogus", "-x"], "unrecognized arguments: --bogus"),
    ([".", "--grade"], "--grade: expected one argument"),
    (["--chaos", "1-9"], "--chaos: '1-9' is no seed: a whole number from 0; for many, give the cases a matrix, as "
                         "docs/faults.md has it"),
    ([".", "--chaos=-1"], "--chaos: '-1' is no seed: a whole number from 0; for many, give the cases a matrix, as "
                          "docs/faults.md has it")])
def test_a_wrong_option_is_one_line(pytester: pytest.Pytester, words: list[str], line: str) -> None:
    done = subprocess.run([*RVSIM, "test", *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (4, "", f"rvsim: {line}; see `rvsim test --help`\n")


def test_where_there_are_no_tests_it_says_what_they_are_called(pytester: pytest.Pytester) -> None:
    empty = subprocess.run([*RVSIM, "test"], capture_output=True, text=True)
    assert empty.returncode == 5
    assert re.search("^rvsim: there are no tests here: .*NAME.rvtest.toml", empty.stdout, re.MULTILINE)
    write(pytester, a=HELLO)
    chosen = subprocess.run([*RVSIM, "test", "-k", "nothing"], capture_output=True, text=True)
    assert chosen.returncode == 5
    assert "there are no tests here" not in chosen.stdout
