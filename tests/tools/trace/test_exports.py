"""What a trace becomes: trace events for Perfetto, one HTML page, flame graphs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from recorded import SUBJECT, Run, hostile, made, run, write

from rvsim.tests.guest import GLIBC_CC, glibc_program, musl_program
from rvsim.tools.cli import main
from rvsim.tools.trace import format as f
from rvsim.tools.trace import page
from rvsim.tools.trace.format import Kind


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(musl_program(SUBJECT), trace=tmp_path_factory.mktemp("trace") / "t", stacks=1000)


def exported(path: Path | None, kind: str, out: Path, *words: str) -> str:
    assert main(["trace", str(path), "--export", kind, str(out), *words]) == 0
    return out.read_text(encoding="utf-8")


# ---- Chrome's trace events


@pytest.fixture(scope="module")
def events(traced: Run, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    whole = json.loads(exported(traced.path, "chrome", tmp_path_factory.mktemp("chrome") / "x.json"))
    assert whole["displayTimeUnit"] == "ns"
    found: list[dict[str, Any]] = whole["traceEvents"]
    return found


def test_every_event_is_whole(events: list[dict[str, Any]]) -> None:
    assert {event["ph"] for event in events} == {"M", "X", "i", "s", "f"}
    for event in events:
        assert {"name", "pid", "tid"} <= event.keys()
        assert event["ph"] == "M" or event["ts"] >= 0
        assert event["ph"] != "X" or event["dur"] >= 0
        assert event["ph"] != "i" or event["s"] == "t"


def test_processes_and_threads_have_names(events: list[dict[str, Any]]) -> None:
    names = {(event["name"], event["pid"], event["tid"]): event["args"]["name"] for event in events
             if event["ph"] == "M"}
    assert names["process_name", 0, 0] == "hart 0"
    assert names["process_name", 1, 1].startswith("trace_subject")
    assert {pid for _, pid, _ in names} == {0, 1, 2, 3, 4, 5}
    assert ("thread_name", 1, 6) in names


def test_slices_of_a_thread_nest(events: list[dict[str, Any]]) -> None:
    """A viewer draws a slice inside another only if it ends there."""
    by_thread: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in events:
        if event["ph"] == "X":
            start = round(event["ts"] * 1000)
            by_thread.setdefault((event["pid"], event["tid"]), []).append((start, start + round(event["dur"] * 1000)))
    for slices in by_thread.values():
        around: list[int] = []
        for start, end in sorted(slices, key=lambda one: (one[0], -one[1])):
            while around and around[-1] <= start:
                around.pop()
            assert not around or end <= around[-1]
            around.append(end)


def test_calls_faults_and_signals(events: list[dict[str, Any]]) -> None:
    calls = [event for event in events if event.get("cat") == "call"]
    assert sum(event["name"] == "getppid" for event in calls) == 100
    wait = next(event for event in calls if event["name"] == "wait4")
    assert wait["args"]["result"] == "2"
    assert wait["args"]["call"].startswith("wait4(2, 0x")
    assert wait["dur"] > 1
    marks = {event["cat"]: event["name"] for event in events if event["ph"] == "i"}
    assert marks.keys() == {"fault", "signal", "stop", "exec", "exit"}
    assert sum(event["cat"] == "run" for event in events if event["ph"] == "X") > 10


def test_arrows_begin_and_end(events: list[dict[str, Any]]) -> None:
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert starts.keys() == ends.keys()
    assert {number: start["name"] for number, start in starts.items()} == {
        number: end["name"] for number, end in ends.items()}
    assert {(start["name"], start["pid"], ends[number]["pid"]) for number, start in starts.items()} >= {
        ("fork", 1, 2), ("wait", 2, 1), ("signal", 1, 4), ("wait", 5, 1)}
    assert all(start["ts"] <= ends[number]["ts"] for number, start in starts.items())


def test_only_what_was_chosen(traced: Run, tmp_path: Path) -> None:
    text = exported(traced.path, "chrome", tmp_path / "x", "--call", "getppid", "--from", "5us")
    names = [event["name"] for event in json.loads(text)["traceEvents"] if event.get("cat") == "call"]
    assert 10 < len(names) < 100
    assert set(names) == {"getppid"}


def test_hostile_texts_in_events(tmp_path: Path) -> None:
    text = exported(hostile(tmp_path / "t"), "chrome", tmp_path / "x")
    assert json.loads(text)["traceEvents"]
    assert text.isascii()
    assert "\\ud" not in text
    assert "\\u001b" not in text


# ---- the page


class Page(HTMLParser):
    """Takes a page apart as a browser would: its data, its scripts, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.title = ""
        self._inside = ""
        self.feed(text)
        self.data: dict[str, Any] = json.loads(self.scripts[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "title":
            self.title += data


def test_the_page_holds_everything(traced: Run, tmp_path: Path) -> None:
    data = Page(exported(traced.path, "html", tmp_path / "x.html")).data
    assert [task[:3] for task in data["tasks"]] == [
        [1, 1, -1], [2, 2, 0], [3, 3, 0], [4, 4, 0], [5, 5, 0], [1, 6, 0]]
    ends = [data["texts"][task[6]] for task in data["tasks"]]
    assert ends == ["exited with 0", "exited with 3", "killed by SIGSEGV (core dumped)", "killed by SIGTERM",
                    "exited with 0", "exited with 0"]
    names = [data["texts"][call[3]] for call in data["calls"]]
    assert names.count("getppid") == 100
    assert {mark[2] for mark in data["marks"]} == {"fault", "signal", "stop", "exec"}
    assert {arrow[0] for arrow in data["arrows"]} == {"fork", "wait", "signal", "wake"}
    assert sum(end - start for _, start, end in data["runs"]) == traced.ticks
    assert data["notes"] == [f"recorded by rvsim {data['notes'][0].split()[3][:-1]}, virtual clock"]


def test_the_page_loads_nothing(traced: Run, tmp_path: Path) -> None:
    text = exported(traced.path, "html", tmp_path / "x.html")
    found = Page(text)
    assert not [element for element in found.elements if {"src", "href", "srcset", "data"} & element[1].keys()]
    assert [tag for tag, _ in found.elements if tag == "script"] == ["script"] * 2
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|WebSocket", text)


def test_hostile_texts_in_a_page(tmp_path: Path) -> None:
    text = exported(hostile(tmp_path / "t"), "html", tmp_path / "x.html")
    found = Page(text)
    assert [tag for tag, _ in found.elements if tag == "script"] == ["script"] * 2
    assert found.data["command"].startswith("</script><script>document.title")
    assert found.title.startswith("</script><script>document.title")
    assert "\x1b" not in text
    assert "\udcff" not in text


def test_what_there_is_no_room_for_is_said(traced: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(page, "MOST", {"tasks": 2, "calls": 50, "marks": 10, "runs": 3, "arrows": 1})
    data = Page(exported(traced.path, "html", tmp_path / "x.html")).data
    assert [len(data[name]) for name in ("tasks", "calls", "marks", "runs", "arrows")] == [2, 50, 10, 3, 1]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert re.fullmatch(rf"rvsim: {tmp_path}/x.html: \d+ calls are left out; choose some by --from, --to or --pid",
                        lines[1])
    assert len(data["notes"]) == 6
    assert re.fullmatch(r"4 tasks are not on this page, which holds the first 2; choose some by --from, --to or --pid",
                        data["notes"][1])


def test_a_page_of_a_trace_that_is_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "t", [made(flags=f.OPEN, number=260), made(Kind.TURN, ns=5)], ends=False)
    data = Page(exported(path, "html", tmp_path / "x.html")).data
    assert "the trace is cut off" in data["notes"][1]
    assert [(call[1], call[2], data["texts"][call[5]], call[6]) for call in data["calls"]] == [(0, 5, "?", 1)]


# ---- flame graphs


def flame(path: Path | None, out: Path, *words: str) -> str:
    assert main(["trace", str(path), "--flame", str(out), *words]) == 0
    return out.read_text(encoding="utf-8")


def folded(text: str) -> dict[str, int]:
    return {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in text.splitlines()}


def test_folded_stacks_add_up_to_what_ran(traced: Run, tmp_path: Path) -> None:
    stacks = folded(flame(traced.path, tmp_path / "x.folded"))
    assert sum(stacks.values()) == traced.ticks
    program = next(iter(stacks)).split(";")[0]
    assert program.startswith("trace_subject")
    deepest = max((stack for stack in stacks if ";deep" in stack), key=len)
    assert re.fullmatch(rf"{program};\w+(;\w+)*;main(;deep){{15,21}};memset", deepest)
    assert not any("not found" in stack for stack in stacks)


@pytest.mark.skipif(GLIBC_CC is None, reason="no riscv64-linux-gnu-gcc")
def test_folded_stacks_of_a_program_with_frame_information(tmp_path: Path) -> None:
    """As Debian's are: no frame pointers, and code between functions that have names."""
    run(glibc_program(SUBJECT), trace=tmp_path / "t", stacks=50)
    stacks = folded(flame(tmp_path / "t", tmp_path / "x.folded"))
    cut = sum(ticks for stack, ticks in stacks.items() if "(callers not found)" in stack)
    assert cut <= sum(stacks.values()) // 100
    assert any(re.search(r";_start;__libc_start_\w+(;\w+)*;main(;deep){15,21}\b", stack) for stack in stacks)


def test_folded_stacks_of_a_child(traced: Run, tmp_path: Path) -> None:
    whole = folded(flame(traced.path, tmp_path / "x.folded"))
    parts = [folded(flame(traced.path, tmp_path / f"{pid}.folded", "--pid", str(pid))) for pid in range(1, 6)]
    assert sum(sum(part.values()) for part in parts) == sum(whole.values())
    early = folded(flame(traced.path, tmp_path / "e.folded", "--to", "100us"))
    assert 0 < sum(early.values()) <= 100_000


def test_the_svg_is_one_and_adds_up(traced: Run, tmp_path: Path) -> None:
    root = ElementTree.fromstring(flame(traced.path, tmp_path / "x.svg"))
    space = {"s": "http://www.w3.org/2000/svg"}
    frames = root.findall(".//s:g[@class='frame']", space)
    titles = [title.text or "" for frame in frames if (title := frame.find("s:title", space)) is not None]
    assert f"all: {traced.ticks} ticks, 100.00%" in titles
    assert any(title.startswith("memset: ") for title in titles)
    rows: dict[str, float] = {}
    for frame in frames:
        rows[frame.attrib["data-y"]] = rows.get(frame.attrib["data-y"], 0) + float(frame.attrib["data-w"])
        assert 0 <= float(frame.attrib["data-x"]) <= 1200
    assert max(rows.values()) <= 1200.1
    assert not {"href", "src"} & {name for element in root.iter() for name in element.attrib}


def test_hostile_names_in_flame_graphs(tmp_path: Path) -> None:
    path = hostile(tmp_path / "t")
    svg = flame(path, tmp_path / "x.svg")
    assert ElementTree.fromstring(svg) is not None
    assert svg.count("<script>") == 1
    lines = flame(path, tmp_path / "x.folded").splitlines()
    assert len(lines) == 1
    assert lines[0].count(";") == 2


def test_addresses_without_names(tmp_path: Path) -> None:
    module = {"path": "/lib/x.so", "build": "", "symbols": []}
    path = write(tmp_path / "t", (f.MODULE, module), (f.STACKS, [[-1, 18, 0, 16, -2, 0], [-3, 0]]), [
        made(Kind.STACK, result=10), made(Kind.STACK, number=1, result=5), made(Kind.STACK, number=9, result=1)])
    assert folded(flame(path, tmp_path / "x.folded")) == {
        "?;(callers not found);x.so+0x10;0x12": 10, "?;(since the last sample)": 5, "?": 1}
