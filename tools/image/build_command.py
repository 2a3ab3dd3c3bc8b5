"""`rvsim image build`: from the command line, or a recipe, to an image."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from rvsim.tools.errors import CliError, complain
from rvsim.tools.image import recipe
from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.recipe import LayerKeys, PutFile, Recipe
from rvsim.tools.options.parsing import option_value
from rvsim.tools.quantities import parse_size


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"{text!r} cannot be split into words: {str(error).lower()}") from None


def _pairs(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> dict[str, str]:
    """NAME=VALUEs; the last one of a name counts."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE")
        found[name] = value
    return found


def _files(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> dict[str, str]:
    """HOST:PATHs, as {path in the image: path of the host}."""
    found = {}
    for text in texts:
        host, _, inside = text.rpartition(":")
        if not host or not inside.startswith("/"):
            raise click.BadParameter(f"{text!r} is not HOST:PATH, with PATH one of the image from its root on")
        found[inside] = host
    return found


@click.command(epilog="""\b
The digest that is printed names the image: the same input has the same one on
every machine. Files belong to 0:0, have the modes 644 and 755, and the time 0,
or SOURCE_DATE_EPOCH; --keep takes what the host has.

\b
Examples:
  rvsim image build --program ./greet --entrypoint /bin/greet -o greet.tar
  rvsim image build rootfs -o app.tar         all that is in rootfs/
  rvsim image build --base debian.tar --file app.py:/srv/app.py
      --cmd '/usr/bin/python3 /srv/app.py' -o app.tar
  rvsim image build                           what rvsim.toml here says
""")
@click.option("-f", "recipe_path", metavar="FILE", help="A file that says what to build [default: rvsim.toml, where "
              "nothing else says what goes in].")
@click.option("-o", "output", metavar="OUT", help="Where to: an archive, if it ends in .tar, else a directory "
              "[default: image.tar].")
@click.option("--base", metavar="IMAGE", help="Put it on the layers of this image.")
@click.option("--program", "programs", multiple=True, metavar="FILE|NAME",
              help="Put a program into /bin: a RISC-V one of this host, or a built-in one.")
@click.option("--file", "files", multiple=True, callback=_files, metavar="HOST:PATH",
              help="Put a file or directory of this host at PATH.")
@click.option("--entrypoint", callback=option_value(_words), metavar="WORDS", help="The program it runs.")
@click.option("--cmd", callback=option_value(_words), metavar="WORDS",
              help="The arguments it gets where `run` gives none; without --entrypoint, the command.")
@click.option("--env", multiple=True, callback=_pairs, metavar="K=V", help="Set a variable.")
@click.option("--workdir", metavar="DIR", help="Where it begins.")
@click.option("--user", metavar="USER[:GROUP]", help="Whom it runs as.")
@click.option("--abi", type=click.Choice(recipe.ABIS), help="The system calls of its programs.")
@click.option("--label", "labels", multiple=True, callback=_pairs, metavar="K=V", help="Set a label.")
@click.option("--name", metavar="NAME", help="What it is called in the file [default: latest].")
@click.option("--compress", type=click.Choice(recipe.COMPRESSIONS),
              help="Compress the new layers; their bytes then depend on the compressor's version [default: none].")
@click.option("--owner", callback=option_value(recipe.parse_owner), metavar="UID:GID",
              help="Who owns what is new [default: 0:0].")
@click.option("--keep", multiple=True, type=click.Choice(recipe.KEEPABLE), help="Take these as the host has them.")
@click.option("--image-limit", "limit_bytes", callback=option_value(parse_size), metavar="SIZE",
              help="What --base may unpack to [default: 16G].")
@click.argument("dirs", nargs=-1, metavar="[DIR]...")
def build(recipe_path: str | None, output: str | None, programs: tuple[str, ...], files: dict[str, str],
          dirs: tuple[str, ...], limit_bytes: int | None, **settings: Any) -> None:
    """Make an image: from programs, from DIRs, each a layer, from files, or from another image and these.

    Prints its digest. Options say more than the file of -f, and what they put in lies above.
    """
    from rvsim.tools.image import building

    try:
        plan, folder = Recipe(), Path()
        if recipe_path is None and not (dirs or programs or files or settings["base"]):
            recipe_path = recipe.FILE_NAME
            if not Path(recipe_path).exists():
                raise CliError("image: nothing to build: give a DIR, --program, --file or --base, or write a "
                               f"{recipe_path}; see `rvsim image build --help`")
        if recipe_path is not None:
            plan, folder = recipe.read_recipe(Path(recipe_path)), Path(recipe_path).parent
        layers = [(layer, folder) for layer in plan.layer]
        layers += [(layer, Path()) for layer in _layers(dirs, programs, files)]
        out = Path(output) if output is not None else folder / plan.output if plan.output else Path("image.tar")
        if settings["base"] is not None:
            folder = Path()
        built = building.build(_changed(plan, settings), layers, out, folder=folder,
                               limit_bytes=limit_bytes or DEFAULT_LIMIT_BYTES)
    except ImageError as error:
        raise CliError(f"image: {error}") from None
    for note in built.notes:
        complain(f"image: {note}")
    click.echo(built.digest)


def _layers(dirs: tuple[str, ...], programs: tuple[str, ...], files: dict[str, str]) -> list[LayerKeys]:
    """A layer for each directory, and one for all programs and files."""
    found = [LayerKeys(dir=path) for path in dirs]
    if programs or files:
        found.append(LayerKeys(programs=programs, files={path: PutFile(host=host) for path, host in files.items()}))
    return found


def _changed(plan: Recipe, settings: dict[str, Any]) -> Recipe:
    """The recipe with what options say."""
    for name in ("env", "labels"):
        settings[name] = getattr(plan, name) | settings[name]
    settings["keep"] = settings["keep"] or plan.keep
    return replace(plan, **{name: value for name, value in settings.items() if value is not None})
