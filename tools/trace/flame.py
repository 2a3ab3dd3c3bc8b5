"""Flame graphs: folded stacks, as Brendan Gregg's FlameGraph and speedscope take them, and an SVG of our own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, TextIO
from zlib import crc32

from rvsim.tools.plain import visible
from rvsim.tools.trace.choice import LIGHT
from rvsim.tools.trace.format import Kind, TraceError
from rvsim.tools.trace.lives import Lives
from rvsim.tools.trace.stacks import CUT, EXITED

if TYPE_CHECKING:
    from rvsim.tools.trace.choice import Choice
    from rvsim.tools.trace.reader import Module, TraceFile

MOST_STACKS = 1 << 20
WIDTH, ROW, LETTER = 1200, 16, 6.4
"""Of the SVG, in its units: the whole, the height of a frame, a letter of its label."""
NARROWEST = 0.1
"""Frames narrower than this are left out of the SVG, and counted."""

Folded = dict[tuple[str, ...], int]
"""Ticks by stack: the program, then functions from the outermost inwards."""


def frame_name(modules: list[Module], module: int, address: int) -> str:
    """A function, or the file and address where it has no name."""
    if module == CUT:
        return "(callers not found)"
    if module == EXITED:
        return "(since the last sample)"
    if not 0 <= module < len(modules):
        return f"{address:#x}"
    found = modules[module].find(address)
    name = found[0] if found is not None else f"{modules[module].path.rpartition('/')[2]}+{address:#x}"
    return visible(name).replace(";", ":")


def fold(trace: TraceFile, choice: Choice) -> Folded:
    """Ticks by stack of the processes and the time that were chosen.

    Raises:
        TraceError: the trace has no stacks, or is damaged.
    """
    if not trace.header.get("stacks"):
        raise TraceError(
            f"{trace.name}: it has no stacks; record it with `rvsim run --trace FILE --trace-stacks 10000 …`")
    lives = Lives(trace)
    numbers: dict[tuple[str, int], int] = {}
    pids = frozenset(choice.pids)
    for record in trace.records():
        if record.kind == Kind.STACK:
            if choice.start_ns <= record.ns < choice.end_ns and (not pids or {record.pid, record.tid} & pids):
                key = lives.of(record.pid).name, record.number
                if key not in numbers and len(numbers) >= MOST_STACKS:
                    raise TraceError(f"{trace.name}: more than {MOST_STACKS} stacks; choose some by --from and --to")
                numbers[key] = numbers.get(key, 0) + max(record.result, 0)
        elif record.kind not in LIGHT:
            lives.feed(record)
    folded: Folded = {}
    for (program, number), ticks in numbers.items():
        stack = trace.stacks[number] if number < len(trace.stacks) else []
        names = tuple(frame_name(trace.modules, module, address) for module, address in reversed(stack))
        key_names = (visible(program).replace(";", ":"), *names)
        folded[key_names] = folded.get(key_names, 0) + ticks
    return folded


def write_folded(folded: Folded, out: TextIO) -> None:
    """`program;main;work 120000`, a stack a line."""
    for names, ticks in sorted(folded.items()):
        if ticks:
            out.write(f"{';'.join(names)} {ticks}\n")


class _Node:
    """A function called through the same functions: its ticks with those of what it calls."""

    __slots__ = ("children", "name", "ticks")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ticks = 0
        self.children: dict[str, _Node] = {}


def _tree(folded: Folded) -> tuple[_Node, int]:
    """(the root, how deep it goes)"""
    root, depth = _Node("all"), 0
    for names, ticks in sorted(folded.items()):
        node = root
        node.ticks += ticks
        for name in names:
            node = node.children.setdefault(name, _Node(name))
            node.ticks += ticks
        depth = max(depth, len(names))
    return root, depth


def write_svg(folded: Folded, title: str, out: TextIO) -> None:
    """One SVG file with nothing from elsewhere. A click on a frame makes it as wide as the picture."""
    root, depth = _tree(folded)
    height = (depth + 4) * ROW + 8
    shown_frames: list[str] = []
    left_out = 0
    todo = [(root, 0.0, 0)]
    scale = WIDTH / root.ticks if root.ticks else 0.0
    while todo:
        node, x, level = todo.pop()
        width = node.ticks * scale
        if width < NARROWEST:
            left_out += 1
            continue
        shown_frames.append(_frame(node, x, height - (level + 2) * ROW, width, root.ticks))
        at = x
        for child in node.children.values():
            todo.append((child, at, level + 1))
            at += child.ticks * scale
    note = f"{root.ticks} ticks" + (f"; {left_out} frames are too narrow to be drawn" if left_out else "")
    out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
              f'height="{height}" font-family="monospace" font-size="11">\n'
              f"<title>{escape(title)}</title>\n{_STYLE}"
              f'<rect width="100%" height="100%" fill="#fdf8ef"/>\n'
              f'<text x="8" y="18" font-size="14">{escape(title)}</text>\n'
              f'<text x="8" y="{height - 4}" id="note">{escape(note)}</text>\n<g id="frames">\n')
    out.writelines(shown_frames)
    out.write(f"</g>\n{_SCRIPT}</svg>\n")


def _frame(node: _Node, x: float, y: int, width: float, total: int) -> str:
    """One box with its name, as far as that fits."""
    letters = int((width - 4) / LETTER)
    label = node.name if len(node.name) <= letters else node.name[:letters - 1] + "…" if letters > 3 else ""
    heat = crc32(node.name.encode(errors="replace"))
    color = f"rgb({205 + heat % 50},{90 + (heat >> 8) % 120},{(heat >> 16) % 60})"
    share = 100 * node.ticks / total if total else 0.0
    return (f'<g class="frame" data-x="{x:.2f}" data-w="{width:.2f}" data-y="{y}" data-name="{escape(node.name)}">'
            f"<title>{escape(node.name)}: {node.ticks} ticks, {share:.2f}%</title>"
            f'<rect x="{x:.2f}" y="{y}" width="{max(width - 0.3, 0.1):.2f}" height="{ROW - 1}" fill="{color}"/>'
            f'<text x="{x + 3:.2f}" y="{y + 12}">{escape(label)}</text></g>\n')


_STYLE = """<style>
.frame:hover rect { stroke: #000; } .frame { cursor: pointer; } text { pointer-events: none; }
</style>
"""
_SCRIPT = """<script><![CDATA[
(function () {
  var frames = Array.prototype.slice.call(document.querySelectorAll(".frame")), whole = 1200;
  function show(chosen) {
    var x0 = +chosen.dataset.x, w0 = +chosen.dataset.w, y0 = +chosen.dataset.y, factor = whole / w0;
    frames.forEach(function (frame) {
      var x = +frame.dataset.x, w = +frame.dataset.w, below = +frame.dataset.y > y0;
      var inside = x + w > x0 + 0.01 && x < x0 + w0 - 0.01;
      frame.style.display = inside ? "" : "none";
      if (!inside) return;
      var left = below ? 0 : (x - x0) * factor, width = below ? whole : w * factor;
      var rect = frame.querySelector("rect"), text = frame.querySelector("text");
      rect.setAttribute("x", left); rect.setAttribute("width", Math.max(width - 0.3, 0.1));
      var letters = Math.floor((width - 4) / 6.4), name = frame.dataset.name;
      text.setAttribute("x", left + 3);
      text.textContent = name.length <= letters ? name : letters > 3 ? name.slice(0, letters - 1) + "\\u2026" : "";
    });
  }
  frames.forEach(function (frame) { frame.addEventListener("click", function () { show(frame); }); });
}());
]]></script>
"""
