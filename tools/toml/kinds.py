"""The kinds of values that a TOML file has: each reads a value, says what it should be, and gives its JSON Schema."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar, cast

from rvsim.tools.quantities import parse_duration_ns, parse_size

T = TypeVar("T")
Where = tuple[str | int, ...]
"""The way to a value: keys of tables and indices of lists."""


class Filled(str):
    """A text that was nothing but a variable: where no text is wanted, it is the matrix's `value`."""

    value: int | bool

    @classmethod
    def of(cls, value: int | bool) -> Filled:
        """`true`, `false`, or a number's digits."""
        text = cls(str(value).lower())
        text.value = value
        return text


def unfilled(value: Any) -> Any:
    """A value where no text is wanted."""
    return value.value if isinstance(value, Filled) else value


class Wrong(Exception):
    """Something in the file is not as it must be: `where`, and a sentence."""

    def __init__(self, where: Where, message: str) -> None:
        super().__init__(message)
        self.where = where


class Kind(Protocol):
    """What a value may be."""

    says: str
    """What it should be, after `must be`."""

    def read(self, value: Any, where: Where) -> Any:
        """The value as the program wants it. Raises Wrong."""
        ...

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        ...


def shown(value: object) -> str:
    """A value of TOML, short."""
    value = unfilled(value)
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def wrong(kind: Kind, value: object, where: Where) -> Wrong:
    """The value is of another kind."""
    return Wrong(where, f"must be {kind.says}, not {shown(value)}")


class Text:
    """Any text."""

    says = "text"

    def read(self, value: Any, where: Where) -> str:
        if not isinstance(value, str):
            raise wrong(self, value, where)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Guestly(Text):
    """Text that goes into the guest: a name, an argument. It has no zero bytes."""

    says = "text without zero bytes"

    def read(self, value: Any, where: Where) -> str:
        text = super().read(value, where)
        if "\0" in text:
            raise wrong(self, value, where)
        return text


class Words:
    """A list of words, or a text that is split at its spaces."""

    says = "a list of words, or one text with spaces between them"

    def read(self, value: Any, where: Where) -> tuple[str, ...]:
        if isinstance(value, str):
            import shlex

            try:
                words = tuple(shlex.split(value))
            except ValueError as error:
                raise Wrong(where, f"cannot be split into words: {str(error).lower()}") from None
        elif isinstance(value, list):
            words = tuple(Guestly().read(word, (*where, at)) for at, word in enumerate(value))
        else:
            raise wrong(self, value, where)
        if not words or any("\0" in word for word in words):
            raise wrong(self, value, where)
        return words

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "string", "minLength": 1},
                          {"type": "array", "items": {"type": "string"}, "minItems": 1}]}


class Whole:
    """A whole number."""

    def __init__(self, least: int = 0, most: int = (1 << 62)) -> None:
        self.least = least
        self.most = most
        self.says = "a whole number" + (f" from {least}" if least > -(1 << 62) else "") + (
            f" to {most}" if most < 1 << 62 else "")

    def read(self, value: Any, where: Where) -> int:
        value = unfilled(value)
        if type(value) is not int or not self.least <= value <= self.most:
            raise wrong(self, value, where)
        return value

    def schema(self) -> dict[str, Any]:
        most = {} if self.most == 1 << 62 else {"maximum": self.most}
        return {"type": "integer", "minimum": self.least, **most}


class Flag:
    """true or false."""

    says = "true or false"

    def read(self, value: Any, where: Where) -> bool:
        value = unfilled(value)
        if not isinstance(value, bool):
            raise wrong(self, value, where)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Size:
    """Bytes."""

    says = 'a size such as "64M", or a number of bytes'

    def read(self, value: Any, where: Where) -> int:
        value = unfilled(value)
        if type(value) is int and value > 0:
            return value
        try:
            size = parse_size(value) if isinstance(value, str) else 0
        except ValueError:
            size = 0
        if not 0 < size < 1 << 40:
            raise wrong(self, value, where)
        return size

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+ *[KMGkmg]?i?B?$"}]}


class Duration:
    """Nanoseconds of guest time."""

    says = 'a time such as "500ms" or "10s", or a number of seconds'

    def read(self, value: Any, where: Where) -> int:
        value = unfilled(value)
        try:
            if isinstance(value, str):
                return parse_duration_ns(value)
        except ValueError:
            pass
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9:
            return max(round(value * 1e9), 1)
        raise wrong(self, value, where)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "number", "exclusiveMinimum": 0},
                          {"type": "string", "pattern": "^[0-9.]+ *(ns|us|µs|ms|s|m|h)?$"}]}


class Regex:
    """A regular expression of Python's."""

    says = "a regular expression"

    def read(self, value: Any, where: Where) -> str:
        if not isinstance(value, str):
            raise wrong(self, value, where)
        try:
            re.compile(value.encode())
        except (re.error, OverflowError, RecursionError, ValueError) as error:
            raise Wrong(where, f"is no regular expression: {error}") from None
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "regex"}


class Choice:
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.says = f"one of {', '.join(words)}"

    def read(self, value: Any, where: Where) -> str:
        if value not in self.words or not isinstance(value, str):
            raise Wrong(where, f"must be {self.says}, not {shown(value)}{suggestion(value, self.words)}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class ListOf:
    """A list; with `single`, one value stands for a list of it."""

    def __init__(self, kind: Kind, single: bool = False) -> None:
        self.kind = kind
        self.single = single
        self.says = f"a list, each {kind.says}" + (f"; or {kind.says}" if single else "")

    def read(self, value: Any, where: Where) -> tuple[Any, ...]:
        if isinstance(value, list):
            return tuple(self.kind.read(one, (*where, at)) for at, one in enumerate(value))
        if self.single:
            return (self.kind.read(value, where),)
        raise wrong(self, value, where)

    def schema(self) -> dict[str, Any]:
        many = {"type": "array", "items": self.kind.schema()}
        return {"oneOf": [self.kind.schema(), many]} if self.single else many


class TableOf:
    """A table whose keys the writer chooses."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.says = f"a table, each value {kind.says}"

    def read(self, value: Any, where: Where) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong(self, value, where)
        for key in value:
            if not key or "\0" in key:
                raise Wrong((*where, key), "is no name")
        return {key: self.kind.read(one, (*where, key)) for key, one in value.items()}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.kind.schema()}


class OneOf:
    """The first of some kinds that takes the value."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.says = ", or ".join(kind.says for kind in kinds)

    def read(self, value: Any, where: Where) -> Any:
        for kind in self.kinds:
            try:
                return kind.read(value, where)
            except Wrong as error:
                if isinstance(value, dict) and isinstance(kind, Record):
                    raise error from None
        raise wrong(self, value, where)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [kind.schema() for kind in self.kinds]}


class Record(Generic[T]):
    """A table with known keys: a dataclass whose fields were made by `key`."""

    def __init__(self, cls: type[T], says: str) -> None:
        self.cls = cls
        self.says = f"a table, {says}"

    def fields(self) -> dict[str, dataclasses.Field[Any]]:
        """The keys by the names that they have in files."""
        return {name_of(field): field for field in dataclasses.fields(cast(Any, self.cls)) if "kind" in field.metadata}

    def read(self, value: Any, where: Where) -> T:
        if not isinstance(value, dict):
            raise wrong(self, value, where)
        fields = self.fields()
        for name in value:
            if name not in fields:
                known = suggestion(name, tuple(fields)) or f"; the keys are {', '.join(fields)}"
                raise Wrong((*where, name), f"there is no such key{known}")
        values = {fields[name].name: fields[name].metadata["kind"].read(one, (*where, name))
                  for name, one in value.items()}
        for name, field in fields.items():
            if name not in value and field.default is dataclasses.MISSING and (
                    field.default_factory is dataclasses.MISSING):
                raise Wrong(where, f"the key {name} is missing: {field.metadata['doc']}")
        made = self.cls(**values)
        check = getattr(made, "check", None)
        if check is not None:
            check(where)
        return made

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.cls.__name__}"}

    def definition(self) -> dict[str, Any]:
        """What the schema refers to."""
        fields = self.fields()
        properties = {name: field.metadata["kind"].schema() | {"description": field.metadata["doc"]}
                      for name, field in fields.items()}
        required = [name for name, field in fields.items() if field.default is dataclasses.MISSING and
                    field.default_factory is dataclasses.MISSING]
        return {"type": "object", "description": (self.cls.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip(),
                "properties": properties, **({"required": required} if required else {}),
                "additionalProperties": False}


def key(kind: Kind, doc: str, default: Any = dataclasses.MISSING, name: str | None = None) -> Any:
    """A key of a `Record`: what it holds, and a sentence about it."""
    metadata = types.MappingProxyType({"kind": kind, "doc": doc, "name": name})
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def name_of(field: dataclasses.Field[Any]) -> str:
    """A field's key in files."""
    return field.metadata["name"] or field.name


def suggestion(word: object, known: Sequence[str]) -> str:
    """`; do you mean …?`, or nothing."""
    near = difflib.get_close_matches(str(word)[:80], known, 1, 0.6)
    return f"; do you mean {near[0]}?" if near else ""
