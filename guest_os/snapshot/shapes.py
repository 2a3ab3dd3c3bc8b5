"""How instances of the kernel's classes are taken apart and made: by their fields, without running their code."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from rvsim.guest_os.snapshot.names import PREFIX, name_of_class

CLOCKS = ("emu.clock:VirtualClock", "emu.clock:HostClock", "emu.clock:PacedClock")
"""The classes of the machine whose instances are kept like the kernel's own."""

TRANSIENT: Final[dict[str, dict[str, Any]]] = {
    "task.kernel:Kernel": {"observer": None, "controller": None, "sampler": None},
    "task.scheduler:Scheduler": {"at_rest": None},
    "world:HostWorld": {"visitor": None, "visits": dict, "visiting": False, "waiting": False, "next_poll_ns": 0,
                        "end_ns": None, "expired": False, "leaving": False},
}
"""What belongs to whoever runs the machine: fields, and what a snapshot has instead, `dict` for a new one."""


class Unsaved(TypeError):
    """Something in the kernel's state is no plain data: a mistake in the kernel."""


class Shape:
    """One class with one set of fields, in their order."""

    __slots__ = ("kind", "name", "names", "setters", "transient")

    def __init__(self, kind: type, names: tuple[str, ...]) -> None:
        self.kind = kind
        self.name = name_of_class(kind)
        self.names = names
        self.setters = tuple(setter(kind, name) for name in names)
        known = TRANSIENT.get(self.name, {})
        self.transient = tuple((names.index(name), value) for name, value in known.items() if name in names)


def setter(kind: type, name: str) -> Callable[[Any, Any], None]:
    """Sets a field of an instance: a slot by its descriptor, whatever property hides it, else in the dictionary."""
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        if name in ((slots,) if isinstance(slots, str) else slots):
            found: Callable[[Any, Any], None] = base.__dict__[mangled(base, name)].__set__
            return found
    if hasattr(getattr(kind, name, None), "__set__"):
        raise Unsaved(f"{kind.__qualname__}.{name} is no field")

    def store(instance: Any, value: Any) -> None:
        object.__setattr__(instance, name, value)

    return store


def mangled(kind: type, name: str) -> str:
    """A private name as the class keeps it."""
    return f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name


class Layout:
    """What is known of one class: its slots, whether it has a dictionary, and the shapes met so far."""

    __slots__ = ("fast", "full", "get", "has_dict", "kind", "shapes", "slots")

    def __init__(self, kind: type) -> None:
        """Raises Unsaved: instances hold more than fields."""
        self.kind = kind
        self.slots: list[tuple[str, Any]] = []
        for base in kind.__mro__:
            if base is object or base.__module__ in ("typing", "abc"):
                continue
            if not base.__module__.startswith(PREFIX) and name_of_class(base) not in CLOCKS:
                raise Unsaved(f"{kind.__qualname__} is made of {base.__qualname__}, which is not the kernel's")
            slots = base.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if name not in ("__weakref__", "__dict__") and name not in dict(self.slots):
                    self.slots.append((name, base.__dict__[mangled(base, name)]))
        self.has_dict = kind.__dictoffset__ != 0
        names = tuple(name for name, _ in self.slots)
        self.fast = all(getattr(kind, name, None) is member for name, member in self.slots) and len(names) > 1
        self.get: Callable[[Any], tuple[Any, ...]] | None = attrgetter(*names) if self.fast else None
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self.full = self.shape(names)

    def shape(self, names: tuple[str, ...]) -> Shape:
        """The shape with these fields."""
        found = self.shapes.get(names)
        if found is None:
            found = self.shapes[names] = Shape(self.kind, names)
        return found

    def fields(self, instance: Any) -> tuple[Shape, tuple[Any, ...]]:
        """The shape of an instance and the values of its fields."""
        if self.get is not None and not self.has_dict:
            try:
                return self.full, self.get(instance)
            except AttributeError:
                pass        # a field that was never set
        names: list[str] = []
        values: list[Any] = []
        for name, member in self.slots:
            try:
                values.append(member.__get__(instance))
            except AttributeError:
                continue
            names.append(name)
        if self.has_dict:
            more = instance.__dict__
            if not names:
                return self.shape(tuple(more)), tuple(more.values())
            names += more
            values += more.values()
        return self.shape(tuple(names)), tuple(values)


LAYOUTS: dict[type, Layout] = {}


def layout(kind: type) -> Layout:
    """The layout of a class of the kernel. Raises Unsaved."""
    found = LAYOUTS.get(kind)
    if found is None:
        found = LAYOUTS[kind] = Layout(kind)
    return found
