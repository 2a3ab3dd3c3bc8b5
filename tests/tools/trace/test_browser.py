"""The page and the flame graph in a real browser: headless Chromium, driven by a script put behind the page's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from recorded import SUBJECT, hostile, run

from rvsim.tests.guest import musl_program
from rvsim.tools.cli import main

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: chromium)")

BEFORE = """<script>window.wrong = [];
addEventListener("error", event => window.wrong.push(String(event.message)));
addEventListener("securitypolicyviolation", event => window.wrong.push(event.violatedDirective));</script>"""
DRIVER = """<script>(async () => {
  const board = document.getElementById("lanes"), body = document.body, out = {};
  const pause = () => new Promise(done => setTimeout(done, 150));
  const range = () => [Number(body.dataset.from), Number(body.dataset.to)];
  const rows = () => Array.from(document.querySelectorAll("#rows tr"), row =>
    Array.from(row.children, cell => cell.textContent));
  const box = () => board.getBoundingClientRect();
  const mouse = (kind, x, y) => board.dispatchEvent(new PointerEvent(kind, { clientX: box().left + x,
    clientY: box().top + y, pointerId: 1, bubbles: true }));
  const wheel = (x, deltaY) => board.dispatchEvent(new WheelEvent("wheel", { clientX: box().left + x, deltaY,
    cancelable: true, bubbles: true }));
  const key = name => document.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  try {
    await pause();
    %s
  } catch (error) { window.wrong.push(String(error)); }
  out.wrong = window.wrong;
  out.loaded = performance.getEntriesByType("resource").length;
  out.title = document.title;
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify(out);
  body.append(result);
})();</script>"""


def browse(path: Path, budget_ms: int = 8000) -> str:
    """The document as it is when all scripts have run."""
    command = [str(BROWSER), "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900",
               f"--user-data-dir={path.parent / 'browser'}", f"--virtual-time-budget={budget_ms}", "--dump-dom"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def driven(page: Path, script: str) -> dict[str, Any]:
    """What `script` put into `out`, run in the page."""
    text = page.read_text(encoding="utf-8").replace("<head>", f"<head>{BEFORE}")
    page.write_text(text.replace("</body>", DRIVER % script + "</body>"), encoding="utf-8")
    found = re.search(r'<pre id="result">(.*?)</pre>', browse(page), re.DOTALL)
    assert found is not None
    out: dict[str, Any] = json.loads(unescape(found[1]))
    assert out["wrong"] == []
    assert out["loaded"] == 0
    return out


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trace") / "t"
    run(musl_program(SUBJECT), trace=path, stacks=1000)
    return path


@pytest.fixture
def page(trace: Path, tmp_path: Path) -> Path:
    # The subject sleeps for a second in its end, in which nothing can be told from anything.
    path = tmp_path / "x.html"
    assert main(["trace", str(trace), "--to", "2ms", "--export", "html", str(path)]) == 0
    return path


def test_it_draws_and_lists(page: Path) -> None:
    out = driven(page, """
      out.lanes = Number(body.dataset.lanes); out.count = Number(body.dataset.count); out.rows = rows();
      const pen = board.getContext("2d"), colors = new Set();
      const pixels = pen.getImageData(0, 0, board.width, board.height).data;
      for (let at = 0; at < pixels.length; at += 4) colors.add(pixels.slice(at, at + 3).join());
      out.colors = Array.from(colors); out.size = [board.width, board.height];
    """)
    assert out["lanes"] == 6
    assert out["count"] == len(out["rows"]) > 250
    assert out["title"].endswith(" - rvsim trace")
    for red, green, blue in ((59, 120, 181), (201, 178, 122), (42, 157, 111), (210, 69, 47), (138, 63, 176)):
        assert f"{red},{green},{blue}" in out["colors"]
    assert out["rows"][0][3].startswith("exec: runs /trace_subject")
    assert any(row[3].startswith("openat(AT_FDCWD, ") and row[4].startswith("-1 ENOENT") for row in out["rows"])


def test_it_zooms_and_pans(page: Path) -> None:
    out = driven(page, """
      key("0"); await pause();
      out.whole = range();
      const x = 170 + (board.clientWidth - 170) / 4;
      wheel(x, -400); wheel(x, -400); await pause();
      out.zoomed = range(); out.fewer = Number(body.dataset.count);
      mouse("pointerdown", 600, 300); mouse("pointermove", 500, 300); mouse("pointerup", 500, 300); await pause();
      out.dragged = range();
      key("ArrowLeft"); await pause(); out.left = range();
      key("+"); await pause(); out.closer = range();
      document.getElementById("out").click(); document.getElementById("out").click(); await pause();
      out.wider = range();
      for (let n = 0; n < 60; n++) wheel(x, -600);
      await pause(); out.closest = range();
      document.getElementById("fit").click(); await pause(); out.again = range();
    """)
    start, end = out["whole"]
    size = {name: out[name][1] - out[name][0] for name in ("whole", "zoomed", "dragged", "closer", "wider", "closest")}
    assert size["zoomed"] < size["whole"] * 0.4
    quarter = start + size["whole"] / 4
    assert abs(out["zoomed"][0] + size["zoomed"] / 4 - quarter) < size["whole"] * 0.02
    assert abs(size["dragged"] - size["zoomed"]) < 3
    assert out["dragged"][0] > out["zoomed"][0]
    assert out["left"][0] < out["dragged"][0]
    assert size["closer"] < size["dragged"] < size["wider"]
    assert 15 <= size["closest"] <= 25
    assert out["again"] == [start, end]
    assert out["fewer"] < 300


def test_it_tells_of_what_the_mouse_is_over_and_picks_tasks(page: Path) -> None:
    out = driven(page, """
      const tip = document.getElementById("tip");
      out.texts = [];
      for (const y of [22 + 31, 22 + 17]) for (let x = 175; x < board.clientWidth; x += 3) {
        mouse("pointermove", x, y); out.texts.push(tip.textContent); }
      out.shown = tip.style.display;
      mouse("pointermove", 20, 22 + 36 * 2 + 5); out.task = tip.textContent;
      mouse("pointerdown", 20, 22 + 36 * 2 + 5); mouse("pointerup", 20, 22 + 36 * 2 + 5); await pause();
      out.picked = body.dataset.task; out.mine = rows();
      mouse("pointerdown", 20, 22 + 36 * 2 + 5); mouse("pointerup", 20, 22 + 36 * 2 + 5); await pause();
      out.none = body.dataset.task;
    """)
    assert out["shown"] == "block"
    assert any(" wait4(" in text and " ns>" in text for text in out["texts"])
    assert any("fault: " in text for text in out["texts"])
    assert out["task"].endswith("killed by SIGSEGV (core dumped)")
    assert out["picked"] == "2"
    assert {row[1].split()[0] for row in out["mine"]} == {"3"}
    assert out["none"] == ""


def test_it_finds(page: Path) -> None:
    out = driven(page, """
      const find = document.getElementById("find");
      for (const word of ["openat", "SIGSEGV", "no such thing anywhere"]) {
        find.value = word; find.dispatchEvent(new Event("input")); await pause(); out[word] = rows(); }
    """)
    assert len(out["openat"]) == 1
    assert [row[3].split(":")[0] for row in out["SIGSEGV"]] == ["signal", "exit"]
    assert out["no such thing anywhere"] == []


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    assert main(["trace", str(hostile(tmp_path / "t")), "--export", "html", str(path)]) == 0
    out = driven(path, """
      out.scripts = document.scripts.length; out.command = document.getElementById("command").textContent;
      out.rows = rows(); mouse("pointermove", 20, 40); out.tip = document.getElementById("tip").textContent;
    """)
    assert out["title"].startswith("</script><script>document.title")
    assert out["command"].startswith("</script><script>document.title")
    assert out["scripts"] == 4           # its two, and the two of this test
    assert any("<!--&amp;" in row[1] for row in out["rows"])


def test_the_flame_graph_is_clicked(trace: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    assert main(["trace", str(trace), "--flame", str(path)]) == 0
    script = """<script><![CDATA[
      var frames = Array.prototype.slice.call(document.querySelectorAll(".frame"));
      var chosen = frames.filter(function (frame) { return frame.dataset.name === "memset"; }).pop();
      var before = frames.filter(function (frame) { return frame.style.display !== "none"; }).length;
      chosen.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      var after = frames.filter(function (frame) { return frame.style.display !== "none"; }).length;
      document.getElementById("note").textContent = "before " + before + " after " + after + " width "
        + chosen.querySelector("rect").getAttribute("width");
    ]]></script></svg>"""
    path.write_text(path.read_text(encoding="utf-8").replace("</svg>", script), encoding="utf-8")
    found = re.search(r"before (\d+) after (\d+) width ([\d.]+)", browse(path))
    assert found is not None
    assert int(found[1]) > int(found[2]) > 2
    assert float(found[3]) == pytest.approx(1199.7)
