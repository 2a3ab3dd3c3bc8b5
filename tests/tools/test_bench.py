"""The benchmarks' bookkeeping: who runs what, what is judged, what is said when something is missing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from rvsim.tools import bench, bench_debian, bench_proc, bench_trace, cli, corpus
from rvsim.tools.bench_debian import DebianWork, Side
from rvsim.tools.bench_report import Row, Work, format_table
from rvsim.tools.measuring import Samples


def work(judged: str = "whole", mark: float = 3) -> Work:
    return Work("a row", "row", judged, mark, 1)  # type: ignore[arg-type]


def samples(whole_ms: float, inside_ms: float | None = None) -> Samples:
    return Samples([int(whole_ms * 1e6)], [] if inside_ms is None else [int(inside_ms * 1e6)])


def test_what_is_judged() -> None:
    assert Row(work(), samples(30), samples(10)).judged == 3
    assert Row(work(), samples(30), samples(10)).held
    assert not Row(work(mark=2.9), samples(30), samples(10)).held
    assert Row(work("inside"), samples(30, 4), samples(10, 2)).judged == 2
    assert Row(work("start", 200), samples(30), None).judged == 30
    assert Row(work(), samples(30), None).held is None


def test_the_table_shows_all_sides() -> None:
    lines = format_table([Row(work(), samples(30), samples(10), samples(2)), Row(work(), samples(40), None)], None)
    first, second = lines.splitlines()[1:]
    assert first.split() == ["a", "row", "30.0", "10.0", "2.0", "3.00", "-", "3", "x", "1", "x", "held"]
    assert second.split() == ["a", "row", "40.0", "-", "-", "-", "-", "3", "x", "1", "x", "no", "peer"]


def test_scripts_name_the_emulator_that_starts_their_children() -> None:
    side = Side(("q", "-L", "r"), ("q", "-L", "r"), "bb", "bash", "true", "o")
    script = DebianWork("n", "n", "whole", 1, 1, ("sh", "-c", '"$@" true {data}', "sh"), shell=True)
    assert side.command(script, Path("d")) == ["q", "-L", "r", "bb", "sh", "-c", '"$@" true {data}', "sh", "q", "-L",
                                               "r", "bb"]
    plain = DebianWork("n", "n", "whole", 1, 1, ("tar", "cf", "{out}", "{data}/x"))
    assert side.command(plain, Path("d")) == ["q", "-L", "r", "bb", "tar", "cf", "o", "d/x"]
    dynamic = DebianWork("n", "n", "whole", 1, 1, ("bash", "-c", "x", "bash"), shell=True, dynamic=True)
    assert Side((), (), "bb", "/b", "/t", "o").command(dynamic, Path("d")) == ["/b", "-c", "x", "bash", "/t"]


def test_start_is_taken_off() -> None:
    start = Samples([9, 30, 10])
    assert bench_debian.without(start, Samples([15, 110, 7])) == [5, 100, 1]


def test_without_a_corpus_the_rows_are_left_out(monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    def missing(_: object) -> Path:
        raise corpus.CorpusError("no APT here")

    monkeypatch.setattr(corpus, "fetch", missing)
    assert bench_debian.rows(["rvsim"], None, 1, ()) == []
    assert capsys.readouterr().err == "rvsim: no rows of Debian's programs: no APT here\n"


def test_names_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "nothing"]) != 0
    assert "there are bench_getppid" in capsys.readouterr().err
    programs = [one.program for one in (*bench.WORKS, *bench_proc.WORKS, *bench_trace.WORKS,
                                             *bench_debian.WORKS)]
    assert len(set(programs)) == len(programs)


def test_recording_is_measured_beside_the_same_run_without(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, list[str]]] = []

    def noted(commands: dict[str, list[str]], _rounds: int) -> dict[str, Samples]:
        asked.append(commands)
        return {"traced": samples(30, 15), "bare": samples(20, 10)}

    monkeypatch.setattr(bench_trace, "interleaved", noted)
    row, = bench_trace.rows(["rvsim"], Path("bin"), 1, ["trace-getppid"])
    assert (row.judged, row.held) == (1.5, True)
    assert asked[0]["bare"] == ["rvsim", "run", "--clock", "host", "bin/bench_getppid"]
    traced = asked[0]["traced"]
    assert [*traced[:4], traced[5:]] == [*asked[0]["bare"][:4], [traced[5], "bin/bench_getppid"]]
    assert traced[4] == "--trace"
    assert format_table([row], None).endswith("\n+ beside rvsim without the option, in the column of qemu")


def test_every_row_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows once here, over small inputs."""
    for name, size in (("LINES", 50), ("BLOB_MIB", 1), ("ARCHIVED", 20), ("FOUND", 30)):
        monkeypatch.setattr(bench_debian, name, size)
    small = {"1000": "10", "300": "3", "200": "2", "4096": "16"}
    try:
        root = corpus.fetch(bench_debian.PACKAGES)
    except corpus.CorpusError as error:
        pytest.skip(str(error))
    bench_debian.make_inputs(tmp_path)
    side = bench_debian.sides(bench.rvsim_command(), None, root, tmp_path)["rvsim"]
    printed = {}
    for one in bench_debian.WORKS:
        words = [re.sub(r"\d{3,}", lambda found: small[found[0]], word) if one.shell and word in one.words else word
                 for word in side.command(one, tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), one.name
        printed[one.program] = done.stdout
    assert sorted(printed["find"].split()) == sorted(str(path) for path in (tmp_path / "tree").rglob("name*7*"))
    host = subprocess.run(["sha256sum", tmp_path / "blob"], capture_output=True, text=True, check=True).stdout
    assert printed["sha256sum"] == host
