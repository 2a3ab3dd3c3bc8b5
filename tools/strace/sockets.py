"""Printers of sockets: addresses, messages, options."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Sequence

from rvsim.guest_os.abi.socket import SO_ERROR, SO_LINGER, SO_PEERCRED, SOL_SOCKET
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, decimal
from rvsim.tools.strace.structs import iovec, timespec
from rvsim.tools.strace.text import ERRORS, MAX_ELEMENTS, address, array, fields, flags, one_of, quote, signed
from rvsim.tools.strace.values import INT, buffer_text, choice, flag, pointed

AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
MSG_FLAGS = flag(c.MSG, "MSG_???")


def sockaddr(data: bytes) -> str:
    """struct sockaddr of any family"""
    if len(data) < 2:
        return quote(data)
    family = int.from_bytes(data[:2], "little")
    name = ("sa_family", one_of(family, c.FAMILIES, "AF_???"))
    rest = data[2:]
    if family == AF_UNIX:
        if not rest:
            return fields(name)
        path = f"@{quote(rest[1:])}" if not rest[0] and len(rest) > 1 else quote(rest.split(b"\0")[0])
        return fields(name, ("sun_path", path))
    if family == AF_INET and len(data) >= 16:
        port, host = struct.unpack_from(">H4s", data, 2)
        return fields(name, ("sin_port", f"htons({port})"), ("sin_addr", f'inet_addr("{ipaddress.IPv4Address(host)}")'))
    if family == AF_INET6 and len(data) >= 28:
        port, flow, host = struct.unpack_from(">HI16s", data, 2)
        scope, = struct.unpack_from("<I", data, 24)
        return "{" + ", ".join((
            f"{name[0]}={name[1]}", f"sin6_port=htons({port})", f"sin6_flowinfo=htonl({flow})",
            f'inet_pton(AF_INET6, "{ipaddress.IPv6Address(host)}", &sin6_addr)', f"sin6_scope_id={scope}")) + "}"
    return fields(name, ("sa_data", quote(rest)))


def address_in(size: int) -> Arg:
    """An address that the call reads; its size is in register `size`."""

    def text(call: Call, value: int) -> str:
        length = call.args[size] & 0xFFFF_FFFF
        data = call.read(value, min(length, 128)) if value and length else None
        return sockaddr(data) if data is not None else address(value)

    return Arg(text, kind="sockaddr", size=size)


def address_out(size: int) -> Arg:
    """An address that the call stores; register `size` points to its length."""

    def text(call: Call, value: int) -> str:
        length = call.read(call.args[size], 4) if call.args[size] and not call.failed else None
        data = None
        if length and any(length) and value:
            data = call.read(value, min(int.from_bytes(length, "little"), *call.before.get(size, []), 128))
        return sockaddr(data) if data is not None else address(value)

    return Arg(text, out=True, kind="sockaddr_out", size=size)


def _numbers(call: Call, value: int) -> list[int]:
    data = call.read(value, 4) if value else None
    return [int.from_bytes(data, "little", signed=True)] if data is not None else []


def changed(before: list[int], after: int) -> str:
    """`110 => 9`, or the number alone if it stayed."""
    return str(after) if before in ([], [after]) else f"{before[0]} => {after}"


def _length(call: Call, value: int) -> str:
    """How long what is filled in may be, and is."""
    register = 4 if call.name == "getsockopt" else 5 if call.name == "recvfrom" else 2
    before = call.before.get(register, [])
    after = before if call.failed else _numbers(call, value)
    return f"[{changed(before, after[0])}]" if after else address(value)


LENGTH_OUT = Arg(_length, out=True, note=_numbers, kind="number4")


def _kind(call: Call, value: int) -> str:
    value &= 0xFFFF_FFFF
    kind = next((name for name, number in c.SOCKET_TYPES.items() if number == value & 0xF), None)
    if kind is None:
        return flags(value, c.SOCKET_FLAGS, "SOCK_???")
    rest = value & ~0xF
    return f"{kind}|{flags(rest, c.SOCKET_FLAGS)}" if rest else kind


SOCKET_KIND = Arg(_kind, kind="mixed", names=c.SOCKET_TYPES | c.SOCKET_FLAGS)
FAMILY = choice(c.FAMILIES, "AF_???")


def socket_args(call: Call) -> Sequence[Arg]:
    """socket: the protocol has names in the internet families."""
    internet = call.args[0] in (AF_INET, AF_INET6)
    return FAMILY, SOCKET_KIND, choice(c.IP_PROTOCOLS, "IPPROTO_???") if internet else INT


def _message(call: Call, value: int, done: int | None, before: list[int]) -> str:
    """struct msghdr; `before`: the length of the name before the call."""
    data = call.read(value, 56) if value else None
    if data is None:
        return address(value)
    name, length, vector, count, control, control_size, flag_bits = struct.unpack("<QI4xQQQQI4x", data)
    where = call.read(name, min(length, *before, 128)) if name and length else None
    shown = [("msg_name", sockaddr(where) if where is not None else address(name)),
             ("msg_namelen", changed(before, length)), ("msg_iov", iovec(call, vector, count, done)),
             ("msg_iovlen", count)]
    if control_size:
        shown.append(("msg_control", _control(call, control, control_size)))
    return fields(*shown, ("msg_controllen", control_size), ("msg_flags", flags(flag_bits, c.MSG, "MSG_???")))


def _control(call: Call, control: int, size: int) -> str:
    data = call.read(control, min(size, 4096))
    if data is None:
        return address(control)
    items = []
    at = 0
    while at + 16 <= len(data):
        length, level, kind = struct.unpack_from("<Qii", data, at)
        if length < 16:
            break
        body = data[at + 16:at + length]
        pairs: list[tuple[str, object]] = [
            ("cmsg_len", length), ("cmsg_level", one_of(level, c.SOCKET_LEVELS, "SOL_???")),
            ("cmsg_type", one_of(kind, c.SCM_TYPES, "SCM_???"))]
        if level == 1 and kind == 1:
            count = len(body) // 4
            pairs.append(("cmsg_data", "[" + ", ".join(map(str, struct.unpack(f"<{count}i", body[:4 * count]))) + "]"))
        elif level == 1 and kind == 2 and len(body) >= 12:
            pid, uid, gid = struct.unpack_from("<iII", body)
            pairs.append(("cmsg_data", fields(("pid", pid), ("uid", uid), ("gid", gid))))
        items.append(fields(*pairs))
        at += (length + 7) & ~7
    return "[" + ", ".join(items) + "]"


def _name_length(call: Call, value: int) -> list[int]:
    return _numbers(call, value + 8)


def _received(call: Call, value: int) -> str:
    if not call.failed:
        return _message(call, value, call.bytes_done, call.before.get(1, []))
    length = _name_length(call, value)
    return fields(("msg_namelen", length[0])) if length else address(value)


def _several(call: Call, value: int) -> str:
    """An array of struct mmsghdr, as many as were sent or received."""
    if call.failed or call.result is None:
        return address(value)
    items = []
    lengths = call.before.get(1, [])
    for at in range(min(call.result, MAX_ELEMENTS)):
        place = value + 64 * at
        size = _numbers(call, place + 56)
        if not size:
            break
        done = size[0] if call.name == "recvmmsg" else None
        items.append(fields(("msg_hdr", _message(call, place, done, lengths[at:at + 1])), ("msg_len", size[0])))
    return array(items, call.result > MAX_ELEMENTS)


def _name_lengths(call: Call, value: int) -> list[int]:
    return [number for at in range(min(call.args[2] & 0xFFFF_FFFF, MAX_ELEMENTS))
            for number in _name_length(call, value + 64 * at)]


MESSAGE_IN = Arg(lambda call, value: _message(call, value, None, []))
MESSAGE_OUT = Arg(_received, out=True, note=_name_length)
MESSAGES_SENT = Arg(_several, out=True)
MESSAGES_RECEIVED = Arg(_several, out=True, note=_name_lengths)


def received_result(call: Call) -> str:
    """recvmmsg: how many, and the time that was left."""
    if call.result is None or call.failed or not call.args[4]:
        return decimal(call)
    return f"{call.result} (left {pointed(16, timespec)(call, call.args[4])})" if call.result else "0 (Timeout)"


def _option(call: Call, value: int) -> str:
    if call.args[1] != 1:
        return str(value & 0xFFFF_FFFF)
    return one_of(value & 0xFFFF_FFFF, c.SOCKET_OPTIONS, "SO_???")


LEVEL = choice(c.SOCKET_LEVELS, "SOL_??")
OPTION = Arg(_option)


def _option_value(call: Call, value: int, size: int) -> str:
    """The value of an option by its name, or by its size."""
    level, option = call.args[1] & 0xFFFF_FFFF, call.args[2] & 0xFFFF_FFFF
    data = call.read(value, min(size, 4096)) if value and size >= 0 else None
    if data is None:
        return address(value)
    if level == SOL_SOCKET and option == SO_LINGER and size >= 8:
        return fields(*zip(("l_onoff", "l_linger"), struct.unpack_from("<ii", data), strict=True))
    if level == SOL_SOCKET and option == SO_PEERCRED and size >= 12:
        return fields(*zip(("pid", "uid", "gid"), struct.unpack_from("<iii", data), strict=True))
    if size == 4:
        number = int.from_bytes(data, "little", signed=True)
        name = ERRORS.get(number, ("", ""))[0] if level == SOL_SOCKET and option == SO_ERROR else ""
        return f"[{name or number}]"
    return buffer_text(call, value, size)


def _option_out(call: Call, value: int) -> str:
    size = [] if call.failed else _numbers(call, call.args[4])
    return _option_value(call, value, size[0]) if size else address(value)


OPTION_IN = Arg(lambda call, value: _option_value(call, value, signed(call.args[4])))
OPTION_OUT = Arg(_option_out, out=True)
