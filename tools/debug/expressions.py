"""Expressions over a stopped task: `$a0 == 3 && *(u32*)($sp + 8) != 0`. Read by hand, so that nothing can be run.

Numbers are of 64 bits and signed, as C's `long`, and wrap. Operators are C's, with C's precedence; `&&` and `||` look
at their right side only where they must. A name is a symbol's address; `$name` a register; `*(TYPE*)ADDRESS` memory,
with TYPE one of u8 to u64, i8 to i64, char, short, int, long, and `unsigned` before these; `*ADDRESS` is of eight
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

MOST_CHARACTERS = 4096
DEEPEST = 64
_SIGN = 1 << 63
_MASK = (1 << 64) - 1

_TOKEN = re.compile(r"""\s*(?:
    (?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?![\w.])
  | '(?P<character>\\?[ -~])'
  | \$(?P<register>[A-Za-z_]\w*)
  | (?P<name>[A-Za-z_.][\w.@]*(?:::[\w.@]+)*)
  | (?P<operator>\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%&|^~!<>()])
)""", re.VERBOSE)
_BINARY = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7, ">=": 7, "<<": 8, ">>": 8,
    "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
}
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "\\": 92, "'": 39}
_TYPES = {
    "u8": (1, False), "u16": (2, False), "u32": (4, False), "u64": (8, False), "i8": (1, True), "i16": (2, True),
    "i32": (4, True), "i64": (8, True), "char": (1, False), "short": (2, True), "int": (4, True), "long": (8, True),
}


class ExpressionError(Exception):
    """What is wrong with an expression, or what it asks for is not there: one line."""


class Scope(Protocol):
    """What names mean."""

    def register(self, name: str) -> int | None:
        """The value of a register, None if there is none of that name."""
        ...

    def memory(self, address: int, size: int) -> bytes | None:
        """Bytes of memory, None if they cannot be read."""
        ...

    def symbol(self, name: str) -> int | None:
        """The address of a symbol, None if there is none of that name."""
        ...


Value = Callable[[Scope], int]


class _Token(NamedTuple):
    kind: str
    text: str
    source: str


class Expression:
    """An expression that was read. `text` is what was written."""

    def __init__(self, text: str) -> None:
        """Raises ExpressionError: it is none."""
        self.text = text.strip()
        self._value = _Parser(text).whole()

    def value(self, scope: Scope) -> int:
        """Its value, as a signed number of 64 bits. Raises ExpressionError: something it names is not there."""
        return self._value(scope)

    def address(self, scope: Scope) -> int:
        """Its value as an address: not negative."""
        return self._value(scope) & _MASK


def evaluate(text: str, scope: Scope) -> int:
    """The value of an expression at once. Raises ExpressionError."""
    return Expression(text).value(scope)


def signed(value: int) -> int:
    """A number cut to 64 bits, signed."""
    value &= _MASK
    return value - (1 << 64) if value & _SIGN else value


def pointed(text: str) -> tuple[str, int]:
    """(the address, the size) of `*(TYPE*)ADDRESS` or `*ADDRESS`, which is something to store into.

    Raises:
        ExpressionError: it is nothing of that kind.
    """
    parser = _Parser(text)
    if not parser._operator("*"):
        raise ExpressionError(f"{text.strip()!r} is nothing to store into")
    found = parser._pointer()
    inner = " ".join(token.source for token in parser.tokens[parser.at:])
    return inner, found[0] if found is not None else 8


class _Parser:
    """Precedence climbing."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise ExpressionError(f"the expression is longer than {MOST_CHARACTERS} characters")
        self.text = text
        self.tokens: list[_Token] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise ExpressionError(f"{text[at:].strip()[:20]!r} is no part of an expression")
            kind = match.lastgroup or ""
            self.tokens.append(_Token(kind, match.group(kind), match.group().strip()))
            at = match.end()
        self.at = 0
        self.depth = 0

    def whole(self) -> Value:
        value = self._binary(0)
        if self.at < len(self.tokens):
            raise ExpressionError(f"{self.tokens[self.at].text!r} is too much in {self.text.strip()!r}")
        return value

    def _operator(self, *texts: str) -> str | None:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "operator" and token.text in texts:
                self.at += 1
                return token.text
        return None

    def _binary(self, least: int) -> Value:
        left = self._unary()
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            rank = _BINARY.get(token.text, 0) if token.kind == "operator" else 0
            if not rank or rank <= least:
                break
            self.at += 1
            left = _combine(token.text, left, self._binary(rank))
        return left

    def _unary(self) -> Value:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(f"the expression is nested more than {DEEPEST} deep")
        try:
            operator = self._operator("-", "+", "~", "!", "*")
            if operator is None:
                return self._primary()
            if operator == "*":
                size, is_signed = self._pointer() or (8, True)
                return _load(self._unary(), size, is_signed)
            operand = self._unary()
            return {
                "-": lambda scope: signed(-operand(scope)), "+": operand, "~": lambda scope: ~operand(scope),
                "!": lambda scope: int(not operand(scope)),
            }[operator]
        finally:
            self.depth -= 1

    def _type(self) -> tuple[int, bool, int] | None:
        """(size, signed, stars) of a type in parentheses, which are read; None: there is none, and nothing is read."""
        start = self.at
        if self._operator("("):
            words = []
            while self.at < len(self.tokens) and self.tokens[self.at].kind == "name":
                words.append(self.tokens[self.at].text)
                self.at += 1
            unsigned = words[:1] == ["unsigned"]
            names = words[unsigned:] or ["int"] if unsigned else words
            if len(names) == 2 and names[0] == "long":
                names = ["long"]
            known = _TYPES.get(names[0]) if len(names) == 1 else None
            if known is not None:
                stars = 0
                while self._operator("*"):
                    stars += 1
                if self._operator(")"):
                    return known[0], known[1] and not unsigned, stars
        self.at = start
        return None

    def _pointer(self) -> tuple[int, bool] | None:
        start = self.at
        found = self._type()
        if found is not None and found[2]:
            return (found[0], found[1]) if found[2] == 1 else (8, False)
        self.at = start
        return None

    def _primary(self) -> Value:
        cast = self._type()
        if cast is not None:
            return _cast(self._unary(), *cast)
        if self._operator("("):
            value = self._binary(0)
            if not self._operator(")"):
                raise ExpressionError(f"a ) is missing in {self.text.strip()!r}")
            return value
        if self.at >= len(self.tokens):
            raise ExpressionError(f"{self.text.strip()!r} ends too early" if self.tokens else "the expression is empty")
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "number":
            number = signed(_number(token.text))
            return lambda scope: number
        if token.kind == "character":
            code = _ESCAPES.get(token.text[1:]) if len(token.text) == 2 else ord(token.text)
            if code is None:
                raise ExpressionError(f"there is no character '{token.text}'")
            return lambda scope: code
        if token.kind == "register":
            return _register(token.text)
        if token.kind == "name":
            return _symbol(token.text)
        raise ExpressionError(f"{token.text!r} stands where a value should in {self.text.strip()!r}")


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        return int(text, 8) if set(text) <= set("01234567") else int(text)


def _register(name: str) -> Value:
    def value(scope: Scope) -> int:
        found = scope.register(name)
        if found is None:
            raise ExpressionError(f"there is no register ${name}")
        return signed(found)

    return value


def _symbol(name: str) -> Value:
    def value(scope: Scope) -> int:
        found = scope.symbol(name)
        if found is None:
            raise ExpressionError(f"there is no symbol {name!r}")
        return signed(found)

    return value


def _load(address: Value, size: int, is_signed: bool) -> Value:
    def value(scope: Scope) -> int:
        at = address(scope) & _MASK
        data = scope.memory(at, size)
        if data is None:
            raise ExpressionError(f"memory at {at:#x} cannot be read")
        return signed(int.from_bytes(data, "little", signed=is_signed))

    return value


def _cast(operand: Value, size: int, is_signed: bool, stars: int) -> Value:
    if stars or size == 8:
        return operand
    mask = (1 << 8 * size) - 1
    return lambda scope: int.from_bytes((operand(scope) & mask).to_bytes(size, "little"), "little", signed=is_signed)


def _divide(left: int, right: int) -> int:
    if not right:
        raise ExpressionError("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_FUNCTIONS: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b, "^": lambda a, b: a ^ b, "&": lambda a, b: a & b, "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b), "<": lambda a, b: int(a < b), "<=": lambda a, b: int(a <= b),
    ">": lambda a, b: int(a > b), ">=": lambda a, b: int(a >= b), "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63), "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": _divide, "%": lambda a, b: a - b * _divide(a, b),
}


def _combine(operator: str, left: Value, right: Value) -> Value:
    if operator == "&&":
        return lambda scope: int(bool(left(scope)) and bool(right(scope)))
    if operator == "||":
        return lambda scope: int(bool(left(scope)) or bool(right(scope)))
    function = _FUNCTIONS[operator]
    return lambda scope: signed(function(left(scope), right(scope)))
