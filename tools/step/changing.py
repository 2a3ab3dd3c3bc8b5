"""Commands that change the stopped machine, and give it input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.tools.debug import memory, registers
from rvsim.tools.debug.causes import ECALL
from rvsim.tools.debug.edits import Inject, SetRegister, WriteMemory
from rvsim.tools.debug.expressions import pointed
from rvsim.tools.debug.stop import Kind, number_of
from rvsim.tools.step.registry import Command, CommandError

if TYPE_CHECKING:
    from rvsim.tools.debug.history import Edit
    from rvsim.tools.step.shell import Shell

ERRNOS = {error.__name__: error.number for error in Errno.__subclasses__()}


def change(shell: Shell, edit: Edit) -> None:
    """Make a change, and say so if there is something that it makes void."""
    history, here = shell.session.history, shell.stop.position
    if history.furthest > here.traps or history.ahead():
        shell.say("what came after this is forgotten")
    forget_places(shell)
    shell.session.edit(edit)


def forget_places(shell: Shell) -> None:
    """The run will not come by what came after this stop."""
    here = shell.stop.position
    shell.bookmarks = {name: place for name, place in shell.bookmarks.items()
                       if place.order <= here.order}


def assign(shell: Shell, text: str) -> None:
    """A register or memory."""
    shell.must_go_on()
    target, equals, rest = text.partition("=")
    target = target.strip()
    if not equals or not rest.strip() or rest.startswith("="):
        raise CommandError("write `set $a0 = EXPR` or `set *(u32*)ADDRESS = EXPR`")
    task = shell.living
    if shell.stop.kind is Kind.TRAP and target in ("$pc", "pc"):
        raise CommandError("at a trap pc is the instruction's that trapped; `return` first, or `step`")
    value = shell.value(rest)
    position = shell.stop.position
    if target.startswith("*"):
        address_text, size = pointed(target)
        address = shell.address(address_text)
        data = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        if address + size > TASK_SIZE or memory.read(task, address, size) is None:
            raise CommandError(f"memory at {address:#x} cannot be changed")
        change(shell, WriteMemory(position, number_of(task), address, data))
        if memory.read(task, address, size) != data:
            raise CommandError(f"memory at {address:#x} cannot be changed")
        return
    name = target.removeprefix("$")
    if registers.read(task, name) is None:
        raise CommandError(f"there is no register {target!r}")
    if name == "pc" and value & 1:
        raise CommandError("no instruction can be there")
    change(shell, SetRegister(position, number_of(task), name, value))


def inject(shell: Shell, text: str) -> None:
    """A result for a call that is not made."""
    shell.must_go_on()
    name = text.upper().removeprefix("-")
    if not text:
        raise CommandError("say what: a result, or an error's name")
    result = -ERRNOS[name] if name in ERRNOS else shell.value(text)
    task, stop = shell.living, shell.stop
    if stop.kind is Kind.TRAP and stop.cause == ECALL and task is stop.task:
        change(shell, Inject(stop.position, result))
        shell.say(f"the call is not made; its result is {result}")
    else:
        shell.session.injections[number_of(task)] = result
        shell.session.aim()
        shell.say(f"the next call of {number_of(task)} will not be made; its result will be {result}")


def give_input(shell: Shell, text: str) -> None:
    """A line of input."""
    give(shell, f"{text}\n".encode() if text else b"")


def give(shell: Shell, data: bytes) -> None:
    """Give the guest input; nothing: its end. Raises CommandError: it has another source."""
    source = shell.session.console.typed
    if source is None:
        raise CommandError("the guest's input comes from --stdin")
    if shell.session.console.replaying:
        forget_places(shell)
        shell.session.forget_ahead()
        shell.session.console.forget_returning()
        shell.say("what was typed after this point is forgotten")
    if data:
        source.type(data)
    else:
        source.end()


COMMANDS = (
    Command("set", "e", "set $REGISTER = EXPR | set *(TYPE*)ADDRESS = EXPR", "change a register or memory", assign,
            (("set $a0 = 5", ""), ("set *(u8*)buffer = 'x'", "")), "register symbol"),
    Command("inject", "I", "inject RESULT|ERRNO", "let the call here, or the task's next one, not be made", inject,
            (("inject ENOSPC", "at `write`: the disk is full"), ("inject 0", ""))),
    Command("input", "<", "input [TEXT]", "give the guest a line of input; without TEXT, its end", give_input,
            (("input ls -l", ""), ("input", "as Ctrl-D"))),
)
