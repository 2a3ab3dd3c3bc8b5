"""The pages made from the sources are up to date; `python -m rvsim.tools.reference` makes them so."""

from __future__ import annotations

import re

import click
import pytest

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.syscalls.linux_table import ROWS
from rvsim.tools import cli, reference, snapshot_fields, truss_tables
from rvsim.tools.strace.linux_calls import LINUX_CALLS

pytestmark = pytest.mark.skipif(not reference.DIFFERENCES.exists(), reason="no checkout: the pages are not installed")


def test_syscalls_page() -> None:
    assert reference.SYSCALLS.read_text(encoding="utf-8") == reference.syscalls_page()


def test_differences_page() -> None:
    page = reference.DIFFERENCES.read_text(encoding="utf-8")
    assert page == reference.differences_page(page)


def test_procfs_header() -> None:
    assert reference.PROCFS_HEADER.read_text(encoding="utf-8") == reference.procfs_header()


def test_snapshot_schema() -> None:
    assert reference.SNAPSHOT_SCHEMA.read_text(encoding="utf-8") == snapshot_fields.source()


def test_call_tables() -> None:
    assert (reference.CALL_TABLES / "tables.h").read_text(encoding="utf-8") == truss_tables.call_header()
    assert (reference.CALL_TABLES / "tables.c").read_text(encoding="utf-8") == truss_tables.call_tables()


def test_truss_can_show_what_it_has_rows_for() -> None:
    """Every kind is used by a call, and no call of strace's has one that is neither shown nor known to be left out."""
    kinds = {arg.kind for signature in LINUX_CALLS.values() if isinstance(signature.args, tuple)
             for arg in signature.args} | {arg.kind for args in truss_tables.CHOSEN.values() for arg in args}
    assert set(truss_tables.KINDS) <= kinds


def test_name_tables() -> None:
    assert reference.NAME_TABLES.read_text(encoding="utf-8") == reference.name_tables()


def test_each_difference_is_found() -> None:
    rooms = [reference.ROOT / "emu", reference.ROOT / "guest_os"]
    files = [file for room in rooms for kind in ("*.py", "*.pyx", "*.pxi") for file in room.rglob(kind)]
    assert len(reference.differences()) == sum(file.read_text(encoding="utf-8").count("Differs: ") for file in files)


def test_each_row_has_the_number_of_its_name() -> None:
    assert {number for number in ROWS if number not in NAMES} == set()


def commands(group: click.Group, words: str) -> dict[str, click.Command]:
    """Every command below `group` by the words that call it."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, f"{words} {name}")
        else:
            found[f"{words} {name}"] = command
    return found


@pytest.mark.parametrize(("words", "command"), commands(cli.rvsim, "rvsim").items())
def test_commands_page_has_every_option(words: str, command: click.Command) -> None:
    page = (reference.ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    sections = [section for section in page.split("\n## ") if re.match(f"`{words}[ `]", section)]
    assert len(sections) == 1
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            name = max(option.opts, key=len)
            assert re.search(rf"^\| `{name}\b", sections[0], re.MULTILINE), name
    listed = set(re.findall(r"^\| `(--?[A-Za-z-]+)", sections[0], re.MULTILINE)) - {"--help"}
    assert listed == {max(option.opts, key=len) for option in command.params if isinstance(option, click.Option)}
