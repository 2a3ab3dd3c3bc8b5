"""`help`: the commands, and each with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.step.registry import Command, find

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell


def help_for(shell: Shell, text: str) -> None:
    """All commands, or one."""
    if not text:
        for command in shell.commands:
            shell.say(f"{command.letter} {command.name:12} {command.summary}")
        shell.say("An empty line repeats a command that runs or goes back; `help COMMAND` shows examples; several "
                  "commands stand in a line with ; between.")
        return
    command = find(shell.commands, text.split()[0])
    shell.say(f"{command.usage}    (short: {command.letter})")
    shell.say(f"  {command.summary}")
    for example, meaning in command.examples:
        shell.say(f"    {example:32} {meaning}".rstrip())


COMMANDS = (Command("help", "h", "help [COMMAND]", "this list, or one command with examples", help_for,
                    (("help break", ""),), "command"),)
