"""The records that a graph of objects is taken apart into, and the words for them.

A record is a tuple: what it is, then its parts. A part is an atom (None, bool, int, float, str) as it stands, or a
reference to another record: a tuple of one number, its index. Immutable containers come after what they contain, as far
as that is immutable too; so records are made into objects in three rounds, without recursion:

1. everything that exists before its contents: instances, lists, dictionaries, …; bytes; what is known by name;
2. tuples and their like, in the order of the records;
3. the contents: first fields of instances, then everything that is looked up by them.

| what | parts |
|---|---|
| a number from 0 on | an instance of that shape: the values of its fields |
| LIST, SET, FROZENSET, TUPLE | the members (sets: sorted where they can be) |
| DEQUE | its limit or None, the members |
| ARRAY | the letter of its type, the numbers |
| DICT, WEAK_DICT | key, value, key, value, … |
| BYTES, BYTEARRAY | the bytes |
| NAMED_TUPLE | the name of its class, the members |
| ENUM | the name of its class, the value |
| METHOD | the object, the method's name |
| CONSTANT | the name; see `names` |
| OUTSIDE | the name of something that whoever restores provides |
| CONTEXT | a thread's registers, bytes |
| PAGE_TABLE | ten numbers; see `table_state` of the gate |
| HOST_FILE | the bytes of a file in memory that nobody has needed yet: its name among the built-in programs |
| HOST_FDS | descriptors of a mounted directory of the host: its path, their limit; in memory, of a replay, `numbers` |
| HOST_SOURCE | an archive of the host: its path |
"""

from __future__ import annotations

from typing import Any, Final


class What:
    """What a record is, if not an instance."""

    LIST: Final = -1
    DICT: Final = -2
    SET: Final = -3
    FROZENSET: Final = -4
    TUPLE: Final = -5
    DEQUE: Final = -6
    BYTES: Final = -7
    BYTEARRAY: Final = -8
    NAMED_TUPLE: Final = -9
    ENUM: Final = -10
    METHOD: Final = -11
    CONSTANT: Final = -12
    OUTSIDE: Final = -13
    CONTEXT: Final = -14
    PAGE_TABLE: Final = -15
    WEAK_DICT: Final = -16
    HOST_FILE: Final = -17
    HOST_FDS: Final = -18
    HOST_SOURCE: Final = -19
    ARRAY: Final = -20


ATOMS: Final = frozenset((type(None), bool, int, float, str))

METHODS: Final = frozenset((
    ("fs.console_tty:ConsoleTty", "kernel_line"), ("mm.vdso:Vdso", "set_realtime_base"), ("console", "write"),
))
"""The methods that something in the kernel holds, by class or name of the outside, and their names."""

Record = tuple[Any, ...]
