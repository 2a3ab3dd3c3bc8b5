/* The tree of solproc: names, modes, owners, errors, zombies, opens, poll. illumos: man 5 proc, fs/proc/prvnops.c */
#include "solproc.h"
#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The names in a directory, each followed by a space, without . and .. */
static const char *names_in(const char *path)
{
    static char all[8192];
    all[0] = 0;
    DIR *dir = opendir(path);
    CHECK(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.') {
            strcat(all, entry->d_name);
            strcat(all, " ");
        }
    closedir(dir);
    return all;
}

static const char *path_of(pid_t pid, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "/system/proc/%d/%s", (int)pid, name);
    return path;
}

static pid_t zombie(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    return child;
}

CASE(a_process_has_these_files_in_this_order)
{
    const char *names = names_in("/system/proc/self");
    CHECK(strcmp(names, "as ctl status lstatus psinfo lpsinfo map rmap xmap cred sigact auxv usage lusage pagedata "
                        "watch cwd root fd object lwp ") == 0);
    CHECK(strcmp(names_in(path_of(getpid(), "lwp")) + 0, ({
              static char own[16];
              snprintf(own, sizeof own, "%d ", getpid());
              own;
          })) == 0);
    char path[64];
    snprintf(path, sizeof path, "/system/proc/self/lwp/%d", getpid());
    CHECK(strcmp(names_in(path), "lwpctl lwpstatus lwpsinfo lwpusage xregs ") == 0);
}

/* find(1) takes a directory with the number of one above it for a loop */
CASE(every_directory_has_a_number_of_its_own)
{
    char path[64];
    struct stat root, process, lwps, lwp;
    CHECK_EQ(0, stat("/system/proc", &root));
    CHECK_EQ(2, root.st_ino);
    DIR *dir = opendir("/system/proc");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "/system/proc/%s", entry->d_name);
            CHECK_EQ(0, stat(path, &process));
            CHECK_EQ(entry->d_ino, process.st_ino);
            CHECK(process.st_ino != root.st_ino);
        }
    closedir(dir);
    CHECK_EQ(0, stat(path_of(getpid(), ""), &process));
    CHECK_EQ(0, stat(path_of(getpid(), "lwp"), &lwps));
    snprintf(path, sizeof path, "lwp/%d", getpid());
    CHECK_EQ(0, stat(path_of(getpid(), path), &lwp));
    CHECK(process.st_ino != lwps.st_ino && lwps.st_ino != lwp.st_ino && lwp.st_ino != process.st_ino);
}

CASE(modes_and_types)
{
    static const struct {
        const char *name;
        unsigned mode;
    } files[] = {
        {"", S_IFDIR | 0511}, {"as", S_IFREG | 0600}, {"ctl", S_IFREG | 0200}, {"status", S_IFREG | 0400},
        {"lstatus", S_IFREG | 0400}, {"psinfo", S_IFREG | 0644}, {"lpsinfo", S_IFREG | 0444}, {"map", S_IFREG | 0400},
        {"rmap", S_IFREG | 0400}, {"xmap", S_IFREG | 0400}, {"cred", S_IFREG | 0400}, {"sigact", S_IFREG | 0400},
        {"auxv", S_IFREG | 0400}, {"usage", S_IFREG | 0444}, {"lusage", S_IFREG | 0444},
        {"pagedata", S_IFREG | 0400}, {"watch", S_IFREG | 0400}, {"cwd", S_IFLNK | 0500}, {"root", S_IFLNK | 0500},
        {"fd", S_IFDIR | 0500}, {"object", S_IFDIR | 0500}, {"lwp", S_IFDIR | 0555},
    };
    struct stat st;
    for (unsigned at = 0; at < sizeof files / sizeof *files; at++) {
        CHECK_EQ(0, lstat(path_of(getpid(), files[at].name), &st));
        if (st.st_mode != files[at].mode)
            CHECK_FAIL("%s: %o", files[at].name, st.st_mode);
    }
    char name[64];
    static const char *const lwp[] = {"", "lwpctl", "lwpstatus", "lwpsinfo", "lwpusage", "xregs"};
    static const unsigned lwp_modes[] = {S_IFDIR | 0555, S_IFREG | 0200, S_IFREG | 0400, S_IFREG | 0444,
                                         S_IFREG | 0444, S_IFREG | 0400};
    for (int at = 0; at < 6; at++) {
        snprintf(name, sizeof name, "lwp/%d/%s", getpid(), lwp[at]);
        CHECK_EQ(0, stat(path_of(getpid(), name), &st));
        CHECK_EQ(lwp_modes[at], st.st_mode);
    }
    CHECK_EQ(0, stat("/system/proc", &st));
    CHECK_EQ(S_IFDIR | 0555, st.st_mode);
    CHECK_EQ(2, st.st_ino);
}

CASE(sizes_are_those_of_the_content)
{
    static const struct {
        const char *name;
        long size;
    } files[] = {{"status", 1448}, {"psinfo", 416}, {"usage", 504}, {"sigact", 64 * 32}, {"ctl", 0},
                 {"lstatus", 16 + 1088}, {"lpsinfo", 16 + 144}, {"lusage", 16 + 2 * 528}, {"auxv", 32 * 16},
                 {"watch", 0}};
    struct stat st;
    char data[4096];
    for (unsigned at = 0; at < sizeof files / sizeof *files; at++) {
        CHECK_EQ(0, stat(path_of(getpid(), files[at].name), &st));
        CHECK_EQ(files[at].size, st.st_size);
        if (strcmp(files[at].name, "ctl") != 0)
            CHECK_EQ(files[at].size, read_of(getpid(), files[at].name, data, sizeof data));
    }
    char name[64];
    snprintf(name, sizeof name, "lwp/%d/lwpstatus", getpid());
    CHECK_EQ(1064, read_of(getpid(), name, data, sizeof data));
    snprintf(name, sizeof name, "lwp/%d/lwpsinfo", getpid());
    CHECK_EQ(128, read_of(getpid(), name, data, sizeof data));
    snprintf(name, sizeof name, "lwp/%d/lwpusage", getpid());
    CHECK_EQ(504, read_of(getpid(), name, data, sizeof data));
    snprintf(name, sizeof name, "lwp/%d/xregs", getpid());
    CHECK_EQ(0, read_of(getpid(), name, data, sizeof data));
    CHECK_EQ(0, stat(path_of(getpid(), "as"), &st));
    long mapped = 0;
    prmap_t maps[64];
    size_t got = read_of(getpid(), "map", maps, sizeof maps);
    for (unsigned at = 0; at < got / sizeof *maps; at++)
        mapped += maps[at].pr_size;
    CHECK_EQ(mapped, st.st_size);
}

CASE(owner_is_the_real_one_and_times_are_the_start)
{
    pid_t child = fork();
    if (child == 0) {
        setresgid(11, 12, 13);
        setresuid(21, 22, 23);
        for (;;)
            pause();
    }
    pass_ms(1);
    struct stat st;
    CHECK_EQ(0, stat(path_of(child, "psinfo"), &st));
    CHECK_EQ(21, st.st_uid);
    CHECK_EQ(11, st.st_gid);
    psinfo_t info = psinfo_of(child);
    CHECK_EQ(21, info.pr_uid);
    CHECK_EQ(22, info.pr_euid);
    CHECK_EQ(11, info.pr_gid);
    CHECK_EQ(12, info.pr_egid);
    CHECK_EQ(info.pr_start.tv_sec, st.st_mtim.tv_sec);
    CHECK_EQ(info.pr_start.tv_nsec, st.st_mtim.tv_nsec);
    CHECK_EQ(st.st_mtim.tv_sec, st.st_atim.tv_sec);
    CHECK_EQ(st.st_mtim.tv_nsec, st.st_ctim.tv_nsec);
    end(child);
}

CASE(self_resolves_and_is_not_listed)
{
    struct stat own, self;
    CHECK_EQ(0, stat("/system/proc/self", &self));
    CHECK_EQ(0, stat(path_of(getpid(), ""), &own));
    CHECK_EQ(own.st_ino, self.st_ino);
    const char *names = names_in("/system/proc");
    CHECK(strstr(names, "self") == NULL);
    char own_name[16];
    snprintf(own_name, sizeof own_name, "%d ", getpid());
    CHECK(strstr(names, own_name) != NULL);
    CHECK_EQ(getpid(), psinfo_of(getpid()).pr_pid);
    static const char *const wrong[] = {"0", "01", "+1", "99999", "99999999999999999999", "-1", "1x", "thread-self"};
    for (unsigned at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        char path[64];
        snprintf(path, sizeof path, "/system/proc/%s", wrong[at]);
        CHECK_ERRNO(ENOENT, stat(path, &self));
    }
    CHECK_ERRNO(ENOENT, stat(path_of(getpid(), "nothing"), &self));
    CHECK_ERRNO(ENOENT, stat(path_of(getpid(), "lwp/99"), &self));
    CHECK_ERRNO(ENOENT, stat(path_of(getpid(), "lwp/agent"), &self));
    CHECK_ERRNO(ENOTDIR, stat(path_of(getpid(), "psinfo/x"), &self));
}

/* Slots: the first free one is the one freed last, and readdir goes by slot. */
CASE(processes_are_listed_by_slot)
{
    pid_t children[6];
    for (int at = 0; at < 6; at++)
        children[at] = sleeper();
    struct stat st;
    CHECK_EQ(0, stat(path_of(children[1], ""), &st));
    unsigned long second = st.st_ino;
    CHECK_EQ(0, stat(path_of(children[4], ""), &st));
    unsigned long fifth = st.st_ino;
    CHECK_EQ(3 * 64, fifth - second);
    end(children[1]);
    end(children[4]);
    pid_t first = sleeper(), next = sleeper();
    CHECK_EQ(0, stat(path_of(first, ""), &st));
    CHECK_EQ(fifth, st.st_ino);
    CHECK_EQ(0, stat(path_of(next, ""), &st));
    CHECK_EQ(second, st.st_ino);
    char expected[128], *end_of = expected;
    pid_t order[] = {getpid(), children[0], next, children[2], children[3], first, children[5]};
    for (int at = 0; at < 7; at++)
        end_of += sprintf(end_of, "%d ", order[at]);
    CHECK(strcmp(expected, names_in("/system/proc")) == 0);
    for (int at = 1; at < 7; at++)
        end(order[at]);
}

CASE(inode_numbers_tell_slot_and_type)
{
    struct stat dir, file;
    CHECK_EQ(0, stat(path_of(getpid(), ""), &dir));
    static const char *const names[] = {"", "as", "ctl", "status", "lstatus", "psinfo", "lpsinfo", "map", "rmap", "xmap",
                                        "cred", "sigact", "auxv", "usage", "lusage", "pagedata", "watch", "cwd", "root",
                                        "fd"};
    for (unsigned at = 1; at < sizeof names / sizeof *names; at++) {
        CHECK_EQ(0, lstat(path_of(getpid(), names[at]), &file));
        CHECK_EQ(dir.st_ino + at, file.st_ino);
    }
    DIR *listing = opendir("/system/proc/self");
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.') {
            CHECK_EQ(0, lstat(path_of(getpid(), entry->d_name), &file));
            CHECK_EQ(file.st_ino, entry->d_ino);
            CHECK_EQ(file.st_mode >> 12, entry->d_type);
        }
    closedir(listing);
}

CASE(nothing_is_made_or_removed)
{
    CHECK_EQ(0, chdir("/system/proc"));
    CHECK_ERRNO(EACCES, open("new", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(EACCES, open("self/new", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(EEXIST, open("self/psinfo", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK_ERRNO(ENOSYS, mkdir("new", 0700));
    CHECK_ERRNO(EEXIST, mkdir("self", 0700));
    CHECK_ERRNO(ENOSYS, symlink("x", "self/new"));
    CHECK_ERRNO(ENOSYS, mknod("self/new", S_IFIFO | 0600, 0));
    CHECK_ERRNO(ENOSYS, link("self/psinfo", "self/new"));
    CHECK_ERRNO(ENOSYS, rename("self/psinfo", "self/new"));
    CHECK_ERRNO(ENOSYS, rename("self/psinfo", "self/status"));
    CHECK_ERRNO(ENOSYS, unlink("self/psinfo"));
    CHECK_ERRNO(ENOENT, unlink("self/nothing"));
    CHECK_ERRNO(ENOSYS, rmdir("self/lwp"));
    CHECK_ERRNO(ENOSYS, chmod("self/psinfo", 0600));
    CHECK_ERRNO(ENOSYS, chown("self/psinfo", 0, 0));
    CHECK_ERRNO(ENOSYS, utimensat(AT_FDCWD, "self/psinfo", NULL, 0));
    CHECK_ERRNO(EINVAL, readlink("self/psinfo", (char[8]){0}, 8));
    CHECK_ERRNO(EISDIR, open("self", O_WRONLY));
    CHECK_ERRNO(EISDIR, open("self/lwp", O_RDWR));
    CHECK_ERRNO(ENOTDIR, open("self/psinfo", O_RDONLY | O_DIRECTORY));
    int dir = open("self", O_RDONLY);
    char byte;
    CHECK_ERRNO(EINVAL, read(dir, &byte, 1));
    CHECK_ERRNO(EINVAL, pread(dir, &byte, 1, 0));
    CHECK_ERRNO(EBADF, write(dir, &byte, 1));
    int file = open("self/psinfo", O_RDONLY);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED);
    CHECK_EQ(ENODEV, errno);
}

CASE(root_may_open_for_writing_what_is_not_written)
{
    static const char *const names[] = {"status", "lstatus", "lpsinfo", "map", "rmap", "xmap", "cred", "sigact", "auxv",
                                        "usage", "lusage", "pagedata", "watch"};
    for (unsigned at = 0; at < sizeof names / sizeof *names; at++) {
        int fd = open_of(getpid(), names[at], O_RDWR | O_TRUNC);
        CHECK(fd >= 0);
        CHECK_ERRNO(EBADF, write(fd, "x", 1));
        CHECK_ERRNO(EBADF, pwrite(fd, "x", 1, 0));
        close(fd);
        fd = open_of(getpid(), names[at], O_WRONLY);
        char byte;
        CHECK_ERRNO(EBADF, read(fd, &byte, 1));
        close(fd);
    }
}

CASE(seeking)
{
    int fd = open_of(getpid(), "psinfo", O_RDONLY);
    psinfo_t info;
    CHECK_EQ(8, lseek(fd, 8, SEEK_SET));
    CHECK_EQ(12, lseek(fd, 4, SEEK_CUR));
    CHECK_ERRNO(EINVAL, lseek(fd, 0, SEEK_END));
    CHECK_ERRNO(EINVAL, lseek(fd, -1, SEEK_SET));
    int parent;
    CHECK_EQ(4, read(fd, &parent, 4));
    CHECK_EQ(getppid(), parent);
    CHECK_EQ(16, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(16, pread(fd, &info, 100, 400));
    CHECK_EQ(0, pread(fd, &info, 100, 416));
    CHECK_EQ(0, pread(fd, &info, 100, 1l << 60));
    CHECK_ERRNO(EINVAL, pread(fd, &info, 100, -1));
    int as = open_of(getpid(), "as", O_RDWR);
    CHECK_EQ(0x4000000000, lseek(as, 0x4000000000, SEEK_SET));
    CHECK_EQ(0, read(as, &info, 8));
    CHECK_ERRNO(EIO, write(as, &info, 8));
    CHECK_EQ(0, pread(as, &info, 8, 8));
    CHECK_ERRNO(EIO, pwrite(as, &info, 8, 8));
    CHECK_ERRNO(EINVAL, lseek(as, 0, SEEK_END));
}

CASE(a_zombie_has_psinfo_and_usage_only)
{
    pid_t child = zombie();
    CHECK(strcmp(names_in(path_of(child, "")), "psinfo usage ") == 0);
    static const char *const gone[] = {"as", "ctl", "status", "lstatus", "lpsinfo", "map", "rmap", "xmap", "cred",
                                       "sigact", "auxv", "lusage", "pagedata", "watch", "fd", "object", "lwp", "cwd",
                                       "root"};
    for (unsigned at = 0; at < sizeof gone / sizeof *gone; at++)
        CHECK_ERRNO(ENOENT, open_of(child, gone[at], O_RDONLY));
    psinfo_t info = psinfo_of(child), zero = {0};
    CHECK_EQ(0, info.pr_nlwp);
    CHECK_EQ(0, info.pr_lwp.pr_lwpid);
    CHECK_EQ('Z', info.pr_lwp.pr_sname);
    CHECK_EQ(SZOMB, info.pr_lwp.pr_state);
    CHECK_EQ(7 << 8, info.pr_wstat);
    CHECK_EQ(child, info.pr_pid);
    CHECK_EQ(getpid(), info.pr_ppid);
    CHECK_EQ(getpgid(0), info.pr_pgid);
    CHECK_EQ(0, memcmp(info.pr_fname, zero.pr_fname, sizeof info.pr_fname));
    CHECK_EQ(0, memcmp(info.pr_psargs, zero.pr_psargs, sizeof info.pr_psargs));
    CHECK_EQ(0, info.pr_start.tv_sec);
    CHECK_EQ(0, info.pr_size);
    prusage_t usage;
    CHECK_EQ(sizeof usage, read_of(child, "usage", &usage, sizeof usage));
    int kept = open_of(child, "psinfo", O_RDONLY), dir = open_of(child, "", O_RDONLY);
    CHECK_ERRNO(EACCES, open_of(child, "new", O_CREAT | O_WRONLY));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_ERRNO(ENOENT, read(kept, &info, sizeof info));
    CHECK_ERRNO(ENOENT, open_of(child, "psinfo", O_RDONLY));
    CHECK_ERRNO(ENOENT, openat(dir, "psinfo", O_RDONLY));
    char entries[256];
    long got = syscall(SYS_getdents64, dir, entries, sizeof entries);
    CHECK(got == -1 && errno == ENOENT);
}

CASE(files_opened_before_the_end)
{
    static const char *const names[] = {"as", "status", "lstatus", "lpsinfo", "map", "rmap", "xmap", "cred", "sigact",
                                        "auxv", "lusage", "pagedata", "watch", "psinfo", "usage", "fd", "lwp", "object"};
    enum { COUNT = sizeof names / sizeof *names };
    int fds[COUNT];
    char data[8192];
    pid_t child = sleeper();
    for (int at = 0; at < COUNT; at++)
        CHECK((fds[at] = open_of(child, names[at], O_RDONLY)) >= 0);
    kill(child, SIGKILL);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    for (int at = 0; at < COUNT; at++)
        if (at >= 15)
            CHECK_ERRNO(ENOENT, syscall(SYS_getdents64, fds[at], data, sizeof data));
        else if (at >= 13)
            CHECK(pread(fds[at], data, sizeof data, 0) > 0);
        else
            CHECK_ERRNO(ENOENT, pread(fds[at], data, sizeof data, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    for (int at = 0; at < 15; at++)
        CHECK_ERRNO(ENOENT, pread(fds[at], data, sizeof data, 0));
    struct stat st;
    CHECK_EQ(0, fstat(fds[1], &st));
    CHECK_EQ(0, st.st_size);
}

CASE(cwd_and_root_are_places_with_an_empty_text)
{
    mkdir("/tmp/place", 0755);
    pid_t child = fork();
    if (child == 0) {
        chdir("/tmp/place");
        for (;;)
            pause();
    }
    pass_ms(1);
    close(open("/tmp/place/here", O_CREAT | O_WRONLY, 0600));
    char text[8];
    CHECK_EQ(0, readlink(path_of(child, "cwd"), text, sizeof text));
    CHECK_EQ(0, readlink(path_of(child, "root"), text, sizeof text));
    struct stat real, through;
    CHECK_EQ(0, stat("/tmp/place", &real));
    CHECK_EQ(0, stat(path_of(child, "cwd"), &through));
    CHECK_EQ(real.st_ino, through.st_ino);
    CHECK_EQ(0, access(path_of(child, "cwd/here"), R_OK));
    CHECK_EQ(0, access(path_of(child, "root/tmp/place/here"), R_OK));
    CHECK(strcmp(names_in(path_of(child, "cwd")), "here ") == 0);
    end(child);
}

CASE(open_files_are_opened_again_with_no_more_access)
{
    int file = open("/tmp/file", O_CREAT | O_RDWR, 0600);
    write(file, "content", 7);
    int only = open("/tmp/file", O_RDONLY), written = open("/tmp/file", O_WRONLY), ends[2], pair[2];
    int dir = open("/tmp", O_RDONLY);
    pipe(ends);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pid_t child = sleeper();
    char name[32], data[16];
    snprintf(name, sizeof name, "fd/%d", only);
    int again = open_of(child, name, O_RDONLY);
    CHECK_EQ(7, read(again, data, sizeof data));
    CHECK_ERRNO(EACCES, open_of(child, name, O_WRONLY));
    CHECK_ERRNO(EACCES, open_of(child, name, O_RDWR));
    CHECK_ERRNO(EACCES, open_of(child, name, O_RDONLY | O_TRUNC));
    struct stat st, real;
    CHECK_EQ(0, stat(path_of(child, name), &st));
    fstat(only, &real);
    CHECK_EQ(7, st.st_size);
    CHECK_EQ(S_IFREG | 0400, st.st_mode);
    snprintf(name, sizeof name, "fd/%d", written);
    CHECK_ERRNO(EACCES, open_of(child, name, O_RDONLY));
    CHECK(open_of(child, name, O_WRONLY) >= 0);
    CHECK_EQ(0, fstat(file, &real));
    CHECK_EQ(7, real.st_size);
    int emptied = open_of(child, name, O_WRONLY | O_TRUNC);
    CHECK(emptied >= 0);
    CHECK_EQ(0, fstat(file, &real));
    CHECK_EQ(0, real.st_size);
    CHECK_EQ(2, write(emptied, "xy", 2));
    snprintf(name, sizeof name, "fd/%d", ends[0]);
    CHECK_ERRNO(EACCES, open_of(child, name, O_RDONLY));
    CHECK_EQ(0, stat(path_of(child, name), &st));
    CHECK(S_ISFIFO(st.st_mode));
    snprintf(name, sizeof name, "fd/%d", pair[0]);
    CHECK_ERRNO(EACCES, open_of(child, name, O_RDONLY));
    snprintf(name, sizeof name, "fd/%d", dir);
    CHECK(open_of(child, name, O_RDONLY | O_DIRECTORY) >= 0);
    snprintf(name, sizeof name, "fd/%d/file", dir);
    CHECK(open_of(child, name, O_RDONLY) >= 0);
    snprintf(name, sizeof name, "fd/%d/new", dir);
    CHECK(open_of(child, name, O_CREAT | O_WRONLY) < 0);
    CHECK_ERRNO(ENOENT, open_of(child, "fd/99", O_RDONLY));
    CHECK_ERRNO(ENOENT, open_of(child, "fd/x", O_RDONLY));
    char names[64] = "", *end_of = names;
    for (int fd = 0; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && fd != again && fd != emptied && fd <= pair[1])
            end_of += sprintf(end_of, "%d ", fd);
    CHECK(strcmp(names, names_in(path_of(child, "fd"))) == 0);
    end(child);
}

CASE(objects_are_the_mapped_files_and_read_only)
{
    int file = open("/tmp/mapped", O_CREAT | O_RDWR, 0666);
    CHECK_EQ(0, ftruncate(file, 4096));
    char *shown = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(shown != MAP_FAILED);
    struct stat st, exe;
    fstat(file, &st);
    char name[64], all[256];
    snprintf(name, sizeof name, "tmpfs.%d.%d.%d", major(st.st_dev), minor(st.st_dev), (int)st.st_ino);
    snprintf(all, sizeof all, "a.out %s ", name);
    CHECK(strcmp(all, names_in("/system/proc/self/object")) == 0);
    snprintf(all, sizeof all, "object/%s", name);
    CHECK_ERRNO(EACCES, open_of(getpid(), all, O_RDWR));
    CHECK_ERRNO(EACCES, open_of(getpid(), all, O_WRONLY));
    int again = open_of(getpid(), all, O_RDONLY);
    strcpy(shown, "seen");
    char data[5];
    CHECK_EQ(5, read(again, data, 5));
    CHECK(strcmp(data, "seen") == 0);
    CHECK_EQ(0, stat("/proc/self/exe", &exe));
    CHECK_EQ(0, stat("/system/proc/self/object/a.out", &st));
    CHECK_EQ(exe.st_size, st.st_size);
    CHECK_ERRNO(ENOENT, open_of(getpid(), "object/other", O_RDONLY));
    prmap_t maps[64];
    size_t got = read_of(getpid(), "map", maps, sizeof maps);
    int found = 0;
    for (unsigned at = 0; at < got / sizeof *maps; at++)
        if (maps[at].pr_vaddr == (uintptr_t)shown) {
            CHECK(strcmp(maps[at].pr_mapname, name) == 0);
            CHECK_EQ(MA_READ | MA_WRITE | MA_SHARED, maps[at].pr_mflags);
            found = 1;
        }
    CHECK(found);
}

CASE(exclusive_opens)
{
    pid_t child = sleeper();
    int first = open_of(child, "as", O_RDWR | O_EXCL);
    CHECK(first >= 0);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    CHECK_ERRNO(EBUSY, open_of(child, "as", O_RDWR | O_EXCL));
    int plain = open_of(child, "ctl", O_WRONLY);
    CHECK(plain >= 0);
    CHECK(open_of(child, "as", O_RDONLY | O_EXCL) >= 0);
    CHECK(open_of(child, "status", O_RDONLY | O_EXCL) >= 0);
    char name[32];
    snprintf(name, sizeof name, "lwp/%d/lwpctl", child);
    CHECK_ERRNO(EBUSY, open_of(child, name, O_WRONLY | O_EXCL));
    close(first);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    int copy = dup(plain);
    close(plain);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    close(copy);
    int lwpctl = open_of(child, name, O_WRONLY | O_EXCL);
    CHECK(lwpctl >= 0);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    close(lwpctl);
    CHECK(open_of(child, "ctl", O_WRONLY | O_EXCL) >= 0);
    end(child);
}

CASE(opening_oneself_always_works_and_closes_on_exec)
{
    int as = open_of(getpid(), "as", O_RDWR | O_EXCL), ctl = open_of(getpid(), "ctl", O_WRONLY | O_EXCL);
    CHECK(as >= 0);
    CHECK(ctl >= 0);
    CHECK_EQ(FD_CLOEXEC, fcntl(as, F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(ctl, F_GETFD));
    CHECK_EQ(0, fcntl(open_of(getpid(), "as", O_RDONLY), F_GETFD));
    CHECK_EQ(0, fcntl(open_of(getpid(), "status", O_RDONLY), F_GETFD));
    pid_t child = fork();
    if (child == 0) {
        CHECK(open_of(getppid(), "ctl", O_WRONLY | O_EXCL) >= 0);
        _exit(0);
    }
    CHECK_EQ(0, exit_status_of(child));
    order_long(ctl, PCSET, PR_KLC);
    close(as);
    close(ctl);
    pass_ms(1);                                     /* not counted, so nothing happens at the last close */
}

CASE(kill_on_last_close_and_run_on_last_close)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY), as = open_of(child, "as", O_RDWR);
    sysset_t set = SYSSET(SYS_ppoll);
    fltset_t faults = FAULT(FLTBPT);
    pr_sigset_t signals = SIGNALS(SIGUSR1);
    prwatch_t area = {(uintptr_t)&child, 4, WA_WRITE, 0};
    tell(ctl, PCSENTRY, &set, sizeof set);
    tell(ctl, PCSEXIT, &set, sizeof set);
    tell(ctl, PCSFAULT, &faults, sizeof faults);
    tell(ctl, PCSTRACE, &signals, sizeof signals);
    tell(ctl, PCWATCH, &area, sizeof area);
    order_long(ctl, PCSET, PR_RLC | PR_FORK);
    order(ctl, PCSTOP);
    close(ctl);
    pstatus_t status = status_of(child), zero = {0};
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(status.pr_flags & PR_RLC);
    close(as);
    status = status_of(child);
    CHECK(!(status.pr_flags & (PR_STOPPED | PR_RLC)));
    CHECK(status.pr_flags & PR_FORK);
    CHECK_EQ(0, memcmp(&status.pr_sysentry, &zero.pr_sysentry, sizeof zero.pr_sysentry));
    CHECK_EQ(0, memcmp(&status.pr_sysexit, &zero.pr_sysexit, sizeof zero.pr_sysexit));
    CHECK_EQ(0, memcmp(&status.pr_flttrace, &zero.pr_flttrace, sizeof zero.pr_flttrace));
    CHECK_EQ(0, memcmp(&status.pr_sigtrace, &zero.pr_sigtrace, sizeof zero.pr_sigtrace));
    CHECK_EQ(0, read_of(child, "watch", &area, sizeof area));
    ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCSET, PR_RLC | PR_KLC);
    order(ctl, PCSTOP);
    close(ctl);
    CHECK_EQ(SIGKILL, exit_status_of(child));
    child = sleeper();
    ctl = open_of(child, "ctl", O_WRONLY);
    order(ctl, PCSTOP);
    close(ctl);
    CHECK(status_of(child).pr_flags & PR_STOPPED);  /* without a mode it stays */
    kill(child, SIGCONT);
    CHECK(status_of(child).pr_flags & PR_STOPPED);
    end(child);
}

CASE(last_close_waits_for_nothing_while_an_agent_is_there)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    order_long(ctl, PCSET, PR_RLC);
    order(ctl, PCSTOP);
    pstatus_t status = status_of(child);
    tell(ctl, PCAGENT, &status.pr_lwp.pr_reg, sizeof status.pr_lwp.pr_reg);
    close(ctl);
    status = status_of(child);
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(status.pr_agentid != 0);
    CHECK(status.pr_flags & PR_RLC);
    end(child);
}

CASE(poll_tells_of_stops_and_of_the_end)
{
    pid_t child = sleeper();
    int status = open_of(child, "status", O_RDONLY), ctl = open_of(child, "ctl", O_WRONLY);
    int psinfo = open_of(child, "psinfo", O_RDONLY), dir = open_of(child, "", O_RDONLY);
    short all = POLLIN | POLLRDNORM | POLLPRI | POLLOUT | POLLWRNORM;
    struct pollfd files[] = {{status, all, 0}, {ctl, POLLPRI, 0}, {dir, all, 0}, {psinfo, 0, 0}};
    CHECK_EQ(2, poll(files, 4, 0));
    CHECK_EQ(POLLIN | POLLRDNORM, files[0].revents);
    CHECK_EQ(POLLNVAL, files[2].revents);
    order(ctl, PCSTOP);
    CHECK_EQ(3, poll(files, 4, 0));
    CHECK_EQ(all, files[0].revents);
    CHECK_EQ(POLLPRI, files[1].revents);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, poll(&files[1], 1, 0));
    pid_t helper = fork();
    if (helper == 0) {
        pass_ms(20);
        order(ctl, PCDSTOP);
        pass_ms(20);
        kill(child, SIGKILL);
        _exit(0);
    }
    CHECK_EQ(1, poll(&files[1], 1, -1));
    CHECK_EQ(POLLPRI, files[1].revents);
    CHECK_EQ(1, poll(&files[3], 1, -1));
    CHECK_EQ(POLLHUP, files[3].revents);
    psinfo_t info;
    CHECK_EQ(sizeof info, pread(psinfo, &info, sizeof info, 0));
    CHECK_EQ('Z', info.pr_lwp.pr_sname);
    CHECK_EQ(SIGKILL, info.pr_wstat);
    CHECK_EQ(0, exit_status_of(helper));
    waitpid(child, NULL, 0);
    CHECK_EQ(1, poll(&files[3], 1, -1));
    CHECK_EQ(POLLHUP, files[3].revents);
}

CASE(names_in_psinfo_can_be_written)
{
    pid_t child = sleeper();
    int fd = open_of(child, "psinfo", O_RDWR);
    char name[PRFNSZ] = "other", line[PRARGSZ] = "other --with arguments";
    CHECK_EQ(PRFNSZ, pwrite(fd, name, PRFNSZ, offsetof(psinfo_t, pr_fname)));
    CHECK_EQ(PRARGSZ, pwrite(fd, line, PRARGSZ, offsetof(psinfo_t, pr_psargs)));
    psinfo_t info = psinfo_of(child);
    CHECK(strcmp(info.pr_fname, "other") == 0);
    CHECK(strcmp(info.pr_psargs, line) == 0);
    CHECK_EQ(0, pwrite(fd, name, 8, offsetof(psinfo_t, pr_fname)));
    CHECK_EQ(0, pwrite(fd, line, PRARGSZ, offsetof(psinfo_t, pr_fname)));
    CHECK_EQ(0, pwrite(fd, name, PRFNSZ, 0));
    CHECK(strcmp(psinfo_of(child).pr_fname, "other") == 0);
    memset(line, 'x', sizeof line);
    CHECK_EQ(PRARGSZ, pwrite(fd, line, PRARGSZ, offsetof(psinfo_t, pr_psargs)));
    CHECK_EQ(PRARGSZ - 1, strlen(psinfo_of(child).pr_psargs));
    end(child);
}

CASE(another_user)
{
    pid_t child = sleeper();
    pid_t other = fork();
    if (other == 0) {
        setgid(1000);
        setuid(1000);
        static const char *const closed[] = {"as", "status", "lstatus", "map", "rmap", "xmap", "cred", "sigact", "auxv",
                                             "pagedata", "watch", "fd", "object"};
        static const char *const open_to_all[] = {"", "psinfo", "lpsinfo", "usage", "lusage", "lwp"};
        for (unsigned at = 0; at < sizeof closed / sizeof *closed; at++)
            CHECK_ERRNO(EACCES, open_of(child, closed[at], O_RDONLY));
        CHECK_ERRNO(EACCES, open_of(child, "ctl", O_WRONLY));
        CHECK_ERRNO(EACCES, open_of(child, "psinfo", O_WRONLY));
        CHECK_ERRNO(EACCES, open_of(child, "psinfo", O_RDWR));
        CHECK_ERRNO(EACCES, open_of(child, "cwd/x", O_RDONLY));
        for (unsigned at = 1; at < sizeof open_to_all / sizeof *open_to_all; at++)
            CHECK(open_of(child, open_to_all[at], O_RDONLY) >= 0);
        CHECK_ERRNO(EACCES, open(path_of(child, ""), O_RDONLY));
        CHECK_ERRNO(ENOENT, open_of(child, "nothing", O_RDONLY));
        CHECK_ERRNO(EACCES, open_of(child, "new", O_CREAT | O_WRONLY));
        _exit(0);
    }
    CHECK_EQ(0, exit_status_of(other));
    end(child);
}

CASE(both_file_systems_show_the_same_processes)
{
    pid_t children[5];
    for (int at = 0; at < 5; at++)
        children[at] = at & 1 ? zombie() : sleeper();
    char linux_names[512] = "", *end_of = linux_names;
    int found = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
            psinfo_t info = psinfo_of(atoi(entry->d_name));
            char path[64], line[256] = "", state;
            int pid, parent, group, session;
            snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
            int fd = open(path, O_RDONLY);
            CHECK(read(fd, line, sizeof line - 1) > 0);
            close(fd);
            CHECK_EQ(5, sscanf(line, "%d (%*[^)]) %c %d %d %d", &pid, &state, &parent, &group, &session));
            CHECK_EQ(pid, info.pr_pid);
            CHECK_EQ(parent, info.pr_ppid);
            CHECK_EQ(group, info.pr_pgid);
            CHECK_EQ(session, info.pr_sid);
            CHECK_EQ(state == 'R' ? 'O' : state, info.pr_lwp.pr_sname);
            end_of += sprintf(end_of, "%s ", entry->d_name);
            found++;
        }
    closedir(dir);
    CHECK_EQ(6, found);
    int listed = 0;
    dir = opendir("/system/proc");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.') {
            char word[32];
            snprintf(word, sizeof word, "%s ", entry->d_name);
            CHECK(strstr(linux_names, word) != NULL);
            listed++;
        }
    closedir(dir);
    CHECK_EQ(found, listed);
    for (int at = 0; at < 5; at++)
        end(children[at]);
}

CASE(another_mount_shows_the_same)
{
    mkdir("/tmp/sol", 0755);
    CHECK_EQ(0, mount("solproc", "/tmp/sol", "solproc", 0, NULL));
    struct stat one, two;
    CHECK_EQ(0, stat("/tmp/sol/self", &one));
    CHECK_EQ(0, stat("/system/proc/self", &two));
    CHECK_EQ(one.st_ino, two.st_ino);
    CHECK(one.st_dev != two.st_dev);
    pid_t child = sleeper();
    char path[64];
    snprintf(path, sizeof path, "/tmp/sol/%d/ctl", child);
    int there = open(path, O_WRONLY | O_EXCL);
    CHECK(there >= 0);
    CHECK_ERRNO(EBUSY, open_of(child, "ctl", O_WRONLY | O_EXCL));
    close(there);
    CHECK_EQ(0, umount("/tmp/sol"));
    CHECK_ERRNO(EINVAL, mount("solproc", "/tmp/sol", "solproc", 0, "flavor=linux"));
    end(child);
}

CASE(shared_segments_have_their_number)
{
    int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
    char *at = shmat(id, NULL, 0);
    char *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prmap_t maps[32];
    for (int removed = 0; removed < 2; removed++) {
        size_t count = read_of(getpid(), "map", maps, sizeof maps) / sizeof *maps, seen = 0;
        for (size_t n = 0; n < count; n++) {
            int is = maps[n].pr_vaddr == (uintptr_t)at;
            CHECK_EQ(is ? MA_SHM | MA_SHARED : 0, maps[n].pr_mflags & (is ? MA_SHM | MA_SHARED : MA_SHM));
            CHECK_EQ(is ? id : -1, maps[n].pr_shmid);
            seen += is || maps[n].pr_vaddr == (uintptr_t)other;
        }
        CHECK_EQ(2, seen);
        shmctl(id, IPC_RMID, NULL);                         /* it stays while it is attached */
    }
}

/* The marks of four pages in one read; what it gave. */
static long marks_of(int fd, const char *pages, unsigned char *marks)
{
    static char data[1 << 16];
    long got = pread(fd, data, sizeof data, 12345);
    CHECK(got > 0);
    prpageheader_t *head = (void *)data;
    char *at = data + sizeof *head;
    long seen = 0, maps = 0;
    memset(marks, 99, 4);
    for (; at < data + got; maps++) {
        prasmap_t *map = (void *)at;
        at += sizeof *map;
        seen += map->pr_npage;
        if (map->pr_vaddr <= (uintptr_t)pages && (uintptr_t)pages < map->pr_vaddr + map->pr_npage * 4096)
            memcpy(marks, at + ((uintptr_t)pages - map->pr_vaddr) / 4096, 4);
        at += (map->pr_npage + 7) / 8 * 8;
    }
    CHECK_EQ(got, at - data);
    CHECK_EQ(head->pr_nmap, maps);
    CHECK_EQ(head->pr_npage, seen);
    return got;
}

#define MARKS(one, two, three, four)                                                                                  \
    ({                                                                                                                \
        CHECK_EQ(one, marks[0]);                                                                                      \
        CHECK_EQ(two, marks[1]);                                                                                      \
        CHECK_EQ(three, marks[2]);                                                                                    \
        CHECK_EQ(four, marks[3]);                                                                                     \
    })
enum { TOUCHED = PG_MAPPED | PG_REFERENCED, WRITTEN = TOUCHED | PG_MODIFIED };

CASE(page_data)
{
    char *pages = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char marks[4];
    pages[0] = pages[4096] = 1;
    int fd = open_of(getpid(), "pagedata", O_RDONLY);
    marks_of(fd, pages, marks);
    MARKS(PG_MAPPED, PG_MAPPED, 0, 0);                      /* nothing since it was opened */
    pages[0] = 1;
    (void)*(volatile char *)(pages + 4096);
    pages[2 * 4096] = 1;
    char few[100];
    CHECK_ERRNO(E2BIG, read(fd, few, sizeof few));          /* and nothing is cleared */
    struct stat info;
    CHECK_EQ(0, fstat(fd, &info));
    CHECK_EQ(info.st_size, marks_of(fd, pages, marks));
    MARKS(WRITTEN, TOUCHED, WRITTEN, 0);
    marks_of(fd, pages, marks);
    MARKS(PG_MAPPED, PG_MAPPED, PG_MAPPED, 0);
    int more[64], opened = 1;
    while (opened < 64 && (more[opened] = open_of(getpid(), "pagedata", O_RDONLY)) >= 0)
        opened++;
    CHECK_EQ(ENOMEM, errno);
    close(more[1]);
    CHECK(open_of(getpid(), "pagedata", O_RDONLY) >= 0);
}

CASE(readers_of_page_data_do_not_take_from_each_other)
{
    char *pages = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char marks[4];
    pages[0] = 1;
    int one = open_of(getpid(), "pagedata", O_RDONLY), two = open_of(getpid(), "pagedata", O_RDONLY);
    pages[0] = 1;
    marks_of(one, pages, marks);
    MARKS(WRITTEN, 0, 0, 0);
    pages[4096] = 1;
    int late = open_of(getpid(), "pagedata", O_RDONLY);
    pages[2 * 4096] = 1;
    marks_of(two, pages, marks);
    MARKS(WRITTEN, WRITTEN, WRITTEN, 0);
    marks_of(two, pages, marks);
    MARKS(PG_MAPPED, PG_MAPPED, PG_MAPPED, 0);
    marks_of(one, pages, marks);
    MARKS(PG_MAPPED, WRITTEN, WRITTEN, 0);
    marks_of(late, pages, marks);
    MARKS(PG_MAPPED, PG_MAPPED, WRITTEN, 0);
}
