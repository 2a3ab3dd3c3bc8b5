"""Finds in the sources which classes of the kernel hold state, their fields, and of what types these are.

That is the schema of the snapshot format: `python -m rvsim.tools.reference` writes it to `guest_os/snapshot/schema.py`.
A field's type is what its annotation says, or the constants that are assigned to it; where neither tells, it may be
anything.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KERNEL = ROOT / "guest_os"

NO_STATE = (
    "abi.", "boot_error", "first_program", "roots", "snapshot.", "fs.host_chunks", "fs.host_fds", "fs.host_calls",
    "fs.hostfs:KnownNodes", "fs.host_os", "outside", "recording.",
    "faults.injector:InjectedCall", "faults.fault:BadFault", "faults.spec", "faults.transfers",
    "fs.archive_source:HostSource", "fs.archive_source:Decoding", "fs.cpio", "fs.tar", "fs.archive_tree",
    "fs.layer_tree", "fs.layered_source", "fs.tree_file", "first_user", "mm.elf", "mm.vdso_image", "mm.vdso_code",
    "proc.solproc.host", "proc.solproc.views", "task.observer", "task.control", "task.sampling",
)
"""Where no class is part of a machine's state as an instance with fields; the beginnings of their names."""

NOT_PLAIN = {"Exception", "BaseException", "Enum", "IntEnum", "IntFlag", "Flag", "Protocol", "ABC", "type"}
ATOMS = {"None": "n", "bool": "b", "int": "i", "float": "f", "str": "s", "bytes": "y"}
CONTAINERS = {
    "bytearray": "Y", "list": "L", "dict": "D", "set": "S", "tuple": "T", "frozenset": "T", "deque": "Q", "array": "A",
    "Mapping": "D", "KnownNodes": "D", "Callable": "C", "type": "C", "Context": "X", "PageTable": "P",
    "Frames": "O", "CallTable": "O", "Hart": "O", "Console": "O",
    "Outside": "O", "HostOs": "O",
}
CLOCKS = dict.fromkeys(
    ("emu.clock:VirtualClock", "emu.clock:PacedClock", "emu.clock:HostClock"), "hart=O realtime_base_ns=b|i")
"""The classes of the machine's whose instances are kept like the kernel's own."""
ANYTHING = "?"


class Module:
    """What one source file defines and imports."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(KERNEL).with_suffix("").parts).removesuffix(".__init__")
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.classes: dict[str, ast.ClassDef] = {}
        self.imports: dict[str, str] = {}
        self.aliases: dict[str, ast.expr] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = f"{node.module}:{alias.name}"
        for statement in self.tree.body:
            if isinstance(statement, ast.ClassDef):
                self.classes[statement.name] = statement
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.aliases[statement.targets[0].id] = statement.value


@cache
def modules() -> dict[str, Module]:
    """Every module of the kernel, by its name without the package."""
    found = [Module(path) for path in sorted(KERNEL.rglob("*.py"))]
    return {module.name: module for module in found}


def home(module: Module, name: str) -> tuple[Module, str] | None:
    """The module of the kernel that a class is defined in, and its name there."""
    if name in module.classes or name in module.aliases:
        return module, name
    target = module.imports.get(name, "")
    source, _, original = target.partition(":")
    other = modules().get(source.removeprefix("rvsim.guest_os."))
    return home(other, original) if other is not None and other is not module else None


def bases(module: Module, node: ast.ClassDef) -> list[str]:
    """The names of a class's bases, without their parameters."""
    found = []
    for base in node.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(plain, (ast.Name, ast.Attribute)):
            found.append(plain.id if isinstance(plain, ast.Name) else plain.attr)
    return found


def family(module: Module, node: ast.ClassDef) -> Iterator[str]:
    """The names of all classes that a class is made of."""
    for name in bases(module, node):
        yield name
        place = home(module, name)
        if place is not None and place[1] in place[0].classes:
            yield from family(place[0], place[0].classes[place[1]])


def holds_state(module: Module, node: ast.ClassDef) -> bool:
    """Whether instances of a class are made from a snapshot."""
    label = f"{module.name}:{node.name}"
    names = set(family(module, node))
    return not label.startswith(NO_STATE) and not names & (NOT_PLAIN - {"ABC"}) and "Protocol" not in names


class Types:
    """Reads annotations of one module."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def of(self, node: ast.expr | None) -> set[str]:
        """The codes of what an annotation allows."""
        match node:
            case None:
                return {ANYTHING}
            case ast.Constant(value=None):
                return {"n"}
            case ast.Constant(value=str(text)):
                return self.of(ast.parse(text, mode="eval").body)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.of(left) | self.of(right)
            case ast.Subscript(value=value):
                return self.of(value)
            case ast.Attribute(attr=name) | ast.Name(id=name):
                return self.named(name)
        return {ANYTHING}

    def named(self, name: str) -> set[str]:
        """The codes of a name."""
        if name in ATOMS:
            return {"i", "b"} if name == "int" else {ATOMS[name]}
        if name in CONTAINERS:
            return {CONTAINERS[name]}
        place = home(self.module, name)
        if place is None:
            return {ANYTHING}
        module, original = place
        if original in module.aliases:
            alias = module.aliases[original]
            shown = alias.value if isinstance(alias, ast.Subscript) else alias
            return Types(module).of(alias) if isinstance(shown, (ast.Name, ast.BinOp)) else {ANYTHING}
        node = module.classes[original]
        names = set(family(module, node))
        if names & {"Enum", "IntEnum", "IntFlag", "Flag"}:
            return {"E"}
        if "NamedTuple" in names:
            return {"T"}
        if "Protocol" in names or not holds_state(module, node):
            return {ANYTHING}
        return {f"{module.name}:{original}"}

    def of_value(self, node: ast.expr, arguments: dict[str, set[str]]) -> set[str]:
        """The codes of what an expression gives, as far as it shows."""
        match node:
            case ast.Constant(value=value):
                return {"i", "b"} if type(value) is int else {ATOMS.get(type(value).__name__, "n")}
            case ast.Name(id=name) if name in arguments:
                return arguments[name]
            case ast.Dict() | ast.DictComp():
                return {"D"}
            case ast.List() | ast.ListComp():
                return {"L"}
            case ast.Tuple():
                return {"T"}
            case ast.Set() | ast.SetComp():
                return {"S"}
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return {"b"}
            case ast.Call(func=ast.Name(id=name)):
                found = self.named(name)
                place = home(self.module, name)
                if place is not None and ANYTHING not in found and found <= {*ATOMS.values(), *CONTAINERS.values()}:
                    return {ANYTHING}       # an alias
                return found if name[:1].isupper() or name in {*CONTAINERS, "int", "bool", "bytes"} else {ANYTHING}
        return {ANYTHING}


def _stores(method: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """(field, annotation, value) for each `self.field = …` of a method; the value is None where it does not show."""
    for node in ast.walk(method):
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=annotation):
                yield name, annotation, None
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    for part in ast.walk(target):
                        match part:
                            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                                yield name, None, value if part is target else None
            case ast.AugAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                yield name, None, None


def fields(module: Module, node: ast.ClassDef) -> dict[str, str]:
    """The fields that a class itself declares, and the codes of their types, joined by `|`."""
    types = Types(module)
    declared: dict[str, set[str]] = {}
    seen: dict[str, set[str]] = {}
    slots: list[str] = []
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                declared[name] = types.of(statement.annotation)
            case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
                slots = [part.value for part in ast.walk(value) if isinstance(part, ast.Constant)
                         and isinstance(part.value, str)]
            case ast.FunctionDef():
                in_init = statement.name == "__init__"
                arguments = {arg.arg: types.of(arg.annotation) for arg in (*statement.args.args,
                                                                          *statement.args.kwonlyargs)}
                for name, annotated, assigned in _stores(statement):
                    if annotated is not None:
                        declared[name] = types.of(annotated)
                    elif assigned is not None and in_init:
                        seen.setdefault(name, set()).update(types.of_value(assigned, arguments))
                    else:
                        seen.setdefault(name, set())
    found: dict[str, str] = {}
    for name in sorted({*declared, *seen, *slots} - {"__weakref__", "__dict__"}):
        codes = declared.get(name) or seen.get(name) or {ANYTHING}
        codes = {ANYTHING} if codes == {"n"} else codes
        found[name] = ANYTHING if ANYTHING in codes else "|".join(sorted(codes))
    return found


def schema() -> dict[str, str]:
    """`module:Class` to its fields, `name=codes` each, of every class that a snapshot may hold."""
    found = {}
    for module in modules().values():
        for node in module.classes.values():
            if holds_state(module, node):
                own = fields(module, node)
                found[f"{module.name}:{node.name}"] = " ".join(f"{name}={codes}" for name, codes in own.items())
    return dict(sorted((found | CLOCKS).items()))


def source() -> str:
    """The text of `guest_os/snapshot/schema.py`."""
    lines = [
        '"""The classes whose instances a snapshot may hold, and their own fields. Made by `python -m '
        'rvsim.tools.reference`.', "",
        "Codes of types: n None, b bool, i int, f float, s str, y bytes, Y bytearray, L list, D dict, S set, T tuple",
        "or frozenset, Q deque, A array, E member of an enumeration, C class or function, X context, P page table, O",
        "thing of the outside, a class's name: an instance of it, ?: anything.", '"""', "",
        "FIELDS: dict[str, str] = {",
    ]
    for name, text in schema().items():
        wrapped = textwrap.wrap(text, 104, break_long_words=False, break_on_hyphens=False) or [""]
        if len(wrapped) == 1 and len(name) + len(text) < 108:
            lines.append(f'    "{name}": "{text}",')
            continue
        lines.append(f'    "{name}": (')
        lines += [f'        "{part} "' for part in wrapped[:-1]]
        lines += [f'        "{wrapped[-1]}"', "    ),"]
    return "\n".join([*lines, "}", ""])
