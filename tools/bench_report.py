"""The rows of `rvsim bench`: what is judged, the numbers, and the table that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rvsim.tools.measuring import Idle, Samples

RESIDENT_MARK_MIB = 80
CHILDREN_MARK = " *"
"""Ends the name of a row whose programs start others."""
BARE_MARK = " +"
"""Ends the name of a row whose peer is rvsim itself, without the option."""


@dataclass(frozen=True)
class Work:
    """One row: its name, its short name on the command line, how it is judged, and the two marks.

    `inside` compares the time that the program measures itself, `whole` the process from start to exit, both as a
    ratio against the peer; `start` is the whole process in milliseconds, with no peer; `part` is shown and counts in
    the row of all compute programs together; `scale` is shown beside the host's own time and has no mark.
    """

    name: str
    program: str
    judged: Literal["inside", "whole", "start", "part", "scale"]
    first_mark: float
    then_mark: float


@dataclass(frozen=True)
class Row:
    """A work, measured here, by the peer, and by the host itself without emulation, as far as these are there."""

    work: Work
    ours: Samples
    peer: Samples | None
    native: Samples | None = None

    @property
    def whole_ratio(self) -> float | None:
        return None if self.peer is None else self.ours.whole_s / self.peer.whole_s

    @property
    def inside_ratio(self) -> float | None:
        peer_s = None if self.peer is None else self.peer.inside_s
        return self.ours.inside_s / peer_s if self.ours.inside_s is not None and peer_s else None

    @property
    def judged(self) -> float | None:
        """The number that the marks are for; None if there is no peer to compare with."""
        match self.work.judged:
            case "inside":
                return self.inside_ratio
            case "whole":
                return self.whole_ratio
            case "start":
                return self.ours.whole_s * 1000
            case "part" | "scale":
                return None

    @property
    def held(self) -> bool | None:
        return None if self.judged is None else self.judged <= self.work.first_mark

    def as_json(self) -> dict[str, Any]:
        peer = self.peer
        return {
            "name": self.work.name,
            "program": self.work.program,
            "judged": self.work.judged,
            "value": self.judged,
            "first_mark": self.work.first_mark,
            "then_mark": self.work.then_mark,
            "held": self.held,
            "whole_ratio": self.whole_ratio,
            "inside_ratio": self.inside_ratio,
            "rvsim": {"whole_ns": self.ours.whole_ns, "inside_ns": self.ours.inside_ns},
            "peer": peer and {"whole_ns": peer.whole_ns, "inside_ns": peer.inside_ns},
            "native": self.native and {"whole_ns": self.native.whole_ns, "inside_ns": self.native.inside_ns},
        }


def milliseconds(seconds: float | None, digits: int = 1) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.{digits}f}"


def ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


HEAD = ("work", "rvsim ms", "qemu ms", "host ms", "whole", "inside", "mark", "then", "")
RIGHT = range(1, 8)


def table_row(row: Row) -> tuple[str, ...]:
    """The cells of a row; the times are those that are judged."""
    scale = row.work.judged == "scale"
    digits = 2 if scale else 1
    inside = scale or row.work.judged == "inside"
    peer_s = None if row.peer is None else row.peer.inside_s if inside else row.peer.whole_s
    unit = " ms" if row.work.judged == "start" else " x"
    verdict = {True: "held", False: "MISSED", None: "" if row.work.judged in ("part", "scale") else "no peer"}[row.held]
    return (
        row.work.name,
        milliseconds(row.ours.inside_s if inside else row.ours.whole_s, digits),
        milliseconds(peer_s),
        milliseconds(None if row.native is None else row.native.inside_s if scale else row.native.whole_s, digits),
        ratio(row.whole_ratio),
        ratio(row.inside_ratio),
        "-" if scale else f"{row.work.first_mark:g}{unit}",
        "-" if scale else f"{row.work.then_mark:g}{unit}",
        verdict,
    )


def format_table(rows: list[Row], idle: Idle | None) -> str:
    """The whole report, for a person."""
    cells = [HEAD, *map(table_row, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.rjust(width) if column in RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    if any(row.work.name.endswith(CHILDREN_MARK) for row in rows):
        lines.append(f"{CHILDREN_MARK.strip()} starts programs; qemu-user cannot, so its script names qemu for each")
    if any(row.work.name.endswith(BARE_MARK) for row in rows):
        lines.append(f"{BARE_MARK.strip()} beside rvsim without the option, in the column of qemu")
    if idle is not None:
        mib = idle.resident_kib / 1024
        verdict = "held" if mib <= RESIDENT_MARK_MIB else "MISSED"
        lines.append(
            f"idle machine: {mib:.0f} MiB resident, {idle.peak_kib / 1024:.0f} MiB at its peak "
            f"(mark {RESIDENT_MARK_MIB} MiB: {verdict}), {idle.cpu_share:.0%} of a processor"
        )
    return "\n".join(lines)
