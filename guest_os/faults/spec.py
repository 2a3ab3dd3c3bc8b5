"""A fault as it is written: `read:3=EIO`, `write:2+=short(1)`, or the way strace's --inject has it.

    CALL[,CALL…][:WHEN][:pid=PID][:comm=NAME][:path=PATTERN]=ACTION
    CALL[,CALL…][:when=WHEN][:pid=PID]…:error=ERRNO|:signal=SIGNAL|:delay_enter=MICROSECONDS

WHEN as strace has it: `3` the third matching call, `3+` all from the third on, `3+2` each second one from the third on,
`3..5` the third to the fifth, `3..9+2` each second of them; `every`, or nothing: all.
"""

from __future__ import annotations

import re

from rvsim.guest_os.faults.fault import BadFault, Fault, errno_name, signal_name

_WHEN = re.compile(r"(\d{1,18})(?:\.\.(\d{1,18}))?(?:(\+)(\d{1,18})?)?", re.ASCII)
_ACTION = re.compile(r"(\w+)(?:\((.*)\))?", re.ASCII)
_DURATION = re.compile(r"(\d{1,15})(ns|us|ms|s)?", re.ASCII)
_UNITS_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_STRACE_ACTIONS = ("error", "signal", "delay_enter")


def parse_fault(text: str) -> Fault:
    """The fault that `text` writes. Raises BadFault."""
    fields = text.split(":")
    keys = [field.partition("=")[0] for field in fields[1:]]
    if any(key in _STRACE_ACTIONS for key in keys):
        named = next(field for field, key in zip(fields[1:], keys, strict=True) if key in _STRACE_ACTIONS)
        fields.remove(named)
        action, value = _strace_action(named)
    else:
        head, equals, last = text.rpartition("=")
        if not equals or not last:
            raise BadFault(f"{text!r} does not say what happens; write CALL[:WHEN]=ACTION, as in read:3=EIO")
        fields = head.split(":")
        action, value = _action(last)
    nth, step, end, every = 1, 0, 0, True
    pid, comm, path = None, "", ""
    for field in fields[1:]:
        key, equals, given = field.partition("=")
        if not equals or key == "when":
            nth, end, step, every = _when(given if equals else field)
        elif key == "pid" and re.fullmatch(r"\d{1,18}", given, re.ASCII):
            pid = int(given)
        elif key == "comm" and given:
            comm = given
        elif key == "path" and given:
            path = given
        else:
            raise BadFault(f"{field!r} is no condition; there are WHEN, pid=PID, comm=NAME and path=PATTERN")
    return Fault(fields[0], action, nth, every, pid, value, step, end, comm, path)


def _when(text: str) -> tuple[int, int, int, bool]:
    """(first, last or 0, step or 0, whether at every one)."""
    if text == "every":
        return 1, 0, 0, True
    match = _WHEN.fullmatch(text)
    if match is None or (match[4] is not None and not int(match[4])):
        raise BadFault(f"{text!r} is no WHEN; write 3, 3+, 3+2, 3..5 or every")
    first, last, plus, step = match.groups()
    return int(first), int(last or 0), int(step or 0), bool((plus and not step) or (last and not plus))


def _action(text: str) -> tuple[str, int | str]:
    match = _ACTION.fullmatch(text)
    if match is not None:
        name, value = match.groups()
        if name == "fail" and value is None:
            return "nomem", 0
        if name == "short" and (value is None or re.fullmatch(r"\d{1,18}", value, re.ASCII)):
            if value is not None and not int(value):
                raise BadFault("short(0) would be the end of the file; write short(1) or more")
            return "short", int(value or 1)
        if name == "delay" and value:
            return "delay", _duration_ns(value)
        if name == "signal" and value:
            return "signal", _number_or_name(value)
        if name.startswith("E") and value is None:
            return "errno", name
    raise BadFault(f"{text!r} is no action; write an error's name, short(BYTES), delay(5ms), signal(SIGINT) or fail")


def _strace_action(field: str) -> tuple[str, int | str]:
    key, _, value = field.partition("=")
    if key == "error":
        return "errno", _number_or_name(value)
    if key == "signal":
        return "signal", _number_or_name(value)
    return "delay", _duration_ns(value if not value.isdecimal() else value + "us")


def _number_or_name(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else text


def _duration_ns(text: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None or not int(match[1]) or (match[2] is None):
        raise BadFault(f"{text!r} is no time; write 5ms, 200us or 1s")
    return int(match[1]) * _UNITS_NS[match[2]]


def action_text(action: str, number: int) -> str:
    """What happens, as `parse_fault` reads it. `number`: `Fault.number`."""
    match action:
        case "errno":
            return errno_name(number)
        case "short":
            return f"short({number})"
        case "delay":
            return f"delay({duration_text(number)})"
        case "signal":
            return f"signal({signal_name(number)})"
        case _:
            return "fail"


def duration_text(time_ns: int) -> str:
    """In the largest unit that divides it."""
    unit = next(unit for unit in ("s", "ms", "us", "ns") if time_ns % _UNITS_NS[unit] == 0)
    return f"{time_ns // _UNITS_NS[unit]}{unit}"


def format_fault(fault: Fault) -> str:
    """The text of a fault, which `parse_fault` reads as the same."""
    parts = [fault.call]
    end = f"..{fault.last}" if fault.last else ""
    if fault.step:
        parts.append(f"{fault.nth}{end}+{fault.step}")
    elif fault.every and fault.nth == 1 and not end:
        pass
    elif fault.every and not end:
        parts.append(f"{fault.nth}+")
    else:
        parts.append(f"{fault.nth}{end}")
    if fault.pid is not None:
        parts.append(f"pid={fault.pid}")
    if fault.comm:
        parts.append(f"comm={fault.comm}")
    if fault.path:
        parts.append(f"path={fault.path}")
    return ":".join(parts) + "=" + action_text(fault.action, fault.number)
