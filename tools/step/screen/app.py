"""The terminal's side: the panes, the command line, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    BufferControl,
    CompletionsMenu,
    Dimension,
    DynamicContainer,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.styles import Style

from rvsim.tools.plain import plain
from rvsim.tools.step.screen.layout import LEAST_COLUMNS, LEAST_ROWS, Sizes, sizes
from rvsim.tools.step.screen.panes import Content, Pane, panes, title
from rvsim.tools.step.screen.shell import Board, Wish
from rvsim.tools.step.screen.text import Line

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import ColorDepth

KEYS = (
    ("t", "trap", "run to the next trap"),
    ("T", "mytrap", "run to the next trap of this process"),
    ("r", "return", "let the kernel act, and stop before the program goes on"),
    ("s", "step", "run one instruction"),
    ("n", "over", "run one instruction, but a function call as a whole"),
    ("f", "finish", "run until this function has returned"),
    ("c", "continue", "run until a breakpoint, a watch or a catch"),
    ("b", "back", "go back one trap"),
    ("B", "back step", "go back one instruction"),
    ("k", "bt", "the functions that called each other"),
    ("m", "maps", "the memory areas of the process"),
    ("S", "sched", "who runs, who is next, and what the others wait for"),
)
"""Key, command, meaning."""

OTHER_KEYS = (
    (":", "the command line, with completion (Tab) and history (up, down); Escape leaves it"),
    ("i", "a line of input for the guest; if it waited for that, it goes on"),
    ("Enter", "the last command again, if it ran or went back"),
    ("Ctrl-C", "stop the machine while it runs"),
    ("Tab", "choose the pane that PageUp, PageDown, up and down scroll"),
    ("Ctrl-L", "draw the screen again"),
    ("?", "these keys; `:help` lists the commands"),
    ("Ctrl-Z", "stop rvsim; the shell's `fg` goes on with it"),
    ("q", "leave, as Ctrl-D does; `:quit STATUS` says with which exit status"),
)

SHOWN_KEYS = (("t", "trap"), ("r", "return"), ("s", "step"), ("n", "over"), ("c", "continue"), ("b", "back"),
              ("i", "input"), (":", "command"), ("?", "keys"), ("q", "quit"))
"""What the last line has room for."""

STYLE = Style([
    ("bar", "reverse"), ("title", "reverse bold"), ("running", "reverse bold fg:ansiyellow"),
    ("heading", "bold fg:ansicyan"), ("chosen", "bold reverse"), ("head", "bold"), ("changed", "bold fg:ansiyellow"),
    ("address", "fg:ansicyan"), ("here", "bold fg:ansigreen"), ("error", "bold fg:ansired"),
    ("dim", "fg:ansibrightblack"), ("name", "fg:ansimagenta"), ("key", "bold"),
])


class Screen:
    """The view as an application of prompt_toolkit; `run` returns when `close` is called, from any thread.

    Args:
        leave: called when somebody wants to leave.
        stop: called when somebody wants the running machine to stop.
    """

    def __init__(self, board: Board, program: str, completer: Completer, history: str | None, leave: Callable[[], None],
                 stop: Callable[[], None], depth: ColorDepth | None, **terminal: Any) -> None:
        self.board = board
        self.program = program
        self._leave = leave
        self._stop = stop
        self._helping = False
        self._hint = ""
        self._panes = panes(board)
        self._chosen = "output"
        past: History = FileHistory(history) if history is not None else InMemoryHistory()
        self._commands = Buffer(name="command", history=past, completer=completer, multiline=False,
                                complete_while_typing=False, enable_history_search=True, accept_handler=self._accept)
        self._input = Buffer(name="input", history=InMemoryHistory(), multiline=False, accept_handler=self._accept)
        self._idle = FormattedTextControl(self._idle_line, focusable=True, show_cursor=False)
        self._tall: dict[Sizes, Any] = {}
        body = DynamicContainer(self._body)
        root = FloatContainer(
            HSplit([body, DynamicContainer(self._bottom), self._bar(self._keys_line)]),
            [Float(CompletionsMenu(max_height=8), xcursor=True, ycursor=True)])
        self._command_window = Window(BufferControl(self._commands), height=1, get_line_prefix=lambda n, w: ":")
        self._input_window = Window(BufferControl(self._input), height=1, get_line_prefix=lambda n, w: "input: ")
        self._idle_window = Window(self._idle, height=1)
        self._mode = self._idle_window
        self.app: Application[None] = Application(
            layout=Layout(root, focused_element=self._idle_window), key_bindings=self._bindings(), style=STYLE,
            full_screen=True, color_depth=depth, min_redraw_interval=0.02, **terminal)
        self.app.ttimeoutlen = 0.05
        board.changed = self._changed

    def run(self, begin: Callable[[], None]) -> None:
        """Show the view until it is closed; `begin` is called when it is there."""
        self.app.run(pre_run=begin)

    def close(self) -> None:
        """End `run`."""
        loop = self.app.loop
        if loop is not None:
            loop.call_soon_threadsafe(lambda: None if self.app.is_done else self.app.exit())

    def _changed(self) -> None:
        if not self.board.running:
            for pane in self._panes.values():
                pane.scrolled = 0
        self.app.invalidate()

    # ---- what is shown

    def _body(self) -> Any:
        size = get_app().output.get_size()
        if self._helping:
            return Window(Pane("help", lambda width, height: Content(_help())))
        if size.rows < LEAST_ROWS or size.columns < LEAST_COLUMNS:
            text = f"rvsim step --screen wants {LEAST_COLUMNS}x{LEAST_ROWS}; this is {size.columns}x{size.rows}"
            return Window(FormattedTextControl(text), wrap_lines=True)
        shape = sizes(size.rows, size.columns)
        if shape not in self._tall:
            self._tall = {shape: self._shaped(shape)}
        return self._tall[shape]

    def _shaped(self, shape: Sizes) -> Any:
        def pane(name: str, rows: int) -> list[Any]:
            heading = FormattedTextControl(lambda: self._heading(name))
            return [Window(heading, height=1, char="─", style="class:heading"),
                    Window(self._panes[name], height=Dimension.exact(rows), ignore_content_width=True)]

        left = HSplit([*pane("traps", shape.traps), *pane("code", shape.code)])
        right = HSplit([*pane("registers", shape.registers), *pane("processes", shape.tasks),
                        *pane("console", shape.console)], width=shape.right)
        return HSplit([self._bar(lambda: list(title(self.board, self.program))),
                       VSplit([left, Window(width=1, char="│", style="class:heading"), right]),
                       *pane("output", shape.said)])

    @staticmethod
    def _bar(text: Callable[[], Any]) -> Window:
        return Window(FormattedTextControl(text), height=1, style="class:bar")

    def _heading(self, name: str) -> Line:
        shown = f" {name} of {self.board.view.who} " if name == "registers" and self.board.view.who else f" {name} "
        return [("class:chosen" if name == self._chosen else "", shown)]

    def _bottom(self) -> Window:
        return self._mode

    def _idle_line(self) -> Line:
        if self._hint:
            return [("class:error", self._hint)]
        if self.board.running:
            return [("class:dim", "the machine runs")]
        if self.board.view.waiting:
            return [("class:changed", "the guest waits for input: i types a line; `:input` without text ends it")]
        return [("class:dim", "a key, or : and a command")]

    def _keys_line(self) -> Line:
        if self._helping:
            return [("class:bar", " any key goes back ")]
        if self._mode is not self._idle_window:
            return [("class:bar", " Enter: do it   Escape: back to the keys ")]
        found = []
        for key, name in SHOWN_KEYS:
            found += [("class:title", f" {key}"), ("class:bar", f" {name}")]
        return found

    # ---- keys

    def _wish(self, wish: Wish) -> None:
        self._hint = ""
        self.board.wish(wish)

    def _accept(self, buffer: Buffer) -> bool:
        text = "\n".join(map(plain, buffer.text.splitlines()))
        if self._mode is self._input_window:
            self._wish(Wish(text, typed=True))
        elif text.strip():
            self._wish(Wish(text, echo=True))
        self._turn_to(self._idle_window)
        return False

    def _turn_to(self, window: Window) -> None:
        self._mode = window
        self._hint = ""
        self.app.layout.focus(window)

    def _scroll(self, lines: int) -> None:
        self._panes[self._chosen].scrolled += lines

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()
        helping = Condition(lambda: self._helping)
        idle = Condition(lambda: self._mode is self._idle_window and not self._helping)
        typing = Condition(lambda: self._mode is not self._idle_window and not self._helping)

        def bind(key: str, act: Callable[[], object], when: Condition = idle) -> None:
            def pressed(event: KeyPressEvent) -> None:
                self._hint = ""
                act()

            keys.add(key, filter=when)(pressed)

        def unknown(event: KeyPressEvent) -> None:
            key = event.key_sequence[-1].key
            name = plain(event.data) if event.data.isprintable() else str(getattr(key, "value", key))
            self._hint = f"no command has the key {name}: ? shows the keys, : begins a command"

        def pasted(event: KeyPressEvent) -> None:
            self._turn_to(self._command_window)
            self._commands.insert_text("\n".join(event.data.splitlines()))

        keys.add(Keys.Any, filter=idle)(unknown)
        keys.add(Keys.BracketedPaste, filter=idle)(pasted)
        for key, command, _meaning in KEYS:
            bind(key, lambda command=command: self._wish(Wish(command)))  # type: ignore[misc]
        bind("enter", lambda: self._wish(Wish("")))
        bind(":", lambda: self._turn_to(self._command_window))
        bind("i", lambda: self._turn_to(self._input_window))
        bind("?", lambda: self._help(True))
        bind("q", self._leave)
        bind("c-d", self._leave)
        bind("tab", self._choose)
        bind("up", lambda: self._scroll(-1))
        bind("down", lambda: self._scroll(1))
        bind("pageup", lambda: self._scroll(-self._panes[self._chosen].height))
        bind("pagedown", lambda: self._scroll(self._panes[self._chosen].height))
        bind("escape", lambda: self._turn_to(self._idle_window), typing)
        bind("c-d", self._leave_line, typing)
        keys.add(Keys.Any, filter=helping)(lambda event: self._help(False))
        for key in ("c-c", "<sigint>"):
            keys.add(key)(lambda event: self._interrupt())
        keys.add("c-l")(lambda event: event.app.renderer.clear())
        keys.add("c-z")(lambda event: event.app.suspend_to_background())
        return keys

    def _leave_line(self) -> None:
        """Ctrl-D on an empty line: the end of the guest's input, or back to the keys."""
        buffer = self.app.current_buffer
        if not buffer.text:
            if self._mode is self._input_window:
                self._wish(Wish("input", echo=True))
            self._turn_to(self._idle_window)
        else:
            buffer.delete()

    def _help(self, on: bool) -> None:
        self._helping = on

    def _choose(self) -> None:
        names = list(self._panes)
        self._chosen = names[(names.index(self._chosen) + 1) % len(names)]

    def _interrupt(self) -> None:
        if self._mode is not self._idle_window:
            self.app.current_buffer.reset()
            self._turn_to(self._idle_window)
        self._helping = False
        self._hint = ""
        self._stop()


def _help() -> list[Line]:
    lines: list[Line] = [[("class:head", "Keys")]]
    lines += [[("class:key", f"  {key:8}"), ("", f"{command:10} {meaning}")] for key, command, meaning in KEYS]
    lines += [[("class:key", f"  {key:8}"), ("", meaning)] for key, meaning in OTHER_KEYS]
    return lines
