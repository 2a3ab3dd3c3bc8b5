"""Test files: what they may say, and the line of what they may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.tools.testing.reading import BadTestFile, TestFile, read
from rvsim.tools.testing.schema import reference, schema, schema_text
from rvsim.tools.testing.suite import Count, Match

DOCS = Path(__file__).resolve().parents[3] / "docs"
GOOD = """\
memory = "32M"
env = { A = "1" }

[matrix]
n = [1, 2]

# a comment with [brackets] = and """ + '"""' + """
[[case]]
name = "first"
argv = "echo ${n} ${HOME}"
files."/etc/x" = { base64 = "aGk=" }
expect.max_ticks = "${n}"

[[case]]
name = "second"
argv = [
  "echo",
  "b",
]
matrix = { w = ["x"] }
[case.expect]
status = 0
output = '''
${w}
'''
calls = { write = 1 }
"""


def parsed(text: str) -> TestFile:
    return read(text.encode(), "t.rvtest.toml")


def refusal(data: bytes) -> str | None:
    """What is said of a file; None: it has tests."""
    try:
        return None if read(data, "t").tests else "no tests"
    except BadTestFile as error:
        return str(error)


def complaint(text: str) -> str:
    with pytest.raises(BadTestFile) as caught:
        parsed(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_and_its_matrix() -> None:
    found = parsed(GOOD)
    assert [(test.id, test.line) for test in found.tests] == [
        ("first[1]", 8), ("first[2]", 8), ("second[1-x]", 14), ("second[2-x]", 14)]
    first, second = found.tests[1].case, found.tests[2].case
    assert first.argv == ("echo", "2", "${HOME}")
    assert first.expect.max_ticks == 2
    assert second.expect.output is not None
    assert second.expect.output.exact == "x\n"
    assert found.suite.memory_bytes == 32 << 20


CASE = '[[case]]\nname = "a"\nargv = "true"\n'


@pytest.mark.parametrize(("text", "wanted"), [
    ("", "t.rvtest.toml:1: there is no case"),
    ("memori = 3\n" + CASE, "t.rvtest.toml:1: memori: there is no such key; do you mean memory?"),
    ("\n" + CASE + "[case.expect]\n\nstatu = 1\n",
     "t.rvtest.toml:7: case[0].expect.statu: there is no such key; do you mean status?"),
    (CASE + 'dialogue = [\n  { expect = "a" },\n  { sendlin = "b" },\n]\n',
     ":6: case[0].dialogue[1].sendlin: "),
    (CASE + 'stdin = 3\n', ":4: case[0].stdin: must be text, not 3"),
    (CASE + 'limits.time = "soon"\n', ':4: case[0].limits.time: must be a time such as "500ms"'),
    (CASE + 'expect.never = ["opena"]\n', ":4: case[0].expect.never[0]: there is no system call 'opena'; do you mean "),
    (CASE + 'expect.signal = "SIGSEG"\n', "do you mean SIGSEGV?"),
    (CASE + 'expect.output.regex = "("\n', "is no regular expression"),
    (CASE + CASE, ":5: case[1].name: 'a' is the name of the case in line 1 too"),
    ('[[case]]\nname = "a"\n', ":1: case[0]: the key argv is missing"),
    ('[[case]]\nargv = "a"\n', ":1: case[0]: the key name is missing"),
    (CASE + "dialogue = [{}]\n", ":4: case[0].dialogue[0]: a step must expect or send something"),
    (CASE + 'files."/x" = { host = "a", text = "b" }\n', "exactly one of text, base64 and host"),
    (CASE + 'files."/x" = { base64 = "%" }\n', "is no base64"),
    (CASE + "matrix.x = []\n", "has no values"),
    ("memory = 5000\n" + CASE, ":1: memory: must be between 4M and 4G in whole pages"),
    ("case = 3", ":1: case: must be a list"),
    ("a = [", "t.rvtest.toml:1: "),
    ("\n\nx = nope\n", "t.rvtest.toml:3: invalid value"),
    ('[boot]\nargv = "sh"\ndialogue = [{expect = "$"}]\n' + CASE, ":6: case[0].argv: the image has booted already"),
    (CASE + 'tags = ["a b"]\n', "'a b' is no tag"),
])
def test_what_is_wrong_is_one_line_with_its_place(text: str, wanted: str) -> None:
    assert wanted in complaint(text)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(BadTestFile, match="t:2: it is no UTF-8"):
        read(b"\n\xff\n", "t")


_names = st.sampled_from(["case", "name", "argv", "expect", "status", "output", "matrix", "files", "limits", "memory",
                          "boot", "dialogue", "calls", "never", "x", "", "a.b", '"', "\n"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4), max_leaves=12)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case None:
            return '"none"'
        case str():
            return json.dumps(value.encode("utf-8", "replace").decode())
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)} = {_toml(one)}" for name, one in value.items()) + "}"
        case _:
            return repr(value)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_names, _values, max_size=4), st.lists(st.dictionaries(_names, _values, max_size=5), max_size=3))
def test_no_file_can_do_more_than_be_refused(top: dict[str, object], cases: list[dict[str, object]]) -> None:
    lines = [f"{json.dumps(name)} = {_toml(value)}" for name, value in top.items() if name != "case"]
    for case in cases:
        lines += ["[[case]]", *(f"{json.dumps(name)} = {_toml(value)}" for name, value in case.items())]
    said = refusal("\n".join(lines).encode())
    assert said is None or re.match(r"t:.+\Z", said)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (GOOD + text).encode("utf-8", "replace")))
def test_no_bytes_can_do_more_than_be_refused(data: bytes) -> None:
    said = refusal(data)
    assert said is None or re.match(r"t:.+\Z", said)


def test_nesting_has_an_end() -> None:
    assert "t.rvtest.toml:" in complaint(CASE + "x = " + "[" * 5000 + "]" * 5000)


def test_the_published_schema_is_current() -> None:
    assert (DOCS / "rvtest.schema.json").read_text(encoding="utf-8") == schema_text(), (
        "write it anew: rvsim test --schema > docs/rvtest.schema.json")


def test_every_record_of_the_schema_is_there() -> None:
    text = json.dumps(schema())
    names = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert names == set(schema()["$defs"])


def test_a_number_of_the_matrix_is_a_number_or_a_text_as_is_wanted() -> None:
    text = """\
[[case]]
name = "c"
matrix.n = [1, 20]
matrix.flag = [true]
argv = ["echo", "${n}", "${flag}"]
env.N = "${n}"
stdin = "${n}"
terminal = "${flag}"
limits = { ticks = "${n}", time = "${n}", memory = "${n}" }
expect = { output = "${n}", status = "${n}", calls = { read = "${n}" } }
"""
    case = read(text.encode(), "t").tests[1].case
    assert case.argv == ("echo", "20", "true")
    assert (case.env, case.stdin, case.terminal) == ({"N": "20"}, "20", True)
    assert (case.limits.ticks, case.limits.time_ns, case.limits.memory_bytes) == (20, 20 * 10**9, 20)
    assert (case.expect.status, case.expect.output) == (20, Match(exact="20"))
    assert case.expect.calls["read"] == Count(20, 20)
    assert "must be a whole number from 0, not true" in complaint(text + 'seed = "${flag}"\n')


def test_a_name_brings_nothing_to_a_terminal_but_text() -> None:
    test = read(b'[[case]]\nname = "\\u001b[31mred\\u0007 \xc3\xa9"\nargv = "true"\n', "t").tests[0]
    assert test.id == "?[31mred? \u00e9"


def accepts(rule: dict[str, Any], value: object) -> bool:
    """What JSON Schema says about a value, for the words that a case's simple keys have."""
    if "anyOf" in rule:
        return any(accepts(one, value) for one in rule["anyOf"])
    if "enum" in rule:
        return value in rule["enum"]
    if rule["type"] == "string":
        return isinstance(value, str) and re.search(rule.get("pattern", ""), value) is not None
    if rule["type"] == "boolean":
        return isinstance(value, bool)
    return type(value) in (int, float) and value >= rule.get("minimum", 0)


@pytest.mark.parametrize(("record", "key", "good", "bad"), [
    ("Case", "seed", 7, "7"), ("Case", "terminal", True, "yes"), ("Case", "chaos_level", "hard", "soft"),
    ("LimitKeys", "time", "10ms", "soon"), ("LimitKeys", "memory", "64M", "much"), ("Expect", "signal", "SIGINT", "X"),
    ("Step", "sendcontrol", "c", "?"), ("FaultKeys", "nth", 2, 0)])
def test_the_schema_has_variables_where_the_matrix_may_bring_a_value(record: str, key: str, good: object,
                                                                     bad: object) -> None:
    rule = schema()["$defs"][record]["properties"][key]
    assert [accepts(rule, value) for value in (good, "${x}", bad)] == [True, True, False]


def test_the_schema_has_no_variables_where_none_is_replaced() -> None:
    found = schema()
    for part in found["properties"], found["$defs"]["Boot"], found["$defs"]["Case"]["properties"]["matrix"]:
        assert "anyOf" not in json.dumps(part)


def test_the_reference_of_the_keys_is_current() -> None:
    assert reference() in (DOCS / "testing.md").read_text(encoding="utf-8")
