"""Expressions: C's values where C has them, and one line for everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.tools.debug.expressions import Expression, ExpressionError, evaluate, pointed, signed


class Fake:
    """Registers, 16 bytes of memory at 0x1000, and one symbol."""

    def register(self, name: str) -> int | None:
        return {"a0": 5, "sp": 0x1008, "all": (1 << 64) - 1}.get(name)

    def memory(self, address: int, size: int) -> bytes | None:
        data = bytes(range(0xF0, 0x100))
        at = address - 0x1000
        return data[at:at + size] if at >= 0 and at + size <= len(data) else None

    def symbol(self, name: str) -> int | None:
        return 0x1000 if name in ("table", "std::table", ".Ltable") else None


@pytest.mark.parametrize(("text", "value"), [
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 3 - 2", 5), ("-7 / 2", -3), ("-7 % 2", -1), ("7 & 3 == 3", 1),
    ("1 << 4 | 1", 17), ("~0", -1), ("!5 + !0", 1), ("0x10 + 010 + 0b11", 27), ("'a' + '\\n'", 107),
    ("$a0 == 5 && $sp > 4096", 1), ("0 && $nothing", 0), ("1 || *0", 1), ("$all == -1", 1),
    ("table", 0x1000), ("std::table", 0x1000), ("*(u8*)table", 0xF0), ("*(i8*)table", -16),
    ("*(u16*)(table + 2)", 0xF3F2),
    ("*(unsigned char*)($sp - 8)", 0xF0), ("*(int*)table", -0x0C0D0E10), ("*$sp", -0x0001020304050608),
    ("(u8)0x1ff", 0xFF), ("(i8)0xff", -1), ("(long)-1", -1), ("0x7fffffffffffffff + 1", -(1 << 63)),
    ("1 < 2 == 1", 1), ("5 ^ 1 | 8", 12), ("-1 >> 1", -1), ("1 << 64", 1), ("- - 3", 3),
])
def test_values(text: str, value: int) -> None:
    assert evaluate(text, Fake()) == value


@pytest.mark.parametrize(("text", "problem"), [
    ("", "empty"), ("1 +", "ends too early"), ("(1", ") is missing"), ("1 2", "too much"), ("$", "no part"),
    ("1 / 0", "zero"), ("$nothing", "no register"), ("nowhere", "no symbol"), ("*16", "cannot be read"),
    ("*(u8*)0x1010", "cannot be read"),
    ("(" * 1000 + "1", "nested"), ("1" * 5000, "longer"), ("a; b", "no part"), ("__import__('os')", "no part"),
    ("1 % 0", "zero"), ("12ab", "no part"), ("'", "no part"), ("*", "ends too early"), ("\0", "no part"),
])
def test_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError, match=problem.replace(")", r"\)")):
        evaluate(text, Fake())


@pytest.mark.parametrize(("text", "address", "size"), [
    ("*(u32*)($sp + 8)", "( $sp + 8 )", 4), ("*$sp", "$sp", 8), ("*(u8*) table + 1", "table + 1", 1),
])
def test_places_to_store(text: str, address: str, size: int) -> None:
    found = pointed(text)
    assert found[1] == size
    assert evaluate(found[0], Fake()) == evaluate(address, Fake())


def test_no_place_to_store() -> None:
    with pytest.raises(ExpressionError, match="nothing to store into"):
        pointed("5")


@given(st.text(alphabet="0123456789abx$*()u8+-/%&|<>=!~^' ;_\\\0é", max_size=60))
def test_any_text_has_a_value_or_one_line(text: str) -> None:
    try:
        value: int | str = evaluate(text, Fake())
    except ExpressionError as error:
        value = str(error)
    assert "\n" not in value if isinstance(value, str) else -(1 << 63) <= value < 1 << 63


NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)


@given(NUMBERS, NUMBERS, st.sampled_from(["+", "-", "*", "&", "|", "^", "==", "!=", "<", "<=", ">", ">="]))
def test_arithmetic_is_that_of_64_bits(left: int, right: int, operator: str) -> None:
    expected = {
        "+": left + right, "-": left - right, "*": left * right, "&": left & right, "|": left | right,
        "^": left ^ right, "==": left == right, "!=": left != right, "<": left < right, "<=": left <= right,
        ">": left > right, ">=": left >= right,
    }[operator]
    assert Expression(f"({left}) {operator} ({right})").value(Fake()) == signed(int(expected))
