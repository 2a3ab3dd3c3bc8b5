/* Runs the script /script on the files of solproc: a debugger that knows nothing and tries everything.
 *
 * An operation is {int kind, target, name, length; long number; bytes}. Whatever it does, the program ends.
 */
#include "solproc.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>

static const char *const names[] = {"as", "ctl", "status", "lstatus", "psinfo", "lpsinfo", "map", "rmap", "xmap",
                                    "cred", "sigact", "auxv", "usage", "lusage", "pagedata", "watch", "cwd", "root",
                                    "fd", "object", "lwp", "", "lwp/%d/lwpctl", "lwp/%d/lwpstatus", "lwp/%d/lwpsinfo",
                                    "lwp/%d/lwpusage", "lwp/%d/xregs", "lwp/agent/lwpctl", "lwp/agent/lwpstatus",
                                    "fd/0", "fd/1", "object/a.out", "cwd/script", "nothing"};
enum { NAMES = sizeof names / sizeof *names, FILES = 16 };

struct operation {
    int kind, target, name, length;
    long number;
};

static void *busy(void *unused)
{
    for (;;) {
        for (int round = 0; round < 5000; round++)
            counter++;
        syscall(SYS_getppid);
    }
    return unused;
}

static void nobody(int signo) { (void)signo; }

static pid_t target(int kind)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    signal(SIGUSR1, nobody);
    pthread_t thread;
    if (kind == 1)
        pthread_create(&thread, NULL, busy, NULL);
    for (long round = 0;; round++) {
        if (kind == 0)
            pause();
        if (kind == 1)
            counter += round;
        if (kind == 2 && fork() == 0)
            _exit(0);
        if (kind == 2) {
            wait(NULL);
            pass_ms(1);
        }
    }
}

CASE(script)
{
    static char script[1 << 16], data[1 << 16];
    pid_t targets[5];
    int file = open("/script", O_RDONLY);
    long size = read(file, script, sizeof script);
    close(file);
    for (int at = 0; at < 3; at++)
        targets[at] = target(at);
    if ((targets[3] = fork()) == 0)
        _exit(0);                                           /* a zombie */
    pid_t player = fork();
    if (player == 0) {
        targets[4] = getpid();
        struct sigaction action = {.sa_handler = nobody};
        sigaction(SIGALRM, &action, NULL);
        int files[FILES];
        memset(files, -1, sizeof files);
        pass_ms(2);
        for (char *at = script; at + sizeof(struct operation) <= script + size;) {
            struct operation one;
            memcpy(&one, at, sizeof one);
            at += sizeof one;
            char *bytes = at;
            at += one.length;
            if (at > script + size)
                break;
            setitimer(ITIMER_REAL, &(struct itimerval){{0, 1000}, {0, 1000}}, NULL);
            int *fd = &files[(unsigned)one.name % FILES];
            char name[64];
            snprintf(name, sizeof name, names[(unsigned)one.name % NAMES], targets[one.target % 5]);
            switch (one.kind) {
            case 0:
                if (*fd >= 0)
                    close(*fd);
                *fd = open_of(targets[one.target % 5], name, (int)one.number);
                break;
            case 1:
                (void)!write(*fd, bytes, one.length);
                break;
            case 2:
                (void)!pread(*fd, data, (unsigned)one.length * 16, one.number);
                break;
            case 3:
                (void)!pwrite(*fd, bytes, one.length, one.number);
                break;
            case 4:
                kill(targets[one.target % 4], (int)one.number);
                break;
            case 5:
                (void)!syscall(SYS_getdents64, *fd, data, one.length * 8);
                break;
            case 6:
                poll(&(struct pollfd){*fd, (short)one.number, 0}, 1, 2);
                break;
            case 7:
                lseek(*fd, one.number, one.length);
                (void)!read(*fd, data, sizeof data);
                break;
            }
        }
        _exit(0);
    }
    /* Whatever became of them: whoever stands still ends. */
    for (int round = 0; round < 100 && waitpid(player, NULL, WNOHANG) != player; round++)
        pass_ms(1);
    for (int at = 0; at < 3; at++)
        kill(targets[at], SIGKILL);
    kill(player, SIGKILL);
    while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
        pass_ms(1);
}
