"""The row of `rvsim bench` about images: a Debian system of 100 MB, from its image to the end of its first program.

The image is made from the root that `rvsim corpus` makes, with noise added up to its size, and run once, so that it is
in a cache of its own; then whole runs of `busybox true` count.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from rvsim.tools import corpus
from rvsim.tools.bench_debian import PACKAGES, SEED
from rvsim.tools.bench_report import Row, Work
from rvsim.tools.errors import CliError
from rvsim.tools.measuring import interleaved

START = Work("image: 100 MB of Debian, start to exit", "image-start", "start", 1000, 500)
WORKS = (START,)
SIZE_BYTES = 100 << 20
PROGRAM = ("/bin/busybox", "true")


def make_image(root: Path, folder: Path) -> Path:
    """An image of at least SIZE_BYTES in `folder`. Raises ImageError, OSError."""
    from rvsim.tools.image.building import build
    from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES
    from rvsim.tools.image.recipe import LayerKeys, PutFile, Recipe

    there = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    source = random.Random(SEED)
    noise = folder / "noise"
    with noise.open("wb") as file:
        for _ in range(max(SIZE_BYTES - there, 0) + (1 << 20) - 1 >> 20):
            file.write(source.randbytes(1 << 20))
    layers = (LayerKeys(dir=str(root)), LayerKeys(files={"/srv/noise": PutFile(host=str(noise))}))
    image = folder / "debian.tar"
    build(Recipe(cmd=PROGRAM), [(layer, folder) for layer in layers], image, folder=folder,
          limit_bytes=DEFAULT_LIMIT_BYTES)
    return image


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    """While this lasts, what is started keeps its cache there."""
    saved = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    try:
        yield
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if saved is not None:
            os.environ["XDG_CACHE_HOME"] = saved


def rows(rvsim: Sequence[str], rounds: int, names: Sequence[str]) -> list[Row]:
    """Measure the row if it is among `names` (none: all); none, with one line of why, where Debian cannot be had.

    Raises:
        MeasuringError: a command fails.
        CliError: there is no room for the image.
    """
    if names and START.program not in names:
        return []
    from rvsim.tools.image.errors import ImageError

    try:
        root = corpus.fetch(PACKAGES)
    except corpus.CorpusError as error:
        click.echo(f"rvsim: no row of a Debian image: {error}", err=True)
        return []
    click.echo(f"rvsim: measuring {START.name}", err=True)
    try:
        with tempfile.TemporaryDirectory(prefix="rvsim-bench-") as name:
            folder = Path(name)
            image = make_image(root, folder)
            with _cache_in(folder / "cache"):
                command = [*rvsim, "run", "--image", str(image)]
                return [Row(START, interleaved({"rvsim": command}, rounds)["rvsim"], None)]
    except (OSError, ImageError) as error:
        raise CliError(f"no image to measure with: {error}") from None
