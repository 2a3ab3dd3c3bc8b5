"""From the words of a command line to values: sizes, shares, moments, and an option that may stand bare."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TypeVar

import click

from rvsim.tools.quantities import parse_duration_ns, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvsim.tools.options.gdb_address import Address

T = TypeVar("T")

PAGE_SIZE = 4096
MIN_MEMORY = 4 << 20
MAX_MEMORY = 64 << 30
IDLE = -1
"""As a moment of guest time: when nothing runs."""
WORDS = "rvsim.words"
"""In a context's `meta`: the words of the command line, as they were given."""
_ABI = re.compile(r"linux|rcore(:[5-8])?")


def option_value(parse: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    """A click callback that parses an option's text; a ValueError of `parse` becomes the error line."""

    def convert(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> T | None:
        try:
            return None if text is None else parse(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def parse_memory(text: str) -> int:
    """Bytes of RAM, a whole number of pages."""
    size = parse_size(text)
    if size < MIN_MEMORY or size > MAX_MEMORY or size % PAGE_SIZE:
        raise ValueError(f"{text!r} is not between 4M and 64G in whole pages")
    return size


def parse_abi(text: str) -> str:
    """`linux`, `rcore` or `rcore:CHAPTER`."""
    if not _ABI.fullmatch(text):
        raise ValueError(f"{text!r} is not an ABI; write linux, rcore, or rcore:5 to rcore:8")
    return text


def parse_seeds(text: str) -> range:
    """`SEED` or `FIRST-LAST`."""
    from rvsim.tools.chaos import parse_seeds

    return parse_seeds(text)


def parse_moment(text: str) -> int:
    """Guest time in nanoseconds; `idle` is IDLE."""
    return IDLE if text == "idle" else parse_duration_ns(text)


def parse_gdb_address(text: str) -> Address:
    """`PORT` or `HOST:PORT`."""
    from rvsim.tools.options.gdb_address import parse_address

    return parse_address(text)


def parse_variables(_ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[bytes, bytes]:
    """`NAME=VALUE`s as a mapping; the last one of a name counts."""
    variables = {}
    for text in texts:
        name, equals, value = os.fsencode(text).partition(b"=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE")
        variables[name] = value
    return variables


def parse_shares(
    _ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> list[tuple[str, str, bool]]:
    """`HOST:GUEST[:ro]`s as (host path, guest path, read-only)."""
    shares = []
    for text in texts:
        rest, readonly = (text[:-3], True) if text.endswith(":ro") else (text.removesuffix(":rw"), False)
        host, _, guest = rest.rpartition(":")
        if not host or not guest.startswith("/"):
            raise click.BadParameter(f"{text!r} is not HOST:GUEST or HOST:GUEST:ro, with GUEST a path from the root")
        shares.append((host, guest, readonly))
    return shares


class RunCommand(click.Command):
    """A command whose option --strace may stand without its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a bare --strace an empty value, so that it does not take the next word. Only what is before PROGRAM."""
        ctx.meta[WORDS] = list(args)
        valued = {name for parameter in self.params if isinstance(parameter, click.Option) and not parameter.is_flag
                  for name in parameter.opts}
        at = 0
        while at < len(args) and args[at].startswith("-") and args[at] != "--":
            if args[at] == "--strace":
                args[at] = "--strace="
            elif args[at] in valued:
                at += 1
            at += 1
        return super().parse_args(ctx, args)
