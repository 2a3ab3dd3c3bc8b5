"""The rows of `rvsim bench` that run Debian's own programs, from a root made by `rvsim corpus`.

Each row is a command line of busybox or bash over files that are made here, the same every time. The guest finds them
under the host's own names (`-v DIR:DIR:ro`) and writes to its /tmp; the peer runs the same binary over the same files.
qemu in user mode starts no children of another architecture, so a script gets the words that start one as its
arguments, and for the peer these name qemu: what binfmt_misc would do.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rvsim.tools import corpus
from rvsim.tools.bench_report import CHILDREN_MARK, Row, Work
from rvsim.tools.errors import CliError
from rvsim.tools.measuring import Samples, interleaved

PACKAGES = ("base-files", "base-passwd", "busybox-static", "bash", "coreutils")
SEED = 7
LINES, BLOB_MIB, ARCHIVED, FOUND = 500_000, 64, 2_000, 5_000

_LOOP = ('i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done; '
         'i=0; while [ $i -lt 300 ]; do "$@" true; i=$((i + 1)); done')
_PIPE = '"$@" dd if=/dev/zero bs=64k count=4096 2>/dev/null | "$@" cat >/dev/null'
_BASH_LOOP = 'for ((i = 0; i < 200; i++)); do "$@"; done'


@dataclass(frozen=True)
class DebianWork(Work):
    """A row whose command is `words`, of which {data} is the folder of inputs and {out} a file to write.

    `inside`, for these rows, is the whole process less the time that one takes to start, do nothing and end.
    `shell`: the words are a script's, and the words that start the same program again follow. `dynamic`: a dynamic
    bash instead of the static busybox, and its children are /bin/true.
    """

    words: tuple[str, ...] = ()
    shell: bool = False
    dynamic: bool = False


WORKS = (
    DebianWork("sh: 1000 builtins, 300 commands" + CHILDREN_MARK, "sh", "whole", 1, 0.3, ("sh", "-c", _LOOP, "sh"),
               shell=True),
    DebianWork("bash: 200 x /bin/true" + CHILDREN_MARK, "bash", "whole", 1, 0.3, ("bash", "-c", _BASH_LOOP, "bash"),
               shell=True, dynamic=True),
    DebianWork("tar of 2000 files", "tar", "inside", 3, 1, ("tar", "cf", "{out}", "-C", "{data}", "files")),
    DebianWork("find over 5000 files", "find", "inside", 3, 1, ("find", "{data}/tree", "-type", "f", "-name", "*7*")),
    DebianWork("pipe of 256 MiB" + CHILDREN_MARK, "pipe", "inside", 3, 1, ("sh", "-c", _PIPE, "sh"), shell=True),
    DebianWork("sort of 500000 lines", "sort", "whole", 2.2, 1, ("sort", "-o", "{out}", "{data}/lines")),
    DebianWork("sha256sum of 64 MiB", "sha256sum", "whole", 2.2, 1, ("sha256sum", "{data}/blob")),
)
_START = DebianWork("nothing", "true", "part", 1, 1, ("true",))


def make_inputs(folder: Path) -> None:
    """The files that the rows work on: 2,000 of 0 to 16 KiB, 5,000 empty ones, 500,000 lines, 64 MiB of noise."""
    source = random.Random(SEED)
    for number in range(ARCHIVED):
        place = folder / "files" / f"{number % 40:02}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"file{number}").write_bytes(source.randbytes(source.randrange(16384)))
    for number in range(FOUND):
        place = folder / "tree" / f"{number % 10}" / f"{number // 10 % 25:02}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"name{number}").touch()
    with (folder / "lines").open("w", encoding="ascii") as lines:
        lines.writelines(f"{source.getrandbits(64):016x} {number}\n" for number in range(LINES))
    with (folder / "blob").open("wb") as blob:
        for _ in range(BLOB_MIB):
            blob.write(source.randbytes(1 << 20))


@dataclass(frozen=True)
class Side:
    """One who runs the rows: the words that start a program of it, where its busybox, bash and `true` are, and where
    it may write a file."""

    start: tuple[str, ...]
    again: tuple[str, ...]
    busybox: str
    bash: str
    true: str
    out: str

    def command(self, work: DebianWork, data: Path) -> list[str]:
        """The command line of a row."""
        words = [word.format(data=data, out=self.out) if "{" in word and not work.shell else word
                 for word in work.words]
        if work.dynamic:
            return [*self.start, self.bash, *words[1:], *self.again, self.true]
        again = [*self.again, self.busybox] if work.shell else []
        return [*self.start, self.busybox, *words, *again]


def sides(rvsim: Sequence[str], peer: str | None, root: Path, data: Path) -> dict[str, Side]:
    """Those who are there: rvsim, the peer, and the host's own programs."""
    out = str(data / "out")
    share = ("--root", str(root), "-v", f"{data}:{data}:ro")
    found = {"rvsim": Side((*rvsim, "run", "--clock", "host", *share), (), "/bin/busybox", "/bin/bash", "/bin/true",
                           "/tmp/out")}
    if peer is not None:
        words = (peer, "-L", str(root))
        found["peer"] = Side(words, words, f"{root}/usr/bin/busybox", f"{root}/usr/bin/bash", f"{root}/usr/bin/true",
                             out)
    own = [shutil.which(name) for name in ("busybox", "bash", "true")]
    if None not in own:
        busybox, bash, true = map(str, own)
        found["native"] = Side((), (), busybox, bash, true, out)
    return found


def without(start: Samples, runs: Samples) -> list[int]:
    """The times of whole processes less the median of those that did nothing, in nanoseconds; at least one."""
    return [max(whole - round(start.whole_s * 1e9), 1) for whole in runs.whole_ns]


def rows(rvsim: Sequence[str], peer: str | None, rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the rows called `names` (none: all); none, with one line of why, where Debian's programs cannot be had.

    Raises:
        MeasuringError: a command fails.
        CliError: there is no room for the inputs.
    """
    wanted = [work for work in WORKS if not names or work.program in names]
    if not wanted:
        return []
    try:
        root = corpus.fetch(PACKAGES)
    except corpus.CorpusError as error:
        click.echo(f"rvsim: no rows of Debian's programs: {error}", err=True)
        return []
    measured = []
    try:
        with tempfile.TemporaryDirectory(prefix="rvsim-bench-") as folder:
            data = Path(folder)
            make_inputs(data)
            there = sides(rvsim, peer, root, data)
            starts = {f"{name} start": side.command(_START, data) for name, side in there.items()}
            for work in wanted:
                click.echo(f"rvsim: measuring {work.name}", err=True)
                own = {name: side.command(work, data) for name, side in there.items()}
                samples = interleaved(own | starts, rounds)    # both in one spell of the machine: one is taken off
                for name in there:
                    samples[name].inside_ns = without(samples[f"{name} start"], samples[name])
                measured.append(Row(work, samples["rvsim"], samples.get("peer"), samples.get("native")))
    except OSError as error:
        raise CliError(f"no inputs to measure with: {error.filename}: {error.strerror}") from None
    return measured
