/* The rules that files of /proc follow: what a dead process leaves, how reads go on, what cannot be done. */
#define _GNU_SOURCE
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char text[65536];

static int open_of(pid_t pid, const char *name, int flags)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, flags);
}

static long read_of(pid_t pid, const char *name)
{
    int fd = open_of(pid, name, O_RDONLY);
    if (fd < 0)
        return -1;
    long total = 0, got;
    while ((got = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0)
        total += got;
    int error = errno;
    close(fd);
    errno = error;
    text[total] = 0;
    return got < 0 ? -1 : total;
}

static pid_t zombie(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    return child;
}

static pid_t sleeper(void)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0) { /* until its parent is gone */
        close(ends[1]);
        read(ends[0], &byte, 1);
        _exit(0);
    }
    close(ends[0]);
    return child;
}

CASE(what_a_zombie_still_shows)
{
    pid_t child = zombie();
    CHECK(read_of(child, "stat") > 0);
    CHECK(strstr(text, ") Z ") != NULL);
    CHECK(read_of(child, "status") > 0);
    CHECK(strstr(text, "State:\tZ (zombie)\n") != NULL);
    CHECK(strstr(text, "VmSize") == NULL);
    CHECK(strstr(text, "Umask") == NULL);
    CHECK(read_of(child, "comm") > 0);
    CHECK(read_of(child, "limits") > 0);
    CHECK(read_of(child, "io") > 0);
    CHECK(read_of(child, "statm") > 0);
    CHECK_EQ(0, strcmp("0 0 0 0 0 0 0\n", text));
    CHECK_EQ(0, read_of(child, "cmdline"));
    CHECK_EQ(0, read_of(child, "maps"));
    CHECK_EQ(0, read_of(child, "smaps"));
    CHECK(read_of(child, "oom_score") > 0);
    CHECK_EQ(0, strcmp("0\n", text));
    char target[64], path[64];
    for (const char *const *name = (const char *const[]){"cwd", "root", "exe", NULL}; *name; name++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)child, *name);
        CHECK_ERRNO(ENOENT, readlink(path, target, sizeof target));
    }
    CHECK_ERRNO(EINVAL, open_of(child, "mounts", O_RDONLY));
    snprintf(path, sizeof path, "/proc/%d/fd", (int)child);
    DIR *directory = opendir(path);
    int names = 0;
    while (directory && readdir(directory))
        names++;
    CHECK(names == 0 || names == 2); /* kernels differ on `.` and `..` there */
    waitpid(child, NULL, 0);
}

CASE(a_reaped_process_is_gone)
{
    pid_t child = sleeper();
    const char *gone[] = {"stat", "status", "statm", "limits", "oom_score", "maps", "smaps", "cmdline", "wchan"};
    int fds[sizeof gone / sizeof *gone];
    for (size_t at = 0; at < sizeof gone / sizeof *gone; at++) {
        fds[at] = open_of(child, gone[at], O_RDONLY);
        CHECK(fds[at] >= 0);
    }
    int mem = open_of(child, "mem", O_RDONLY), environ = open_of(child, "environ", O_RDONLY);
    int directory = open_of(child, "", O_RDONLY | O_DIRECTORY);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_ERRNO(ENOENT, open_of(child, "stat", O_RDONLY));
    for (size_t at = 0; at < sizeof gone / sizeof *gone; at++)
        CHECK_ERRNO(ESRCH, read(fds[at], text, sizeof text));
    CHECK_EQ(0, read(mem, text, sizeof text));
    CHECK_EQ(0, read(environ, text, sizeof text));
    struct stat st;
    CHECK_EQ(0, fstat(directory, &st));
    CHECK(openat(directory, "stat", O_RDONLY) == -1 && (errno == ESRCH || errno == ENOENT));
    CHECK(openat(directory, "fd", O_RDONLY) == -1 && (errno == ENOENT || errno == ESRCH));
}

/* A few names at a time, and between them births and deaths: who stays is shown once, who went before is not. */
CASE(a_directory_that_changes_while_it_is_read)
{
    enum { CHILDREN = 40 };
    pid_t children[CHILDREN];
    int seen[CHILDREN] = {0}, gone[CHILDREN] = {0}, last = 0, next = CHILDREN - 1, born = 0;
    for (int at = 0; at < CHILDREN; at++)
        children[at] = sleeper();
    int directory = open("/proc", O_RDONLY | O_DIRECTORY);
    for (;;) {
        char records[96]; /* two or three names */
        long got = syscall(SYS_getdents64, directory, records, sizeof records), number = 0;
        CHECK(got >= 0);
        if (got == 0)
            break;
        for (char *at = records; at < records + got; at += *(unsigned short *)(at + 16)) {
            int pid = atoi(at + 19);
            if (pid == 0)
                continue;
            CHECK(pid > last); /* ascending, so nobody comes twice */
            last = pid;
            for (number = 0; number < CHILDREN; number++)
                if (children[number] == pid) {
                    CHECK_EQ(0, gone[number]);
                    seen[number]++;
                }
        }
        if (last >= children[0] && next > 0 && children[next] > last) { /* one from the end goes, another comes */
            kill(children[next], SIGKILL);
            CHECK_EQ(children[next], waitpid(children[next], NULL, 0));
            gone[next] = 1;
            next -= 3;
            pid_t child = sleeper();
            born += child > 0;
        }
    }
    CHECK(born >= 3);
    for (int at = 0; at < CHILDREN; at++)
        CHECK_EQ(!gone[at], seen[at]);
}

CASE(reads_are_made_at_the_start_and_drain)
{
    pid_t child = sleeper();
    int fd = open_of(child, "status", O_RDONLY);
    char head[6] = {0};
    CHECK_EQ(5, read(fd, head, 5));
    CHECK_EQ(0, strcmp("Name:", head));
    kill(child, SIGSTOP);
    waitpid(child, NULL, WUNTRACED);
    long rest = read(fd, text, sizeof text - 1);
    CHECK(rest > 100);
    text[rest] = 0;
    CHECK(strstr(text, "T (stopped)") == NULL); /* the text of before */
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    rest = read(fd, text, sizeof text - 1);
    text[rest] = 0;
    CHECK(strstr(text, "T (stopped)") != NULL);
    char byte;
    CHECK_EQ(1, pread(fd, &byte, 1, 4));
    CHECK_EQ(':', byte);
    CHECK_EQ(0, pread(fd, &byte, 1, 100000));
    CHECK_ERRNO(EINVAL, lseek(fd, 0, SEEK_END));
    CHECK_ERRNO(EINVAL, lseek(fd, -1, SEEK_SET));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* The areas come a page of whole lines at a time, and go on where the last one ended, whatever changed before it. */
CASE(maps_go_on_by_address)
{
    enum { AREAS = 300 };
    char *pages = mmap(NULL, AREAS * 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int at = 0; at < AREAS; at++)
        CHECK_EQ(0, mprotect(pages + at * 8192, 4096, PROT_READ));
    int fd = open("/proc/self/maps", O_RDONLY), reads = 0;
    long total = 0, got, lines = 0;
    while ((got = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0) {
        CHECK(got <= 4096);
        CHECK_EQ('\n', text[total + got - 1]);
        total += got;
        reads++;
    }
    CHECK(reads >= total / 4096);
    unsigned long last = 0, start, end;
    for (char *line = text; line < text + total; line = strchr(line, '\n') + 1, lines++) {
        CHECK_EQ(2, sscanf(line, "%lx-%lx", &start, &end));
        CHECK(start >= last && end > start);
        last = end;
    }
    CHECK(lines >= 2 * AREAS);
    static char small[65536];
    long count = 0;
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    for (int size = 1; (got = read(fd, small + count, (size_t)size)) > 0; size = size % 700 + 13)
        count += got;
    CHECK_EQ(total, count);
    CHECK_EQ(0, memcmp(text, small, (size_t)total));
    for (long offset = 1; offset < total; offset += 997) {
        got = pread(fd, small, 100, offset);
        CHECK(got > 0 && got <= 100);
        CHECK_EQ(0, memcmp(text + offset, small, (size_t)got));
    }
    CHECK_EQ(0, pread(fd, small, 100, total + 1000));
    /* Behind the first page of them: one area goes before it is read, and those before are no matter. */
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    got = read(fd, text, 4096);
    text[got] = 0;
    char gone[32];
    snprintf(gone, sizeof gone, "\n%lx-", (unsigned long)pages + (AREAS - 5) * 8192);
    CHECK(strstr(text, gone) == NULL);
    munmap(pages, 4096);
    munmap(pages + (AREAS - 5) * 8192, 8192);
    while ((count = read(fd, text + got, sizeof text - 1 - (size_t)got)) > 0)
        got += count;
    text[got] = 0;
    CHECK(strstr(text, gone) == NULL);
    last = 0;
    for (char *line = text; line < text + got; line = strchr(line, '\n') + 1) {
        CHECK_EQ(2, sscanf(line, "%lx-%lx", &start, &end));
        CHECK(start >= last);
        last = end;
    }
}

CASE(what_cannot_be_done)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", (int)getpid());
    CHECK_ERRNO(EISDIR, read(open("/proc", O_RDONLY), text, 10));
    CHECK_ERRNO(EISDIR, open("/proc", O_WRONLY));
    CHECK_ERRNO(ENOENT, open("/proc/new", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(ENOENT, mkdir("/proc/new", 0700));
    CHECK_ERRNO(ENOENT, symlink("x", "/proc/self/new"));
    CHECK_ERRNO(EPERM, unlink("/proc/self/stat"));
    CHECK_ERRNO(EPERM, rmdir(path));
    CHECK_ERRNO(EPERM, chmod("/proc/self/stat", 0600));
    CHECK_ERRNO(EINVAL, readlink("/proc/self/stat", text, 10));
    CHECK_ERRNO(ENOENT, open("/proc/0", O_RDONLY));
    CHECK_ERRNO(ENOENT, open("/proc/01", O_RDONLY));
    CHECK_ERRNO(ENOENT, open("/proc/self/task/0", O_RDONLY));
    CHECK_ERRNO(ENOENT, open("/proc/self/fd/999", O_RDONLY));
    if (geteuid() == 0) {
        int fd = open("/proc/self/stat", O_WRONLY);
        CHECK(fd < 0 || (write(fd, "x", 1) == -1 && errno == EINVAL));
        int version = open("/proc/uptime", O_WRONLY);
        CHECK(version < 0 || (write(version, "x", 1) == -1 && errno == EIO));
    }
    CHECK_ERRNO(EINVAL, write(open("/proc/self/clear_refs", O_WRONLY), "9", 1));
    CHECK_EQ(1, write(open("/proc/self/clear_refs", O_WRONLY), "1", 1));
    CHECK_ERRNO(EINVAL, write(open("/proc/self/oom_score_adj", O_WRONLY), "2000", 4));
    CHECK_ERRNO(EINVAL, pread(open("/proc/self/pagemap", O_RDONLY), text, 7, 0));
}

CASE(facts_of_files)
{
    struct stat st;
    CHECK_EQ(0, stat("/proc", &st));
    CHECK_EQ(1, st.st_ino);
    CHECK_EQ(S_IFDIR | 0555, st.st_mode);
    CHECK_EQ(0, stat("/proc/self/status", &st));
    CHECK_EQ(0, st.st_size);
    CHECK_EQ(S_IFREG | 0444, st.st_mode);
    CHECK_EQ(0, lstat("/proc/self/fd/0", &st));
    CHECK_EQ(64, st.st_size);
    CHECK(S_ISLNK(st.st_mode));
    char name[32];
    snprintf(name, sizeof name, "%d", (int)getpid());
    CHECK_EQ(strlen(name), readlink("/proc/self", text, sizeof text));
    CHECK_EQ(0, memcmp(name, text, strlen(name)));
}

CASE(poll_and_epoll)
{
    int fd = open("/proc/self/stat", O_RDONLY);
    struct pollfd poller = {fd, POLLIN | POLLOUT | POLLPRI, 0};
    CHECK_EQ(1, poll(&poller, 1, 0));
    CHECK_EQ(POLLIN | POLLOUT, poller.revents);
    struct epoll_event event = {EPOLLIN, {0}};
    CHECK_ERRNO(EPERM, epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, fd, &event));
    int mounts = open("/proc/self/mounts", O_RDONLY);
    poller = (struct pollfd){mounts, POLLIN | POLLPRI, 0};
    CHECK_EQ(1, poll(&poller, 1, 0));
    CHECK(poller.revents & POLLIN);
    CHECK_EQ(0, epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, mounts, &event));
}

CASE(a_name_with_strange_letters)
{
    prctl(PR_SET_NAME, "a) b\n\\c");
    CHECK(read_of(getpid(), "stat") > 0);
    CHECK(strstr(text, "(a) b\n\\c) R ") != NULL);
    CHECK(read_of(getpid(), "status") > 0);
    CHECK(strstr(text, "Name:\ta) b\\n\\\\c\n") == text);
    CHECK(read_of(getpid(), "comm") > 0);
    CHECK_EQ(0, strcmp("a) b\n\\c\n", text));
    int comm = open("/proc/self/comm", O_WRONLY);
    CHECK_EQ(20, write(comm, "a-very-long-new-name", 20));
    CHECK(read_of(getpid(), "comm") > 0);
    CHECK_EQ(0, strcmp("a-very-long-new\n", text));
    pid_t child = sleeper();
    CHECK_ERRNO(EINVAL, write(open_of(child, "comm", O_WRONLY), "x", 1));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(mem_of_another)
{
    static char data[8] = "before";
    static const char fixed[8] = "fixed";
    pid_t child = sleeper();
    int mem = open_of(child, "mem", O_RDWR);
    CHECK(mem >= 0);
    CHECK_EQ(8, pread(mem, text, 8, (off_t)(size_t)data));
    CHECK_EQ(0, strcmp("before", text));
    CHECK_EQ(6, pwrite(mem, "after", 6, (off_t)(size_t)data));
    CHECK_EQ(8, pread(mem, text, 8, (off_t)(size_t)data));
    CHECK_EQ(0, strcmp("after", text));
    CHECK_EQ(0, strcmp("before", data)); /* the own page is another */
    CHECK_EQ(6, pwrite(mem, "moved", 6, (off_t)(size_t)fixed)); /* through a page that cannot be written */
    CHECK_EQ(0, strcmp("fixed", fixed));
    CHECK_ERRNO(EIO, pread(mem, text, 1, 4096));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(mem_goes_where_the_program_may_not)
{
    char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(pages + 4090, "hidden text");
    CHECK_EQ(0, mprotect(pages + 4096, 8192, PROT_NONE));
    int mem = open("/proc/self/mem", O_RDWR);
    CHECK_EQ(12, pread(mem, text, 12, (off_t)(size_t)pages + 4090));
    CHECK_EQ(0, strcmp("hidden text", text));
    CHECK_EQ(10, pread(mem, text, 10, (off_t)(size_t)pages + 8192)); /* a page that never was touched */
    CHECK_EQ(0, text[0] | text[9]);
    CHECK_EQ(9, pwrite(mem, "new bytes", 9, (off_t)(size_t)pages + 4092));
    CHECK_EQ(0, mprotect(pages, 8192, PROT_READ));
    CHECK_EQ(0, strcmp("hinew bytes", pages + 4090));
    char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK_ERRNO(EIO, pwrite(mem, "x", 1, (off_t)(size_t)shared));
    munmap(pages + 8192, 4096);
    CHECK_EQ(6, pread(mem, text, 100, (off_t)(size_t)pages + 8186));
    CHECK_EQ(6, pwrite(mem, "0123456789", 10, (off_t)(size_t)pages + 8186));
    int status;
    pid_t child = fork();
    if (child == 0) { /* to the program it is as it was */
        mprotect(pages, 4096, PROT_NONE);
        pread(mem, text, 1, (off_t)(size_t)pages);
        mem = open("/proc/self/mem", O_RDWR);
        if (pread(mem, text, 1, (off_t)(size_t)pages) == 1 && pwrite(mem, "x", 1, (off_t)(size_t)pages) == 1)
            *(volatile char *)pages = 1;
        _exit(0);
    }
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGSEGV, WTERMSIG(status));
}

CASE(mem_after_exec_belongs_to_nobody)
{
    int ends[2];
    CHECK_EQ(0, pipe2(ends, O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        char byte;
        read(ends[0], &byte, 1);
        execl("/proc/self/exe", "x", "waits_to_be_killed", NULL);
        _exit(1);
    }
    int mem = open_of(child, "mem", O_RDONLY), maps = open_of(child, "maps", O_RDONLY);
    write(ends[1], "x", 1);
    close(ends[1]);
    close(ends[0]);
    int status, tries = 0;
    do {
        usleep(1000);
        read_of(child, "cmdline");
    } while (strcmp(text, "x") != 0 && tries++ < 1000);
    CHECK_EQ(0, pread(mem, text, 8, 0x10000));
    CHECK_EQ(0, read(maps, text, sizeof text));
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, &status, 0));
}

CASE(waits_to_be_killed)
{
    if (check_argc == 2 && strcmp(check_argv[0], "x") == 0)
        for (;;)
            pause();
}

CASE(not_of_one_that_hides_its_memory)
{
    if (geteuid() != 0)
        return;
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, setgid(1000));
    CHECK_EQ(0, setuid(1000));
    CHECK_EQ(0, prctl(PR_SET_DUMPABLE, 1));
    pid_t child = fork();
    if (child == 0) {
        char byte;
        prctl(PR_SET_DUMPABLE, 0);
        write(ends[1], "x", 1);
        close(ends[1]);
        for (;;)
            if (read(ends[0], &byte, 1) == 0)
                pause();
    }
    usleep(20000);
    struct stat st;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    CHECK_EQ(0, stat(path, &st));
    CHECK_EQ(0, st.st_uid); /* its files are root's */
    snprintf(path, sizeof path, "/proc/%d", (int)child);
    CHECK_EQ(0, stat(path, &st));
    CHECK_EQ(1000, st.st_uid);
    CHECK_ERRNO(EACCES, open_of(child, "mem", O_RDONLY));
    CHECK_ERRNO(EACCES, open_of(child, "maps", O_RDONLY));
    CHECK_ERRNO(EACCES, open_of(child, "environ", O_RDONLY));
    CHECK(open_of(child, "stat", O_RDONLY) >= 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

CASE(not_for_other_users)
{
    if (geteuid() != 0)
        return;
    pid_t child = sleeper();
    CHECK_EQ(0, setgid(1000));
    CHECK_EQ(0, setuid(1000));
    const char *const guarded[] = {"maps", "smaps", "mem", "environ", "auxv", "pagemap", "syscall", "personality", NULL};
    for (const char *const *name = guarded; *name; name++)
        CHECK_ERRNO(EACCES, open_of(child, *name, O_RDONLY));
    CHECK_ERRNO(EACCES, open_of(child, "fd", O_RDONLY));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)child);
    CHECK_ERRNO(EACCES, readlink(path, text, 10));
    snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)child);
    CHECK_ERRNO(EACCES, readlink(path, text, 10));
    CHECK(read_of(child, "stat") > 0);
    CHECK(read_of(child, "status") > 0);
    CHECK(read_of(child, "cmdline") > 0);
}
