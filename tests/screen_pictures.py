"""Makes the pictures of the full-screen view that the documentation shows: `python -m rvsim.tests.screen_pictures`.

They are what a terminal shows, drawn as SVG; a terminal of another size or another session makes others.
"""

from __future__ import annotations

import os
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import pyte

from rvsim.tests.screen import Screen

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH, HEIGHT, MARGIN = 8, 17, 10
"""Pixels of a character, and around them all."""
PAPER, INK = "#1c1f26", "#d8dee9"
COLOURS = {"default": INK, "cyan": "#88c0d0", "green": "#a3be8c", "brown": "#ebcb8b", "magenta": "#b48ead",
           "red": "#bf616a", "brightblack": "#7b8494", "blue": "#81a1c1", "white": INK, "black": PAPER}

IDLE = "a key, or : and a command"


def svg(screen: pyte.Screen) -> str:
    """The screen as a picture."""
    width, height = screen.columns * WIDTH + 2 * MARGIN, screen.lines * HEIGHT + 2 * MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
             f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">',
             f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>']
    for row in range(screen.lines):
        cells = [(column, screen.buffer[row][column]) for column in range(screen.columns)]
        for looks, group in groupby(cells, lambda cell: (cell[1].fg, cell[1].bold, cell[1].reverse)):
            run = list(group)
            parts += _run(run[0][0], row, "".join(cell.data for _, cell in run), *looks)
    return "\n".join([*parts, "</svg>", ""])


def _run(column: int, row: int, text: str, colour: str, bold: bool, reverse: bool) -> list[str]:
    ink = COLOURS.get(colour, INK)
    x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT
    parts = []
    if reverse:
        parts.append(f'<rect x="{x}" y="{y}" width="{len(text) * WIDTH}" height="{HEIGHT}" fill="{ink}"/>')
        ink = PAPER
    stripped = text.strip()
    if stripped:
        x += (len(text) - len(text.lstrip())) * WIDTH
        weight = ' font-weight="bold"' if bold else ""
        parts.append(f'<text x="{x}" y="{y + 13}" fill="{ink}"{weight} textLength="{len(stripped) * WIDTH}" '
                     f'xml:space="preserve">{escape(stripped)}</text>')
    return parts


def session(rows: int, columns: int, *steps: tuple[str, str]) -> pyte.Screen:
    """The screen after keys, each with what is waited for."""
    one = Screen("--screen", "initproc", rows=rows, columns=columns)
    try:
        one.wait_for(IDLE)
        for keys, wanted in steps:
            one.type(keys)
            one.wait_for(wanted, gone="Ctrl-C stops it")
        return one.screen
    finally:
        one.close()


STEPS = (("c", "the guest waits for input: i types"), ("iforktest_simple\r", "simple passed"),
         (":back call fork\r", "fork()"), ("t", IDLE), ("t", IDLE), ("t", IDLE), ("t", IDLE))


def main() -> None:
    """Write both pictures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(XDG_STATE_HOME=folder, TERM="xterm-256color")
        os.environ.pop("NO_COLOR", None)
        pictures: dict[str, Any] = {"stepping-80x24.svg": session(24, 80, *STEPS),
                                    "stepping-120x40.svg": session(40, 120, *STEPS)}
    for name, screen in pictures.items():
        (DOCS / name).write_text(svg(screen))


if __name__ == "__main__":
    main()
