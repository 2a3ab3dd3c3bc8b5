"""The house rules that a parser can hold: who may import whom, and what no module may contain."""

from __future__ import annotations

import ast
import graphlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("emu", "guest_os", "tools", "user_apps")
MODULES = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))
IDS = [str(path) for path in MODULES]

# Outermost first. A module imports from its own rank or from a later one.
TOP_RANKS = {"tools": 0, "user_apps": 0, "guest_os": 1, "emu": 2}
KERNEL_RANKS = {
    "boot": 0,
    "boot_error": 0,
    "faults": 0,
    "first_program": 0,
    "first_user": 0,
    "outside": 0,
    "recording": 0,
    "roots": 0,
    "snapshot": 0,
    "stats": 0,
    "world": 0,
    "syscalls": 1,
    "fs": 2,
    "proc": 2,
    "ipc": 2,
    "task": 3,
    "mm": 4,
    "vfs": 4,
    "abi": 5,
    "wait": 5,
}
# What in guest_os may reach the machine.
# `table` fills the gate's own table, from which hot calls are served.
MAY_IMPORT_EMU = ("guest_os.boot", "guest_os.outside", "guest_os.mm", "guest_os.snapshot", "guest_os.task.scheduler",
                  "guest_os.task.control", "guest_os.task.sampling", "guest_os.syscalls.table")
# `exit_check` looks for a switch inside the engine.
MAY_IMPORT_UNICORN = ("emu.hart", "emu.exit_check")
MAX_LINES = 500
# Tables, which may be longer.
LONG_TABLES = ("guest_os/abi/errno.py", "guest_os/snapshot/schema.py")
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


class Import(NamedTuple):
    """One imported name: a dotted path below the package (`emu.hart`), or a foreign module's top name."""

    target: str
    ours: bool
    type_only: bool
    line: int


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def dotted(path: Path) -> str:
    """`emu/hart.py` is `emu.hart`, `emu/__init__.py` is `emu`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_of(name: str) -> str:
    """The module that the dotted `name` is, or is an attribute of."""
    known = {dotted(path) for path in MODULES}
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def imports(path: Path) -> list[Import]:
    """Every import of the module, those inside functions too."""
    found: list[Import] = []
    package = dotted(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]

    def note(name: str, line: int, type_only: bool) -> None:
        top, _, rest = name.partition(".")
        if top == "rvsim":
            found.append(Import(module_of(rest), True, type_only, line))
        else:
            found.append(Import(top, False, type_only, line))

    def visit(node: ast.AST, type_only: bool) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    note(alias.name, node.lineno, type_only)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = module or ""
                if level:
                    above = package[: len(package) - (level - 1)]
                    base = ".".join(["rvsim", *above, *([module] if module else [])])
                for alias in names:
                    note(f"{base}.{alias.name}", node.lineno, type_only)
            case ast.If(test=test, body=body, orelse=orelse) if is_type_checking(test):
                for statement in body:
                    visit(statement, True)
                for statement in orelse:
                    visit(statement, type_only)
            case _:
                for child in ast.iter_child_nodes(node):
                    visit(child, type_only)

    visit(tree_of(path), False)
    return found


def room(module: str) -> str:
    """`guest_os.fs.pipe` is in `guest_os.fs`, `emu.hart` in `emu`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "guest_os" else parts[0]


def package_of_tools(module: str) -> str:
    """`tools.step.screen.app` is in `tools.step`; "" for what is not in `tools`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "tools" else ""


def rank(module: str) -> tuple[int, int]:
    parts = module.split(".")
    if parts[0] != "guest_os":
        return TOP_RANKS[parts[0]], 0
    if len(parts) == 1:
        return TOP_RANKS["guest_os"], max(KERNEL_RANKS.values())
    return TOP_RANKS["guest_os"], KERNEL_RANKS[parts[1]]


def inside(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_every_kernel_module_has_a_rank() -> None:
    unknown = {dotted(path).split(".")[1] for path in MODULES if len(path.parts) > 2 or path.stem != "__init__"
               if path.parts[0] == "guest_os"} - set(KERNEL_RANKS)
    assert not unknown, "give these a place in KERNEL_RANKS"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_imports_point_inwards(path: Path) -> None:
    here = dotted(path)
    for found in imports(path):
        if not found.ours or found.target == "" or (found.type_only and room(found.target) == room(here)):
            continue
        where = f"{path}:{found.line} imports {found.target}"
        assert rank(found.target) >= rank(here), f"{where}, which is further out"
        if here.startswith("guest_os") and found.target.startswith("emu") and not found.type_only:
            assert inside(here, MAY_IMPORT_EMU), f"{where}; only {', '.join(MAY_IMPORT_EMU)} reach the machine"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_only_the_hart_knows_unicorn(path: Path) -> None:
    users = [found.line for found in imports(path) if not found.ours and found.target == "unicorn"]
    assert not users or dotted(path) in MAY_IMPORT_UNICORN, f"{path}:{users[0]} imports unicorn"


def test_modules_do_not_import_in_circles() -> None:
    graph = {
        dotted(path): {
            found.target
            for found in imports(path)
            if found.ours and not found.type_only and found.target not in ("", dotted(path))
        }
        for path in MODULES
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def test_rooms_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        here = room(dotted(path))
        targets = {room(found.target) for found in imports(path) if found.ours and found.target}
        graph.setdefault(here, set()).update(targets - {here})
    list(graphlib.TopologicalSorter(graph).static_order())


def test_packages_of_tools_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        here = package_of_tools(dotted(path))
        targets = {package_of_tools(found.target) for found in imports(path) if found.ours and not found.type_only}
        if here:
            graph.setdefault(here, set()).update(targets - {here, ""})
    list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_contents(path: Path) -> None:
    strict = path.parts[0] in ("emu", "guest_os")
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                pytest.fail(f"{path}:{node.lineno} has a star import")
            case ast.ExceptHandler(body=[*_, ast.Raise(exc=None)]):
                pass  # cleans up and passes it on
            case ast.ExceptHandler(type=None) | ast.ExceptHandler(type=ast.Name(id="Exception" | "BaseException")):
                assert not strict, f"{path}:{node.lineno} catches everything"
            case ast.Call(func=ast.Name(id="print")):
                assert not strict, f"{path}:{node.lineno} prints"
            case ast.Name(id="NotImplementedError"):
                pytest.fail(f"{path}:{node.lineno} is not finished")


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_size_and_name(path: Path) -> None:
    assert path.stem not in EMPTY_NAMES, f"{path}: name it after what it holds"
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    assert lines <= MAX_LINES or path.as_posix() in LONG_TABLES, f"{path} has {lines} lines: look for the seam"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), f"{path} has no docstring"
