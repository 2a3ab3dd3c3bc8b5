"""The packet layer: what goes in comes out, and nothing that comes in can harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.tests.tools.gdb.client import lengthened
from rvsim.tools.gdb.ids import ALL, ANY, BadPacket, ThreadId, parse_bytes, parse_hex, parse_id
from rvsim.tools.gdb.packets import (
    LARGEST,
    LARGEST_PENDING,
    RESENDS,
    Conversation,
    ProtocolError,
    Sign,
    checksum,
    escaped,
    framed,
    shortened,
    unescaped,
)
from rvsim.tools.gdb.resume import Action, Kind, action_for, parse_vcont
from rvsim.tools.gdb.signals import from_gdb, to_gdb


def test_a_packet() -> None:
    talk = Conversation()
    assert talk.receive(b"+$g#67") == [b"g"]
    assert talk.outgoing == b"+"
    talk.outgoing.clear()
    talk.send(b"OK")
    assert talk.outgoing == b"$OK#9a"


@given(st.binary(max_size=300))
def test_escapes(data: bytes) -> None:
    assert unescaped(escaped(data)) == data
    assert not {0x23, 0x24, 0x2A} & set(escaped(data))


@given(st.text("0123456789abcdef", max_size=400).map(str.encode) | st.integers(0, 400).map(lambda n: b"0" * n))
def test_runs(text: bytes) -> None:
    short = shortened(text)
    assert lengthened(short) == text
    assert len(short) <= len(text)
    assert not {0x23, 0x24} & set(short)
    assert all(32 <= byte < 127 for byte in short)


@given(st.lists(st.binary(max_size=200) | st.just(Sign.INTERRUPT), max_size=8), st.integers(1, 50))
def test_however_it_is_cut(parts: list[bytes | Sign], size: int) -> None:
    stream = b"".join(b"\x03" if isinstance(part, Sign) else framed(escaped(part)) for part in parts)
    talk = Conversation()
    found: list[bytes | Sign] = []
    for at in range(0, len(stream), size):
        found += talk.receive(stream[at:at + size])
    assert found == parts
    assert talk.outgoing == b"+" * sum(isinstance(part, bytes) for part in parts)


def test_a_wrong_checksum_is_asked_for_again() -> None:
    talk = Conversation()
    assert talk.receive(b"$g#68") == []
    assert talk.outgoing == b"-"
    talk.acknowledges = False
    talk.outgoing.clear()
    assert talk.receive(b"$g#zz$m#6d") == [b"m"]
    assert talk.outgoing == b""


def test_a_packet_that_breaks_off() -> None:
    assert Conversation().receive(b"$qSupp$g#67") == [b"g"]
    assert Conversation().receive(b"$g#6$g#67") == [b"g"]


def test_what_was_lost_is_sent_again_but_not_for_ever() -> None:
    talk = Conversation()
    assert talk.receive(b"-") == []
    talk.send(b"OK")
    talk.receive(b"-" * RESENDS)
    assert talk.outgoing == b"$OK#9a" * (RESENDS + 1)
    with pytest.raises(ProtocolError):
        talk.receive(b"-")


def test_a_packet_that_is_too_long_is_unknown_and_takes_no_room() -> None:
    talk = Conversation()
    assert talk.receive(b"$" + b"x" * (LARGEST * 4)) == []
    assert len(talk._packet or b"") == LARGEST
    assert talk.receive(b"#00") == [b""]
    assert talk.outgoing == b"+"
    assert talk.receive(b"$" + b"x" * LARGEST + b"#" + checksum(b"x" * LARGEST)) == [b"x" * LARGEST]


def test_who_does_not_listen() -> None:
    talk = Conversation()
    for _ in range(LARGEST_PENDING // 1004):
        talk.send(b"x" * 1000)
    with pytest.raises(ProtocolError):
        talk.send(b"x" * 1000)
    assert len(talk.outgoing) <= LARGEST_PENDING


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"$", b"#", b"}", b"$g#67", b"+", b"-", b"\x03"])))
def test_garbage(pieces: list[bytes]) -> None:
    talk = Conversation()
    talk.send(b"OK")
    for piece in pieces:
        try:
            for found in talk.receive(piece):
                assert isinstance(found, bytes | Sign)
        except ProtocolError:
            return


def test_thread_ids() -> None:
    assert parse_id(b"p1.2") == ThreadId(1, 2)
    assert parse_id(b"p1f") == ThreadId(31, ALL)
    assert parse_id(b"p-1.-1") == parse_id(b"-1") == ThreadId(ALL, ALL)
    assert parse_id(b"0") == ThreadId(ANY, ANY)
    assert parse_id(b"2a") == ThreadId(ANY, 42)
    for bad in (b"", b"p", b"p1.", b"p1.2.3", b"x", b"-2", b"123456789", b"p1.2x"):
        with pytest.raises(BadPacket):
            parse_id(bad)


def test_numbers() -> None:
    assert parse_hex(b"00000000ffffffff") == 0xFFFF_FFFF
    for bad in (b"", b"-1", b"0x1", b"1 ", b"1_0", b"1" * 17):
        with pytest.raises(BadPacket):
            parse_hex(bad)
    assert parse_bytes(b"00fF") == b"\0\xff"
    for bad in (b"0", b"0g", b"0 0 "):
        with pytest.raises(BadPacket):
            parse_bytes(bad)


def test_vcont() -> None:
    assert parse_vcont(b";s:p1.2;C0b:p1.-1;c") == [
        Action(Kind.STEP, ThreadId(1, 2)), Action(Kind.CONTINUE, ThreadId(1, ALL), 11),
        Action(Kind.CONTINUE, ThreadId(ALL, ALL))]
    assert parse_vcont(b";r100,10a:p1.1;t") == [
        Action(Kind.RANGE, ThreadId(1, 1), 0, 0x100, 0x10A), Action(Kind.STOP, ThreadId(ALL, ALL))]
    for bad in (b"", b"c", b";", b";x", b";C", b";C2b", b";Cff", b";r1", b";r1,", b";c1", b";c:", b";c:p"):
        with pytest.raises(BadPacket):
            parse_vcont(bad)


def test_the_first_action_that_matches_counts() -> None:
    actions = parse_vcont(b";s:p1.2;t:p1.3;c:p1.-1")
    assert action_for(actions, 1, 2) == actions[0]
    assert action_for(actions, 1, 3) is None
    assert action_for(actions, 1, 4) == actions[2]
    assert action_for(actions, 2, 2) is None


def test_signals_there_and_back() -> None:
    assert (to_gdb(11), to_gdb(10), to_gdb(17), to_gdb(64), to_gdb(34)) == (11, 30, 20, 78, 46)
    for signo in (*range(1, 16), *range(17, 65)):
        assert from_gdb(to_gdb(signo)) == signo
    assert from_gdb(0) == to_gdb(0) == 0
    assert from_gdb(7) is None      # SIGEMT
