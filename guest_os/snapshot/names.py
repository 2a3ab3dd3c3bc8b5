"""What a snapshot calls by name: classes, functions and constant tables of the kernel's modules.

None of these is state. A name is `module:name` without the package, as in `task.task:Task`, and for what stands inside
a table the way to it follows: `proc.procfs:ROOT_TABLE/stat`.
"""

from __future__ import annotations

import enum
import importlib
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from rvsim.emu import clock

PREFIX = "rvsim.guest_os."
CONSTANT_HOMES = ("proc.", "fs.char_device:")
"""Where a constant must be from to be part of a machine's state; none of these reaches the host."""
LAZY = ("faults.chaos", "faults.fault", "faults.injector", "faults.plan", "fs.archive", "fs.archive_entry",
        "fs.archive_source", "fs.layered", "task.call_fault")
"""Modules with classes of the kernel that are imported only by machines that need them."""
_ATOMS = (int, str, bytes, float, bool, type(None))
_DEPTH = 12


def name_of_class(kind: type) -> str:
    """`task.task:Task`; a class of the machine's has the prefix `emu.`, one of Python's none."""
    return f"{short(kind.__module__)}:{kind.__qualname__}"


def short(module: str) -> str:
    """A module's name without the package."""
    return module.removeprefix(PREFIX).removeprefix("rvsim.")


class Constants:
    """The constants of every module of the kernel that has been imported, by identity and by name."""

    def __init__(self) -> None:
        self.modules = 0
        self.names: dict[int, str] = {}
        self.things: dict[str, Any] = {}

    def refresh(self) -> Constants:
        """Look at the modules that came since the last time."""
        found = [name for name in sys.modules if name.startswith(PREFIX)]
        if len(found) != self.modules:
            self.modules = len(found)
            for module in sorted(found):
                self._add_module(module)
        return self

    def class_named(self, name: str) -> type | None:
        """The class that a snapshot means; its module is imported if it is one of the few that are not at once."""
        if name.startswith("emu.clock:"):
            found = getattr(clock, name.partition(":")[2], None)
        else:
            if name not in self.things and name.partition(":")[0] in LAZY:
                importlib.import_module(PREFIX + name.partition(":")[0])
                self.refresh()
            found = self.things.get(name)
        return found if isinstance(found, type) else None

    def constant(self, name: str) -> Any:
        """A constant that may be part of a machine's state. KeyError: there is none of that name."""
        if not name.startswith(CONSTANT_HOMES):
            raise KeyError(name)
        return self.things[name]

    def _add_module(self, module: str) -> None:
        for name, thing in sorted(vars(sys.modules[module]).items()):
            if name.startswith("__"):
                continue
            home = getattr(thing, "__module__", module)
            if isinstance(thing, (type, types.FunctionType)):
                if home == module:
                    self._add(f"{short(module)}:{thing.__qualname__}", thing)
            elif not isinstance(thing, types.ModuleType):
                self._walk(f"{short(module)}:{name}", thing, _DEPTH)

    def _add(self, name: str, thing: Any) -> bool:
        if id(thing) in self.names:
            return False
        self.names[id(thing)] = name
        self.things[name] = thing
        return True

    def _walk(self, name: str, thing: Any, depth: int) -> None:
        """Name a constant and what it is made of."""
        if isinstance(thing, (*_ATOMS, enum.Enum, type, types.ModuleType, types.BuiltinFunctionType)) or not depth:
            return
        if isinstance(thing, types.FunctionType):
            if thing.__module__.startswith(PREFIX):
                self._add(f"{short(thing.__module__)}:{thing.__qualname__}", thing)
            return
        ours = type(thing).__module__.startswith(PREFIX)
        if isinstance(thing, (tuple, frozenset)):
            if not thing:
                return
        elif not (ours or type(thing) in (dict, list, set, object, types.MappingProxyType)):
            return
        if self._add(name, thing):
            for step, part in _parts(thing):
                self._walk(f"{name}/{step}", part, depth - 1)


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """What a constant holds and names for it, in a fixed order."""
    if isinstance(thing, Mapping):
        for key, part in thing.items():
            yield key.decode("latin-1") if isinstance(key, bytes) else str(key), part
    elif isinstance(thing, (list, tuple)):
        for index, part in enumerate(thing):
            yield str(index), part
    elif type(thing).__module__.startswith(PREFIX):
        for kind in type(thing).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if not slot.startswith("__") and hasattr(thing, slot):
                    yield slot, getattr(thing, slot)
        yield from getattr(thing, "__dict__", {}).items()


CONSTANTS = Constants()
