/* Shows what processes ask the kernel for: truss [OPTION...] COMMAND [ARGUMENT...], or -p PID... of processes that run
 * already, which go on when truss ends. System calls with their arguments and results, signals and faults; --help lists
 * the options. It controls them through /system/proc, and nobody else can meanwhile.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <names.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truss.h"

enum { SYS_EXIT = 93, SYS_EXIT_GROUP = 94, SYS_CLONE = 220, SYS_EXECVE = 221, SYS_EXECVEAT = 281, SYS_CLONE3 = 435 };
enum { CLONE_VFORK = 0x4000, LAST_CALL = 511 };

static const char usage[] =
    "usage: truss [-acf] [-o FILE] [-t [!]CALL,...] [-s [!]SIGNAL,...] [-m [!]FAULT,...] COMMAND [ARGUMENT...]\n"
    "       truss [-acf] [-o FILE] [-t [!]CALL,...] [-s [!]SIGNAL,...] [-m [!]FAULT,...] -p PID...\n"
    "  -a  the arguments of each exec     -c  count instead of showing    -f  processes that they make too\n"
    "  -o  the lines go to FILE           -t, -s, -m  only these calls, signals, faults; with !, all but these\n";

struct options options;
struct victim *victims;
static volatile sig_atomic_t interrupted;

static void interrupt(int number) { interrupted = number; }

/* ---- which events */

/* Calls that must be stopped at: beside what is shown, what truss itself has to know of. */
static bool set_traces(struct victim *victim)
{
    sysset_t entry = {{0}}, leave = options.shown;
    SYS_ADD(&entry, SYS_EXECVE);
    SYS_ADD(&entry, SYS_EXECVEAT);
    SYS_ADD(&leave, SYS_EXECVE);
    SYS_ADD(&leave, SYS_EXECVEAT);
    if (!victim->starting) {
        SYS_ADD(&entry, SYS_EXIT);
        SYS_ADD(&entry, SYS_EXIT_GROUP);
    } else {
        memset(&leave, 0, sizeof leave);
        SYS_ADD(&leave, SYS_EXECVE);
    }
    if (options.follow) {
        SYS_ADD(&entry, SYS_CLONE);
        SYS_ADD(&entry, SYS_CLONE3);
        SYS_ADD(&leave, SYS_CLONE);
        SYS_ADD(&leave, SYS_CLONE3);
    }
    return sol_tell_long(victim->ctl, PCSET, PR_RLC | (options.follow && !victim->starting ? PR_FORK : 0))
           && sol_tell(victim->ctl, PCSENTRY, &entry, sizeof entry)
           && sol_tell(victim->ctl, PCSEXIT, &leave, sizeof leave)
           && (victim->starting || (sol_tell(victim->ctl, PCSTRACE, &options.signals, sizeof options.signals)
                                    && sol_tell(victim->ctl, PCSFAULT, &options.faults, sizeof options.faults)));
}

/* ---- taking processes and letting them go */

static struct victim *find(int pid)
{
    struct victim *victim = victims;
    while (victim && victim->pid != pid)
        victim = victim->next;
    return victim;
}

static void forget(struct victim *victim)
{
    struct victim **link = &victims;
    while (*link != victim)
        link = &(*link)->next;
    *link = victim->next;
    close(victim->psinfo);
    close(victim->status);
    close(victim->as);
    close(victim->ctl); /* the last that may write: the process goes on */
    free(victim->exec);
    free(victim);
}

/* NULL: see errno. */
static struct victim *take(int pid, bool starting)
{
    struct victim *victim = must(calloc(1, sizeof *victim));
    *victim = (struct victim){.pid = pid, .starting = starting, .next = victims};
    victims = victim;
    victim->psinfo = sol_open(pid, "psinfo", O_RDONLY);
    victim->as = sol_open(pid, "as", O_RDWR | O_EXCL); /* from now on it is ours alone */
    victim->status = victim->as < 0 ? -1 : sol_open(pid, "status", O_RDONLY);
    victim->ctl = victim->status < 0 ? -1 : sol_open(pid, "ctl", O_WRONLY);
    if (victim->ctl >= 0 && set_traces(victim))
        return victim;
    int why = errno;
    forget(victim);
    errno = why;
    return NULL;
}

static void take_child(int pid)
{
    options.many = true;
    if (pid > 0 && !find(pid) && !take(pid, false) && errno != ENOENT) /* ENOENT: a thread, or it is gone */
        sol_complain(pid);
}

/* Processes that a victim in vfork has made: it cannot say so before they let it. */
static void take_children_of(struct victim *victim)
{
    int *pids, count = sol_pids(&pids);
    psinfo_t info;
    for (int i = 0; i < count; i++)
        if (!find(pids[i]) && sol_get(pids[i], "psinfo", &info, sizeof info) && info.pr_ppid == victim->pid
            && info.pr_flag & PR_FORK) {
            take_child(pids[i]);
            victim->made_fork = false;
        }
    if (count >= 0)
        free(pids);
}

static void let_go(struct victim *victim)
{
    sysset_t none = {{0}};
    sol_tell_long(victim->ctl, PCUNSET, PR_FORK);
    sol_tell(victim->ctl, PCSENTRY, &none, sizeof none);
    sol_tell(victim->ctl, PCSEXIT, &none, sizeof none);
    count_time(victim);
    forget(victim);
}

/* The command in a process of its own, which waits until it is traced. */
static int start(char **command)
{
    int ends[2];
    char byte = 0;
    if (pipe(ends) < 0)
        err(1, "pipe");
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child == 0) {
        close(ends[1]);
        read(ends[0], &byte, 1);
        close(ends[0]);
        execvp(command[0], command);
        int code = errno == ENOENT ? 127 : 126;
        warn("%s", command[0]);
        _exit(code);
    }
    if (!take(child, true))
        err(1, "%s", sol_path(child, "as"));
    close(ends[0]);
    close(ends[1]);
    return child;
}

/* ---- the loop */

static void note_fork(struct victim *victim, const lwpstatus_t *lwp)
{
    unsigned long flags = (unsigned long)lwp->pr_sysarg[0];
    if (lwp->pr_what == SYS_CLONE3 && pread(victim->as, &flags, sizeof flags, lwp->pr_sysarg[0]) != sizeof flags)
        return;
    victim->made_fork = flags & CLONE_VFORK;
}

static void serve(struct victim *victim)
{
    pstatus_t status;
    if (pread(victim->status, &status, sizeof status, 0) != sizeof status || !(status.pr_flags & PR_ISTOP))
        return;
    const lwpstatus_t *lwp = &status.pr_lwp;
    show_event(victim, &status);
    bool clone = lwp->pr_what == SYS_CLONE || lwp->pr_what == SYS_CLONE3;
    if (lwp->pr_why == PR_SYSENTRY && clone && options.follow)
        note_fork(victim, lwp);
    if (lwp->pr_why == PR_SYSEXIT && clone) {
        victim->made_fork = false;
        if (options.follow && !lwp->pr_errno)
            take_child((int)lwp->pr_rval1);
    }
    if (victim->starting && lwp->pr_why == PR_SYSEXIT && !lwp->pr_errno) {
        victim->starting = false;
        set_traces(victim);
    }
    sol_tell_long(victim->ctl, PCRUN, 0);
}

static void watch(void)
{
    struct pollfd *files = NULL;
    while (victims && !interrupted) {
        int count = 0, limit = -1;
        for (struct victim *victim = victims; victim; victim = victim->next) {
            files = must(realloc(files, (size_t)(count + 1) * sizeof *files));
            files[count++] = (struct pollfd){victim->ctl, POLLPRI, 0};
            if (victim->made_fork)
                limit = 1;
            else if (!victim->told && limit < 0)
                limit = 1000;
        }
        int ready = poll(files, (unsigned long)count, limit);
        if (ready < 0 && errno != EINTR)
            err(1, "poll");
        struct victim *next;
        int at = 0;
        for (struct victim *victim = victims; victim && at < count; victim = next, at++) {
            while (victim && victim->ctl != files[at].fd) /* children that came meanwhile stand in front */
                victim = victim->next;
            if (!victim)
                break;
            next = victim->next;
            if (ready == 0 && limit == 1000)
                show_sleep(victim);
            if (files[at].revents & POLLHUP) {
                show_end(victim);
                forget(victim);
            } else if (files[at].revents & (POLLERR | POLLNVAL)) {
                warnx("%d: it runs a program that may not be traced", victim->pid);
                forget(victim);
            } else if (files[at].revents & POLLPRI) {
                serve(victim);
            }
        }
        for (struct victim *victim = victims; victim; victim = victim->next)
            if (victim->made_fork)
                take_children_of(victim);
    }
    free(files);
}

/* ---- the command line */

/* A list of names into a set of `last` elements; with ! in front, all but these. */
static void parse_set(const char *list, uint32_t *words, int last, int (*number_of)(const char *name), const char *what)
{
    bool all_but = *list == '!';
    list += all_but;
    memset(words, all_but ? 0xff : 0, (size_t)(last + 32) / 32 * 4);
    while (*list) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(list, ","), list);
        list += strcspn(list, ","), list += *list == ',';
        if (strcmp(name, "all") == 0 || strcmp(name, "none") == 0) {
            memset(words, (*name == 'a') != all_but ? 0xff : 0, (size_t)(last + 32) / 32 * 4);
            continue;
        }
        int number = number_of(name);
        if (number <= 0 || number > last)
            errx(2, number ? "%s: no such %s" : "%s: this %s cannot be traced", name, what);
        uint32_t bit = 1u << (number - 1) % 32;
        if (all_but)
            words[(number - 1) / 32] &= ~bit;
        else
            words[(number - 1) / 32] |= bit;
    }
}

static bool read_options(int argc, char **argv)
{
    bool attach = false;
    memset(&options.shown, 0xff, sizeof options.shown);
    memset(&options.signals, 0xff, sizeof options.signals);
    options.faults.word[0] = ~(1u << (FLTPAGE - 1)) & ~(1u << (FLTTRACE - 1)) & ~(1u << (FLTWATCH - 1));
    for (int option; (option = getopt(argc, argv, "acfo:t:s:m:p")) >= 0;) {
        switch (option) {
        case 'a': options.arguments = true; break;
        case 'c': options.count = true; break;
        case 'f': options.follow = options.many = true; break;
        case 'o': {
            int fd = open(optarg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
            if (fd < 0)
                err(1, "%s", optarg);
            out_to(fd);
            break;
        }
        case 't': parse_set(optarg, options.shown.word, LAST_CALL, call_number, "call"); break;
        case 's': parse_set(optarg, options.signals.word, 64, signal_number, "signal"); break;
        case 'm': parse_set(optarg, options.faults.word, FLTWATCH, fault_number, "fault"); break;
        case 'p': attach = true; break;
        default: wrong_usage();
        }
    }
    if (optind >= argc)
        wrong_usage();
    return attach;
}

int main(int argc, char **argv)
{
    int status = 0, child = 0, pid;
    begin("truss", usage, argc, argv);
    bool attach = read_options(argc, argv);
    struct sigaction action = {.sa_handler = interrupt};
    if (!attach)
        child = start(argv + optind);
    options.many = options.many || (attach && optind + 1 < argc);
    for (; attach && optind < argc; optind++) {
        if (!sol_pid(argv[optind], &pid, NULL)) {
            status = 1;
        } else if (pid == getpid() || !take(pid, false)) {
            if (pid == getpid())
                errno = EBUSY;
            sol_complain(pid);
            status = 1;
        }
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    watch();
    while (victims)
        let_go(victims);
    if (options.count)
        show_counts();
    if (!child)
        return status;
    if (interrupted)
        return 128 + (int)interrupted;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
