#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include "credentials.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static char *no_words[] = {NULL};

static long execve_(const char *path, char *const *arguments, char *const *environment)
{
    return syscall(SYS_execve, path, arguments, environment);
}

/* Run a case that is called by another one, and does nothing otherwise. */
static int is_helper(void)
{
    return strcmp(check_argv[0], "helper") == 0;
}

static int status_of_helper(char *name)
{
    pid_t pid = forked();
    if (pid == 0) {
        execve_("/proc/self/exe", (char *[]){"helper", name, NULL}, (char *[]){"KEPT=1", NULL});
        _exit(99);
    }
    return status_of(pid);
}

static void make_file(const char *name, const char *text, int mode)
{
    int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0755);
    CHECK(fd >= 0);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, fchmod(fd, (mode_t)mode));
    close(fd);
}

CASE(helper_exits_33)
{
    if (is_helper())
        _exit(33);
}

CASE(it_replaces_the_program)
{
    CHECK_EQ(33 << 8, status_of_helper("helper_exits_33"));
}

CASE(helper_looks_at_what_is_left)
{
    struct sigaction usr1, usr2;
    struct itimerval left;
    sigset_t blocked;
    stack_t alternate;
    char name[17] = "";
    if (!is_helper())
        return;
    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGUSR2, NULL, &usr2);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    CHECK(usr1.sa_handler == SIG_DFL && usr2.sa_handler == SIG_IGN && sigismember(&blocked, SIGHUP));
    CHECK(is_pending(SIGHUP));
    CHECK(fcntl(50, F_GETFD) == -1 && fcntl(51, F_GETFD) == 0);
    CHECK(getenv("KEPT") && !getenv("PATH"));
    CHECK_EQ(0, getitimer(ITIMER_REAL, &left));
    CHECK(left.it_value.tv_sec > 90);
    CHECK_EQ(0, sigaltstack(NULL, &alternate));
    CHECK_EQ(SS_DISABLE, alternate.ss_flags);
    CHECK_EQ(0, prctl(PR_GET_NAME, name));
    CHECK_EQ(0, strcmp(name, "exe"));
    CHECK_EQ(077, umask(0));
    _exit(44);
}

CASE(what_it_keeps)
{
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct itimerval timer = {{0, 0}, {100, 0}};
    signal(SIGUSR1, SIG_DFL);
    catch_signal(SIGUSR1, SA_RESTART);
    signal(SIGUSR2, SIG_IGN);
    block_signal(SIGHUP);
    CHECK_EQ(50, dup3(1, 50, O_CLOEXEC));
    CHECK_EQ(51, dup3(1, 51, 0));
    CHECK_EQ(0, sigaltstack(&alternate, NULL));
    CHECK_EQ(0, prctl(PR_SET_NAME, "another"));
    umask(077);
    pid_t pid = forked();
    if (pid == 0) {
        raise(SIGHUP);
        setitimer(ITIMER_REAL, &timer, NULL);
        execve_("/proc/self/exe", (char *[]){"helper", "helper_looks_at_what_is_left", NULL}, (char *[]){"KEPT=1", NULL});
        _exit(99);
    }
    CHECK_EQ(44 << 8, status_of(pid));
}

CASE(helper_shows_its_words)
{
    if (!is_helper())
        return;
    for (int i = 2; i < check_argc; i++)
        printf("<%s>", check_argv[i]);
    fflush(stdout);
    _exit(check_argc);
}

/* What `path` prints if it is executed with one word, "word"; its exit status is stored. */
static const char *output_of(const char *path, int *status)
{
    static char text[1024];
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    pid_t pid = forked();
    if (pid == 0) {
        dup2(ends[1], 1);
        execve_(path, (char *[]){"zeroth", "word", NULL}, no_words);
        _exit(99);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], text, sizeof text - 1);
    CHECK(size >= 0);
    text[size] = 0;
    close(ends[0]);
    *status = status_of(pid);
    return text;
}

/* A program of its own that a script can name: a copy of this one. */
static void copy_program(const char *name)
{
    static char buffer[65536];
    int in = open("/proc/self/exe", O_RDONLY), out = open(name, O_CREAT | O_EXCL | O_WRONLY, 0755);
    CHECK(in >= 0 && out >= 0);
    for (ssize_t size; (size = read(in, buffer, sizeof buffer)) > 0;)
        CHECK_EQ(size, write(out, buffer, (size_t)size));
    close(in);
    close(out);
}

CASE(scripts)
{
    int status;
    copy_program("helper");
    make_file("script", "#!helper helper_shows_its_words\n", 0755);
    CHECK_EQ(0, strcmp(output_of("./script", &status), "<./script><word>"));
    CHECK_EQ(4 << 8, status);
    make_file("spaces", "#! \t helper \t helper_shows_its_words \t \nmore", 0755);
    CHECK_EQ(0, strcmp(output_of("spaces", &status), "<spaces><word>"));
    make_file("no-newline", "#!helper helper_shows_its_words", 0755);
    CHECK_EQ(0, strcmp(output_of("no-newline", &status), "<no-newline><word>"));
    make_file("no-word", "#!helper\n", 0755);
    output_of("no-word", &status); /* the script's name is the word, and there is no such case */
    CHECK_EQ(1 << 8, status);
}

CASE(scripts_of_scripts)
{
    int status;
    copy_program("helper");
    make_file("1", "#!helper helper_shows_its_words\n", 0755);
    for (char level = '2'; level <= '6'; level++) {
        char name[] = {level, 0}, text[] = {'#', '!', (char)(level - 1), '\n', 0};
        make_file(name, text, 0755);
    }
    CHECK_EQ(0, strcmp(output_of("5", &status), "<1><2><3><4><5><word>"));
    CHECK_ERRNO(ELOOP, execve_("6", no_words, no_words));
}

CASE(scripts_that_cannot_run)
{
    char longer[400] = "#!/";
    make_file("nothing", "#!\nx", 0755);
    CHECK_ERRNO(ENOEXEC, execve_("nothing", no_words, no_words));
    make_file("spaces", "#!   \n", 0755);
    CHECK_ERRNO(ENOEXEC, execve_("spaces", no_words, no_words));
    make_file("nowhere", "#!/no/such/interpreter\n", 0755);
    CHECK_ERRNO(ENOENT, execve_("nowhere", no_words, no_words));
    make_file("plain", "#!./data\n", 0755);
    make_file("data", "x", 0644);
    CHECK_ERRNO(EACCES, execve_("plain", no_words, no_words));
    memset(longer + 3, 'x', 300);
    make_file("cut", longer, 0755); /* a name that does not end within 256 bytes */
    CHECK_ERRNO(ENOEXEC, execve_("cut", no_words, no_words));
}

CASE(errors_of_the_path)
{
    char longer[5000];
    memset(longer, 'x', sizeof longer);
    longer[4999] = 0;
    make_file("garbage", "garbage", 0755);
    make_file("empty", "", 0755);
    make_file("elf", "\177ELF", 0755);
    make_file("locked", "#!/bin/true\n", 0644);
    CHECK_EQ(0, symlink("loop", "loop"));
    CHECK_EQ(0, mkdir("folder", 0777));
    CHECK_ERRNO(ENOEXEC, execve_("garbage", no_words, no_words));
    CHECK_ERRNO(ENOEXEC, execve_("empty", no_words, no_words));
    CHECK_ERRNO(ENOEXEC, execve_("elf", no_words, no_words));
    CHECK_ERRNO(EACCES, execve_("locked", no_words, no_words)); /* for the superuser, too */
    CHECK_ERRNO(EACCES, execve_("folder", no_words, no_words));
    CHECK_ERRNO(EACCES, execve_("/dev/null", no_words, no_words));
    CHECK_ERRNO(ENOENT, execve_("", no_words, no_words));
    CHECK_ERRNO(ENOENT, execve_("nowhere", no_words, no_words));
    CHECK_ERRNO(ENOTDIR, execve_("garbage/x", no_words, no_words));
    CHECK_ERRNO(ELOOP, execve_("loop", no_words, no_words));
    CHECK_ERRNO(ENAMETOOLONG, execve_(longer, no_words, no_words));
    CHECK_ERRNO(EFAULT, execve_(BAD, no_words, no_words));
    CHECK_ERRNO(EFAULT, execve_(NULL, no_words, no_words));
}

CASE(errors_of_the_words)
{
    char *bad[] = {BAD, NULL};
    static char text[131073], *many[3000];
    CHECK_ERRNO(EFAULT, execve_("/proc/self/exe", BAD, no_words));
    CHECK_ERRNO(EFAULT, execve_("/proc/self/exe", no_words, BAD));
    CHECK_ERRNO(EFAULT, execve_("/proc/self/exe", bad, no_words));
    CHECK_ERRNO(EFAULT, execve_("/proc/self/exe", no_words, bad));
    memset(text, 'x', sizeof text - 1);
    CHECK_ERRNO(E2BIG, execve_("/proc/self/exe", (char *[]){text, NULL}, no_words)); /* 131,072 and its NUL */
    CHECK_ERRNO(E2BIG, execve_("/proc/self/exe", no_words, (char *[]){text, NULL}));
    text[1000] = 0;
    struct rlimit limit = {8 << 20, RLIM_INFINITY};
    setrlimit(RLIMIT_STACK, &limit);
    for (int i = 0; i < 2200; i++)
        many[i] = text;
    CHECK_ERRNO(E2BIG, execve_("/proc/self/exe", many, no_words)); /* a quarter of the stack's limit at most */
    many[300] = NULL;
    limit.rlim_cur = 1 << 20;
    setrlimit(RLIMIT_STACK, &limit);
    CHECK_ERRNO(E2BIG, execve_("/proc/self/exe", many, no_words));
}

CASE(the_longest_word)
{
    static char text[131072];
    memset(text, 'x', sizeof text - 1);
    pid_t pid = forked();
    if (pid == 0) {
        execve_("/proc/self/exe", (char *[]){"helper", "helper_shows_its_words", NULL}, (char *[]){text, NULL});
        _exit(99);
    }
    CHECK_EQ(2 << 8, status_of(pid));
}

CASE(helper_shows_its_users)
{
    if (!is_helper())
        return;
    uid_t real, effective, saved;
    CHECK_EQ(0, getresuid(&real, &effective, &saved));
    CHECK(real == USER && effective == OTHER_USER && saved == OTHER_USER && getegid() == USER);
    _exit(55);
}

CASE(set_user_id)
{
    struct statvfs facts;
    CHECK_EQ(0, statvfs(".", &facts));
    if (!may_change_ids() || facts.f_flag & ST_NOSUID)
        return;
    copy_program("program");
    CHECK_EQ(0, chown("program", OTHER_USER, OTHER_USER));
    CHECK_EQ(0, chmod("program", 04755));
    CHECK_EQ(0, chmod(".", 0755));
    pid_t pid = forked();
    if (pid == 0) {
        become_user();
        execve_("program", (char *[]){"helper", "helper_shows_its_users", NULL}, no_words);
        _exit(99);
    }
    CHECK_EQ(55 << 8, status_of(pid));
}
