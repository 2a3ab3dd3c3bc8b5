/* What was started: waiting for it, who has the terminal, and what to say about it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"

#ifndef TIOCSCTTY
#define TIOCSCTTY 0x540e
#endif

enum { JOBS = 64 };

bool interactive, job_control;

static struct job jobs[JOBS];
static struct termios cooked;

/* The terminal as programs expect it, whatever it was when the shell started. */
static void define_cooked(void)
{
    tcgetattr(STDIN_FILENO, &cooked); /* for the speed and what we do not name */
    cooked.c_iflag = (cooked.c_iflag | ICRNL | IXON | BRKINT) & ~(tcflag_t)(INLCR | IGNCR | ISTRIP);
    cooked.c_oflag |= OPOST | ONLCR;
    cooked.c_cflag |= CS8 | CREAD;
    cooked.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    cooked.c_cc[VINTR] = 3;
    cooked.c_cc[VQUIT] = 28;
    cooked.c_cc[VERASE] = 127;
    cooked.c_cc[VKILL] = 21;
    cooked.c_cc[VEOF] = 4;
    cooked.c_cc[VSUSP] = 26;
    cooked.c_cc[VSTART] = 17;
    cooked.c_cc[VSTOP] = 19;
    cooked.c_cc[VMIN] = 1;
    cooked.c_cc[VTIME] = 0;
}

void terminal_cooked(void) { tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked); }

/* Every key at once and without an echo; what we print still gets its carriage returns. */
void terminal_raw(void)
{
    struct termios raw = cooked;
    raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON | BRKINT);
    raw.c_lflag &= ~(tcflag_t)(ISIG | ICANON | ECHO | IEXTEN);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

/* Take the terminal: a process group of our own, in its foreground. Without that, run jobs in our own group. */
void job_control_start(void)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    setpgid(0, 0); /* fails for a session's leader, who has one */
    if (tcsetpgrp(STDIN_FILENO, getpgrp()) < 0 && setsid() >= 0 && ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0)
        tcsetpgrp(STDIN_FILENO, getpgrp());
    job_control = tcgetpgrp(STDIN_FILENO) == getpgrp();
    define_cooked();
}

struct job *job_new(const char *text, int count, bool background)
{
    int number = 1;
    for (struct job *job = NULL; (job = job_next(job));)
        if (job->number >= number)
            number = job->number + 1;
    for (int i = 0; i < JOBS; i++) {
        if (jobs[i].number)
            continue;
        pid_t *pids = calloc((size_t)count, sizeof *pids);
        char *copy = strdup(text);
        if (!pids || !copy)
            break;
        jobs[i] = (struct job){.number = number, .pids = pids, .background = background, .text = copy};
        return &jobs[i];
    }
    return NULL;
}

void job_forget(struct job *job)
{
    free(job->pids);
    free(job->text);
    *job = (struct job){0};
}

struct job *job_next(const struct job *after)
{
    for (const struct job *job = after ? after + 1 : jobs; job < jobs + JOBS; job++)
        if (job->number)
            return (struct job *)job;
    return NULL;
}

struct job *job_find(int number)
{
    struct job *found = NULL;
    for (struct job *job = NULL; (job = job_next(job));)
        if (number ? job->number == number : !found || job->number > found->number)
            found = job;
    return found;
}

/* Note what waitpid said about one process. */
static void note(pid_t pid, int status)
{
    for (struct job *job = NULL; (job = job_next(job));) {
        for (int i = 0; i < job->count; i++) {
            if (job->pids[i] != pid)
                continue;
            if (WIFSTOPPED(status)) {
                job->stopped = true;
                job->status = 128 + WSTOPSIG(status);
                job->reported = false;
                return;
            }
            job->pids[i] = 0;
            job->left--;
            if (i == job->count - 1) {
                job->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
                job->status = job->signal ? 128 + job->signal : WEXITSTATUS(status);
            }
            return;
        }
    }
}

static bool wait_for_change(int options)
{
    int status;
    pid_t pid;
    do
        pid = waitpid(-1, &status, options | (job_control ? WUNTRACED : 0));
    while (pid < 0 && errno == EINTR);
    if (pid > 0)
        note(pid, status);
    return pid > 0;
}

bool job_wait_any(void) { return wait_for_change(0); }

static const char *signal_words(int number)
{
    switch (number) {
    case SIGHUP: return "hung up";
    case SIGINT: return "interrupted";
    case SIGQUIT: return "quit";
    case SIGILL: return "illegal instruction";
    case SIGTRAP: return "trap";
    case SIGABRT: return "aborted";
    case SIGBUS: return "bus error";
    case SIGFPE: return "arithmetic error";
    case SIGKILL: return "killed";
    case SIGSEGV: return "segmentation fault";
    case SIGPIPE: return "broken pipe";
    case SIGTERM: return "terminated";
    default: return "ended by a signal";
    }
}

static void report(const struct job *job)
{
    dprintf(STDERR_FILENO, "[%d] ", job->number);
    if (job->left == 0 && job->signal)
        dprintf(STDERR_FILENO, "%s (signal %d)", signal_words(job->signal), job->signal);
    else if (job->left == 0 && job->status)
        dprintf(STDERR_FILENO, "exit %d", job->status);
    else
        dprintf(STDERR_FILENO, "%s", job->left == 0 ? "done" : job->stopped ? "stopped" : "running");
    dprintf(STDERR_FILENO, "\t%s\n", job->text);
}

void job_wait(struct job *job)
{
    while (job->left > 0 && !job->stopped)
        if (!wait_for_change(0))
            job->left = 0; /* somebody else waited for it */
    if (job_control) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        terminal_cooked();
    }
    last_status = job->status;
    if (job->stopped) {
        job->background = job->reported = true;
        dprintf(STDERR_FILENO, "\n");
        report(job);
        return;
    }
    if (job->signal == SIGINT && interactive)
        dprintf(STDERR_FILENO, "\n");
    else if (job->signal && job->signal != SIGINT && job->signal != SIGPIPE)
        dprintf(STDERR_FILENO, "sh: %s: %s (signal %d)\n", job->text, signal_words(job->signal), job->signal);
    job_forget(job);
}

void job_continue(struct job *job, bool foreground)
{
    dprintf(STDERR_FILENO, "%s\n", job->text);
    job->stopped = false;
    job->background = !foreground;
    if (job_control && foreground)
        tcsetpgrp(STDIN_FILENO, job->group);
    kill(-job->group, SIGCONT);
    if (foreground)
        job_wait(job);
}

bool job_words(struct vector *words)
{
    for (size_t i = 1; i < words->count; i++) {
        if (words->items[i][0] != '%')
            continue;
        char *end;
        long number = strtol(words->items[i] + 1, &end, 10);
        const struct job *job = *end || number < 0 || number > JOBS ? NULL : job_find((int)number);
        if (!job || job->group == 0) { /* 0: the job that this kill is */
            complain(words->items[i], "no such job");
            return false;
        }
        char group[24];
        const char *sign = getpgid(job->group) == job->group ? "-" : ""; /* without job control it is the first pid */
        int length = snprintf(group, sizeof group, "%s%d", sign, (int)job->group);
        words->items[i] = line_copy(group, (size_t)length);
    }
    return true;
}

void jobs_report(bool all)
{
    while (wait_for_change(WNOHANG))
        ;
    for (struct job *job = NULL; (job = job_next(job));) {
        if (!all && job->left > 0 && (!job->stopped || job->reported))
            continue;
        if (all || (interactive && job->background))
            report(job);
        job->reported = true;
        if (job->left == 0)
            job_forget(job);
    }
}
