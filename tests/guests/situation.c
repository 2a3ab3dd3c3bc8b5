/* A known situation for tools that look at processes: `situation FOLDER COMMAND...` makes it in the empty FOLDER, says
   which process is which, runs each COMMAND (its words at blanks), and ends everything.

   On a host it is the first process of a pid namespace with a /proc of its own, as it is in the guest, so that all
   numbers are the same; it ends with status 77 where that is not allowed.

   In a command, @NAME is the number of the process NAME, @all the numbers of all with commas, @dir the folder.
   Printed: a line `NAME PID` for each process, then per command a line \x1eNUMBER, its output and errors, and \x1fSTATUS.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <grp.h>

#define READY 900 /* the descriptor that a process tells its start through */
#define OTHER 901 /* an end of the pipe between reader and writer */

extern char **environ;

static void check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "situation: %s: %s\n", what, strerror(errno));
        exit(99);
    }
}

static void ready(void)
{
    check(write(READY, "", 1) == 1, "ready");
    close(READY);
}

static void wait_for_ever(void)
{
    ready();
    for (;;)
        pause();
}

/* ---- what each process does */

static void plain(void) { wait_for_ever(); }

static void *named_thread(void *name)
{
    check(prctl(PR_SET_NAME, name) == 0, "PR_SET_NAME");
    ready();
    for (;;)
        pause();
    return NULL;
}

static void threads(void)
{
    static const char *const names[] = {"w-one", "w two", "w)three"};
    pthread_t thread;
    for (int at = 0; at < 3; at++) {
        int copy = dup(READY);
        check(pthread_create(&thread, NULL, named_thread, (void *)names[at]) == 0, "pthread_create");
        struct timespec moment = {0, 5000000};
        while (fcntl(READY, F_GETFD) >= 0) /* until it has told */
            nanosleep(&moment, NULL);
        check(dup2(copy, READY) == READY && close(copy) == 0, "dup2");
    }
    wait_for_ever();
}

static void reader(void)
{
    char byte;
    check(dup2(OTHER, 10) == 10 && close(OTHER) == 0, "dup2");
    ready();
    for (;;)
        check(read(10, &byte, 1) == 1, "read");
}

static void writer(void)
{
    check(dup2(OTHER, 11) == 11 && close(OTHER) == 0, "dup2");
    wait_for_ever();
}

static void place(const char *name, int flags, int fd)
{
    int opened = open(name, flags, 0644);
    check(opened >= 0 && dup2(opened, fd) == fd && close(opened) == 0, name);
}

static void files(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    place("data", O_RDWR | O_CREAT, 20);
    check(write(20, "0123456789", 10) == 10 && lseek(20, 5, SEEK_SET) == 5, "data");
    place("gone", O_WRONLY | O_CREAT, 21);
    check(write(21, "bytes", 5) == 5 && unlink("gone") == 0, "gone");
    place("sub", O_RDONLY | O_DIRECTORY, 22);
    place("/dev/null", O_WRONLY, 23);
    place("locked", O_RDWR | O_CREAT, 24);
    check(write(24, "0123456789", 10) == 10 && fcntl(24, F_SETLK, &whole) == 0, "locked");
    place("a name", O_RDONLY | O_CREAT, 25);
    place("mnt/inside", O_RDWR | O_CREAT, 26);
    check(chdir("sub") == 0, "sub");
    wait_for_ever();
}

static void stopped(void)
{
    ready();
    kill(getpid(), SIGSTOP);
    wait_for_ever();
}

static void dead(void)
{
    ready();
    _exit(7);
}

static void user(unsigned id)
{
    gid_t groups[2] = {id, 12};
    check(setgroups(2, groups) == 0, "setgroups");
    check(setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0, "setresuid");
    wait_for_ever();
}

static void daemon_user(void) { user(1); }
static void nobody(void) { user(65534); }
static void unnamed_user(void) { user(4242); }

static void real_user(void)
{
    check(setresuid(1, 0, 0) == 0, "setresuid");
    wait_for_ever();
}

static void polite(void)
{
    check(setpriority(PRIO_PROCESS, 0, 7) == 0, "setpriority");
    wait_for_ever();
}

static void session(void)
{
    check(setsid() == getpid(), "setsid");
    wait_for_ever();
}

static void group(void)
{
    check(setpgid(0, 0) == 0, "setpgid");
    wait_for_ever();
}

static void role(const char *name, char **argv);

static void branch(void)
{
    char *leaf[] = {"leaf", "of branch", NULL};
    for (int at = 0; at < 2; at++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            role("leaf", leaf);
        }
    wait_for_ever();
}

static void title(void)
{
    extern char **main_argv;
    char *start = main_argv[0], *end = start;
    for (char **at = main_argv; *at; at++)
        end = *at + strlen(*at) + 1;
    memset(start, ' ', (size_t)(end - start));
    memcpy(start, "title: serving", 14);
    start[14] = 0;
    end[-1] = 0;
    wait_for_ever();
}

static void terminal(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), number, unlock = 0;
    char name[32];
    check(setsid() == getpid(), "setsid");
    check(master >= 0 && ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &number) == 0, "ptmx");
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    place(name, O_RDWR, 30);
    place(name, O_RDWR, 0);
    close(master == 0 ? -1 : 31);
    check(dup2(master, 31) == 31 && close(master) == 0, "dup2");
    wait_for_ever();
}

static void memory(void)
{
    char *area = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *locked = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *closed = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(area != MAP_FAILED && shared != MAP_FAILED && locked != MAP_FAILED && closed != MAP_FAILED, "mmap");
    memset(area, 1, 2 << 20);
    memset(shared, 1, 65536);
    check(mlock(locked, 16384) == 0, "mlock");
    place("mapped", O_RDWR | O_CREAT, 40);
    check(ftruncate(40, 12288) == 0, "ftruncate");
    char *mapped = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, 40, 0);
    check(mapped != MAP_FAILED, "mmap");
    mapped[4096] = 1;
    close(40);
    wait_for_ever();
}

static void burner(void)
{
    struct timespec used;
    do {
        for (volatile int at = 0; at < 1000000; at++)
            ;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec == 0 && used.tv_nsec < 300000000);
    wait_for_ever();
}

static void renamed(void)
{
    check(prctl(PR_SET_NAME, "new (name)\\") == 0, "PR_SET_NAME");
    wait_for_ever();
}

static void vforks(void)
{
    if (vfork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        ready();
        for (;;)
            pause();
    }
    _exit(0);
}

static void handler(int signo) { (void)signo; }

static void signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, handler);
    signal(SIGALRM, handler);
    raise(SIGUSR1);          /* of the thread */
    kill(getpid(), SIGUSR2); /* of the process */
    wait_for_ever();
}

static const struct {
    const char *name;
    void (*run)(void);
    char *argv[10];
    int starts; /* how many bytes it tells its start with */
} roles[] = {
    {"plain", plain, {"plain", "a b", "tab\there", "back\\slash", "\"quoted\"", "caf\xc3\xa9", "", "new\nline", "*"}, 1},
    {"odd) R (x", plain, {"odd) R (x", "--flag"}, 1},
    {"much-longer-than-fifteen", plain, {"./much-longer-than-fifteen", "1"}, 1},
    {"threads", threads, {"threads"}, 4},
    {"reader", reader, {"reader"}, 1},
    {"writer", writer, {"writer"}, 1},
    {"files", files, {"files"}, 1},
    {"stopped", stopped, {"stopped"}, 1},
    {"dead", dead, {"dead"}, 1},
    {"daemon", daemon_user, {"daemon"}, 1},
    {"nobody", nobody, {"nobody"}, 1},
    {"unnamed", unnamed_user, {"unnamed"}, 1},
    {"real", real_user, {"real"}, 1},
    {"polite", polite, {"polite"}, 1},
    {"session", session, {"session"}, 1},
    {"group", group, {"-group"}, 1},
    {"branch", branch, {"branch"}, 3},
    {"leaf", plain, {"leaf", "of branch"}, 0},
    {"title", title, {"title", "with", "arguments"}, 1},
    {"terminal", terminal, {"terminal"}, 1},
    {"memory", memory, {"memory"}, 1},
    {"burner", burner, {"burner"}, 1},
    {"renamed", renamed, {"renamed"}, 1},
    {"vforks", vforks, {"vforks"}, 1},
    {"signals", signals, {"signals"}, 1},
};
#define ROLES ((int)(sizeof roles / sizeof *roles))

char **main_argv;
static const char *folder;
static pid_t pids[ROLES];

/* Become the process of a role: a program of that name. */
static void role(const char *name, char **argv)
{
    char path[PATH_MAX], said[64];
    char *environment[] = {said, "KEY=value", NULL};
    snprintf(path, sizeof path, "./%s", name);
    snprintf(said, sizeof said, "ROLE=%s", name);
    execve(path, argv, environment);
    _exit(98);
}

static void make_role(int at, int ready_end, int other)
{
    pids[at] = fork();
    check(pids[at] >= 0, "fork");
    if (pids[at])
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    dup2(ready_end, READY);
    if (other >= 0)
        dup2(other, OTHER);
    role(roles[at].name, (char **)roles[at].argv);
}

static void make_all(void)
{
    int told[2], between[2], expected = 0;
    char byte;
    check(pipe2(told, O_CLOEXEC) == 0 && pipe2(between, O_CLOEXEC) == 0, "pipe2");
    for (int at = 0; at < ROLES; at++)
        check(symlink("/proc/self/exe", roles[at].name) == 0, "symlink");
    for (int at = 0; at < ROLES; at++) {
        if (!roles[at].starts)
            continue;
        int other = roles[at].run == reader ? between[0] : roles[at].run == writer ? between[1] : -1;
        make_role(at, told[1], other);
        expected = roles[at].starts;
        while (expected--) /* one after the other, so that numbers come in one order */
            check(read(told[0], &byte, 1) == 1, "a process that starts");
    }
    close(between[0]);
    close(between[1]);
    close(told[0]);
    close(told[1]);
    struct timespec moment = {0, 100000000}; /* until the last has come to its wait */
    nanosleep(&moment, NULL);
}

static pid_t pid_of(const char *name, size_t length)
{
    for (int at = 0; at < ROLES; at++)
        if (strlen(roles[at].name) == length && memcmp(roles[at].name, name, length) == 0)
            return pids[at];
    return -1;
}

/* `text` with what @ stands for. */
static char *filled(const char *text)
{
    static char out[65536];
    char *to = out;
    while (*text) {
        if (*text != '@') {
            *to++ = *text++;
            continue;
        }
        size_t length = strspn(++text, "abcdefghijklmnopqrstuvwxyz");
        if (length == 3 && memcmp(text, "dir", 3) == 0)
            to += sprintf(to, "%s", folder);
        else if (length == 3 && memcmp(text, "all", 3) == 0) {
            to += sprintf(to, "%d", (int)getpid());
            for (int at = 0; at < ROLES; at++)
                if (pids[at])
                    to += sprintf(to, ",%d", (int)pids[at]);
        } else if (length == 2 && memcmp(text, "me", 2) == 0)
            to += sprintf(to, "%d", (int)getpid());
        else
            to += sprintf(to, "%d", (int)pid_of(text, length));
        text += length;
    }
    *to = 0;
    return out;
}

static void run_command(int number, const char *text)
{
    char *words[64], *rest = filled(text);
    int count = 0, status;
    while (count < 63 && (words[count] = strtok_r(rest, " ", &rest)))
        count++;
    words[count] = NULL;
    printf("\x1e%d\n", number);
    fflush(stdout);
    pid_t child = fork();
    check(child >= 0, "fork");
    if (!child) {
        dup2(1, 2);
        execvp(words[0], words);
        _exit(127);
    }
    while (waitpid(child, &status, 0) != child)
        ;
    printf("\x1f%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
}

#ifndef __riscv
/* Become the first process of a pid namespace. */
static void become_first(void)
{
    int status;
    if (unshare(CLONE_NEWNS | CLONE_NEWPID))
        exit(77);
    pid_t first = fork();
    check(first >= 0, "fork");
    if (first) {
        waitpid(first, &status, 0);
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "MS_PRIVATE");
    check(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0, "mount /proc");
    const char *emulated = getenv("EMULATED_PROC"); /* where the commands' emulator looks for /proc */
    if (emulated)
        check(mount("proc", emulated, "proc", 0, NULL) == 0, "mount EMULATED_PROC");
    check(setsid() == 1, "setsid");
}
#else
static void become_first(void) {}
#endif

/* Whoever starts the tests may ignore signals, those below the library's own numbers too, and may have made them nice;
   here no signal is ignored, and nobody is nice where the kernel lets us be otherwise. */
static void forget_habits(void)
{
    unsigned long plain[4] = {0};
    for (int signo = 1; signo <= 64; signo++)
        syscall(SYS_rt_sigaction, signo, plain, NULL, 8);
    if (getpriority(PRIO_PROCESS, 0) != 0)
        setpriority(PRIO_PROCESS, 0, 0);
}

int main(int argc, char **argv)
{
    const char *told = getenv("ROLE");
    main_argv = argv;
    if (!told)
        forget_habits();
    if (told) {
        for (int at = 0; at < ROLES; at++)
            if (strcmp(roles[at].name, told) == 0)
                roles[at].run();
        return 97;
    }
    check(argc > 1 && chdir(argv[1]) == 0, "usage: situation FOLDER COMMAND...");
    become_first();
    folder = argv[1];
    check(mkdir("sub", 0755) == 0 && mkdir("mnt", 0755) == 0 && chmod(".", 0755) == 0, "mkdir");
    check(mount("tank", "mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700") == 0, "mount tmpfs");
    make_all();
    printf("situation %d\n", (int)getpid());
    for (int at = 0; at < ROLES; at++)
        if (pids[at])
            printf("%s %d\n", roles[at].name, (int)pids[at]);
    for (int at = 2; at < argc; at++)
        run_command(at - 2, argv[at]);
    for (int at = 0; at < ROLES; at++)
        if (pids[at])
            kill(pids[at], SIGKILL);
    while (wait(NULL) > 0)
        ;
    umount("mnt");
    return 0;
}
