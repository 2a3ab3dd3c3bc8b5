/* Signals of riscv64 Linux (asm-generic/signal.h). The kernel's own trampoline returns from a handler. */
#ifndef SIGNAL_H
#define SIGNAL_H

#include <sys/types.h>

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGWINCH 28

#define SA_RESTART 0x10000000

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

typedef struct { /* what waitid fills in for a child */
    int si_signo, si_errno, si_code, padding;
    pid_t si_pid;
    uid_t si_uid;
    int si_status;
    int rest[25];
} siginfo_t;

typedef void (*sighandler_t)(int);
#define SIG_ERR ((sighandler_t)-1)
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)

typedef int sig_atomic_t;

typedef struct { unsigned long bits; } sigset_t; /* bit n - 1 for signal n */

struct sigaction { /* as the kernel has it */
    sighandler_t sa_handler;
    unsigned long sa_flags;
    sigset_t sa_mask;
};

int sigaction(int number, const struct sigaction *action, struct sigaction *old);
sighandler_t signal(int number, sighandler_t handler); /* with SA_RESTART */
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int kill(pid_t pid, int number);
int raise(int number);

static inline int sigemptyset(sigset_t *set) { set->bits = 0; return 0; }
static inline int sigaddset(sigset_t *set, int number) { set->bits |= 1UL << (number - 1); return 0; }

#endif
