"""The terminal's settings: flags, special characters, layouts. include/uapi/asm-generic/termbits.h

struct termios (TCGETS, 36 bytes): c_iflag, c_oflag, c_cflag, c_lflag (u32 each), c_line (u8), c_cc[19].
struct termios2 (TCGETS2, 44 bytes): the same, then c_ispeed and c_ospeed (u32).
struct termio (TCGETA, 18 bytes): the four flags as u16, c_line, c_cc[8], one byte of padding.
struct winsize (8 bytes): ws_row, ws_col, ws_xpixel, ws_ypixel (u16).
"""

from __future__ import annotations

import struct

TERMIOS = struct.Struct("<IIIIB19s")
TERMIOS2 = struct.Struct("<IIIIB19sII")
TERMIO = struct.Struct("<HHHHB8sx")
WINSIZE = struct.Struct("<HHHH")
NCCS = 19

VINTR = 0
VQUIT = 1
VERASE = 2
VKILL = 3
VEOF = 4
VTIME = 5
VMIN = 6
VSWTC = 7
VSTART = 8
VSTOP = 9
VSUSP = 10
VEOL = 11
VREPRINT = 12
VDISCARD = 13
VWERASE = 14
VLNEXT = 15
VEOL2 = 16

IGNBRK = 0o1
BRKINT = 0o2
IGNPAR = 0o4
PARMRK = 0o10
INPCK = 0o20
ISTRIP = 0o40
INLCR = 0o100
IGNCR = 0o200
ICRNL = 0o400
IUCLC = 0o1000
IXON = 0o2000
IXANY = 0o4000
IXOFF = 0o10000
IMAXBEL = 0o20000
IUTF8 = 0o40000

OPOST = 0o1
OLCUC = 0o2
ONLCR = 0o4
OCRNL = 0o10
ONOCR = 0o20
ONLRET = 0o40
OFILL = 0o100
OFDEL = 0o200
TABDLY = 0o14000
XTABS = 0o14000

CBAUD = 0o10017
B0 = 0
B38400 = 0o17
CSIZE = 0o60
CS8 = 0o60
CREAD = 0o200
PARENB = 0o400
HUPCL = 0o2000
CLOCAL = 0o4000

ISIG = 0o1
ICANON = 0o2
XCASE = 0o4
ECHO = 0o10
ECHOE = 0o20
ECHOK = 0o40
ECHONL = 0o100
NOFLSH = 0o200
TOSTOP = 0o400
ECHOCTL = 0o1000
ECHOPRT = 0o2000
ECHOKE = 0o4000
FLUSHO = 0o10000
PENDIN = 0o40000
IEXTEN = 0o100000
EXTPROC = 0o200000

BAUD_RATES = (0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400)
"""Of the codes B0 to B38400."""

DEFAULT_CC = bytes((3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0))
"""INIT_C_CC: ^C ^\\ DEL ^U ^D, VTIME 0, VMIN 1, -, ^Q ^S ^Z, -, ^R ^O ^W ^V, -."""
