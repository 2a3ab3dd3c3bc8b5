/* Terminal settings of riscv64 Linux (asm-generic/termbits.h). */
#ifndef TERMIOS_H
#define TERMIOS_H

#include <sys/types.h>

#define NCCS 19

typedef unsigned tcflag_t;
typedef unsigned char cc_t;

struct termios {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_line;
    cc_t c_cc[NCCS];
};

/* c_cc */
#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VTIME 5
#define VMIN 6
#define VSTART 8
#define VSTOP 9
#define VSUSP 10
#define VREPRINT 12
#define VWERASE 14
#define VLNEXT 15

/* c_iflag, c_oflag */
#define BRKINT 0002
#define INPCK 0020
#define ISTRIP 0040
#define INLCR 0100
#define IGNCR 0200
#define ICRNL 0400
#define IXON 02000
#define OPOST 0001
#define ONLCR 0004

/* c_cflag */
#define CS8 060
#define CREAD 0200
#define B38400 017

/* c_lflag */
#define ISIG 0001
#define ICANON 0002
#define ECHO 0010
#define ECHOE 0020
#define ECHOK 0040
#define ECHOCTL 01000
#define ECHOKE 04000
#define IEXTEN 0100000

#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2

int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);

#endif
