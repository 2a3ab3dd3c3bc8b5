"""`rvsim image`: makes images, and looks at them."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from rvsim.tools.errors import CliError, complain
from rvsim.tools.image.build_command import build
from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES, Cache
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import Image
from rvsim.tools.image.reading import open_image
from rvsim.tools.options.parsing import option_value
from rvsim.tools.progress import Progress
from rvsim.tools.quantities import parse_size, rounded_size

DIFFERENT = 1


def _opening(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads an image."""
    command = click.option("--image-limit", "limit_bytes", callback=option_value(parse_size), metavar="SIZE",
                           help="What an image may unpack to [default: 16G].")(command)
    return click.option("--platform", metavar="OS/ARCH", help="Which image, where there are several "
                        "[default: linux/riscv64, or the only one].")(command)


def _opened(path: str, platform: str | None, limit_bytes: int | None) -> Image:
    """An image for whatever platform, where none is asked for. Raises ImageError."""
    limit_bytes = limit_bytes or DEFAULT_LIMIT_BYTES
    if platform is not None:
        return open_image(Path(path), platform=platform, limit_bytes=limit_bytes)
    try:
        return open_image(Path(path), limit_bytes=limit_bytes)
    except ImageError:
        return open_image(Path(path), platform=None, limit_bytes=limit_bytes)


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except ImageError as error:
        raise CliError(f"image: {error}") from None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, sort_keys=True))


EPILOG = """\b
Examples:
  rvsim image build --program ./greet --entrypoint /bin/greet -o greet.tar
  rvsim run --image greet.tar
  rvsim image ls -l greet.tar /bin
"""


@click.group(invoke_without_command=True, epilog=EPILOG)
@click.pass_context
def image(ctx: click.Context) -> None:
    """Make images of containers, and look at them.

    IMAGE is an OCI image layout (a directory or a tar archive of it), what `docker save` writes, or a root file system
    in a tar archive, compressed or not. Where several are in one, IMAGE:NAME names one.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


image.add_command(build)


@image.command(epilog="""\b
Examples:
  rvsim image inspect app.tar
  rvsim image inspect --json app.tar | jq -r .digest
""")
@click.option("--json", "wants_json", is_flag=True, help="As JSON.")
@_opening
@click.argument("name", metavar="IMAGE")
def inspect(name: str, platform: str | None, limit_bytes: int | None, wants_json: bool) -> None:
    """Show what an image says of itself: its digest, what it runs, its layers. Nothing is unpacked."""
    from rvsim.tools.image.inspecting import as_json, lines

    with _one_line():
        opened = _opened(name, platform, limit_bytes)
        if wants_json:
            _print_json(as_json(opened))
        else:
            click.echo("\n".join(lines(opened)))


@image.command(epilog="""\b
Examples:
  rvsim image ls app.tar                  what is in its root
  rvsim image ls -l app.tar /bin
  rvsim image ls -R app.tar | grep -c so
""")
@click.option("-l", "wants_facts", is_flag=True, help="With mode, links, owner, size and time (UTC).")
@click.option("-R", "all_below", is_flag=True, help="All below, by whole paths.")
@click.option("--json", "wants_json", is_flag=True, help="As JSON.")
@_opening
@click.argument("name", metavar="IMAGE")
@click.argument("path", metavar="[PATH]", default="/")
def ls(name: str, path: str, platform: str | None, limit_bytes: int | None, wants_facts: bool, all_below: bool,
       wants_json: bool) -> None:
    """List what is at PATH in an image, as all its layers together have it. Links on the way are followed."""
    from rvsim.tools.image.listing import as_json, long_lines
    from rvsim.tools.image.merged import Merged, shown

    with _one_line():
        merged = Merged(_opened(name, platform, limit_bytes))
        start = b"/" + os.fsencode(path).strip(b"/")
        node = merged.find(start)
        if all_below:
            found = [(start, node), *merged.walk(node, start)]
        else:
            found = merged.listed(node, start)
        if wants_json:
            _print_json([as_json(posixpath.join(start, where), one) for where, one in found])
            return
        for line in long_lines(found) if wants_facts else [shown(where) for where, _ in found]:
            click.echo(line)


@image.command(epilog="""\b
Examples:
  rvsim image extract app.tar -C tree          all of it, into tree/
  rvsim image extract app.tar /etc/passwd      ./etc/passwd
  sudo rvsim image extract --same-owner app.tar -C /srv/root
""")
@click.option("-C", "into", type=click.Path(path_type=Path), default=Path(), metavar="DIR",
              help="Where to, with PATHs below; made if it is not there [default: here].")
@click.option("--same-owner", is_flag=True, help="Make owners, devices, and set-user-ID bits too; needs root.")
@_opening
@click.argument("name", metavar="IMAGE")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def extract(name: str, paths: tuple[str, ...], into: Path, same_owner: bool, platform: str | None,
            limit_bytes: int | None) -> None:
    """Write PATHs of an image, or all of it, into a directory, and never outside of it. Needs no root.

    Files that are there already are replaced; a link where a directory must be is an error.
    """
    from rvsim.tools.image.extracting import Extraction
    from rvsim.tools.image.merged import Merged

    with _one_line():
        merged = Merged(_opened(name, platform, limit_bytes))
        with Progress("extracting") as progress:
            work = Extraction(merged, into, privileged=same_owner, progress=progress)
            for one in paths or ("/",):
                work.extract(os.fsencode(one))
    advice = "" if same_owner else "; --same-owner makes them, as root"
    for what, count in sorted(work.counts.items()):
        complain(f"image: {what}: {count}{advice}")


@image.command(epilog="""\b
Exit status: 0 they are alike, 1 they differ, 125 an error.

\b
Examples:
  rvsim image diff app-1.tar app-2.tar
  rvsim image diff --json old new | jq -r '.[].name'
""")
@click.option("--json", "wants_json", is_flag=True, help="As JSON.")
@_opening
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str, platform: str | None, limit_bytes: int | None, wants_json: bool) -> int:
    """Show what differs between two images: settings, and files by type, mode, owner, size, content, link.

    Times, and how files are spread over layers, do not count.
    """
    from rvsim.tools.image.comparing import differences
    from rvsim.tools.image.merged import Merged

    with _one_line():
        one, other = (Merged(_opened(name, platform, limit_bytes)) for name in (old, new))
        found = []
        with Progress("comparing") as progress:
            for difference in differences(one, other, progress):
                found.append(difference)
    if wants_json:
        _print_json([difference.as_json() for difference in found])
    else:
        for difference in found:
            click.echo(difference.line())
    return DIFFERENT if found else 0


@image.command(epilog="""\b
Examples:
  rvsim image prune                 all of it
  rvsim image prune --keep 2G       what was used last stays
""")
@click.option("--keep", "keep_bytes", callback=option_value(parse_size), metavar="SIZE",
              help="How much may stay, what was used last first [default: nothing].")
def prune(keep_bytes: int | None) -> None:
    """Remove what was unpacked of images from the cache. It is unpacked again when it is needed."""
    with _one_line():
        cache = Cache()
        files, removed = cache.prune(keep_bytes or 0)
        left = cache.kept()
    click.echo(f"removed {files} files, {rounded_size(removed)}; {len(left)} files, "
               f"{rounded_size(sum(one.size for one in left))} stay in {cache.home}")
