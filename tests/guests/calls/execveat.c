#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BAD ((void *)-4096l)

static char *const no_environment[] = {NULL};

static long exec_at(int dirfd, const char *path, char *const argv[], int flags)
{
    return syscall(SYS_execveat, dirfd, path, argv, no_environment, flags);
}

/* The program that this is, run again with the case's name, says how it was called. */
static int run_again(const char *name)
{
    return check_argc == 3 && strcmp(check_argv[1], name) == 0;
}

static void copy_of_this(const char *name)
{
    char block[65536];
    long size;
    int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_CREAT | O_WRONLY, 0755);
    while ((size = read(from, block, sizeof block)) > 0)
        CHECK_EQ(size, write(to, block, size));
    close(from);
    close(to);
}

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_WRONLY, 0755);
    CHECK_EQ((long)strlen(text), write(fd, text, strlen(text)));
    close(fd);
}

static int status_of(pid_t child)
{
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status;
}

CASE(from_a_directory)
{
    if (run_again("from_a_directory"))
        return;
    char *again[] = {"x", "from_a_directory", "again", NULL};
    CHECK_EQ(0, mkdir("d", 0700));
    copy_of_this("d/program");
    int d = open("d", O_RDONLY | O_DIRECTORY);
    pid_t child = fork();
    if (child == 0) {
        close(1);
        exec_at(d, "program", again, 0);
        _exit(9);
    }
    CHECK_EQ(0, status_of(child));
}

CASE(an_open_file)
{
    if (run_again("an_open_file")) {
        char path[64];
        CHECK(readlink("/proc/self/exe", path, sizeof path) > 0);
        return;
    }
    char *again[] = {"x", "an_open_file", "again", NULL};
    copy_of_this("program");
    int opened[] = {open("program", O_RDONLY), open("program", O_RDONLY | O_CLOEXEC), open("program", O_PATH)};
    unlink("program");
    for (int at = 0; at < 3; at++) {
        pid_t child = fork();
        if (child == 0) {
            close(1);
            exec_at(opened[at], "", again, AT_EMPTY_PATH);
            _exit(9);
        }
        CHECK_EQ(0, status_of(child));
    }
}

#ifdef __riscv
/* A script needs an interpreter that both kernels have; ours is this program itself. fs/exec.c:alloc_bprm */
CASE(a_script_by_descriptor)
{
    if (check_argc == 4) {
        CHECK(strncmp(check_argv[2], "/dev/fd/", 8) == 0);
        CHECK_EQ(0, access(check_argv[2], R_OK));
        CHECK(strcmp(check_argv[3], "last") == 0);
        return;
    }
    char line[4200] = "#!", *again[] = {"x", "last", NULL};
    copy_of_this("interpreter");
    CHECK(getcwd(line + 2, 4000) != NULL);
    strcat(line, "/interpreter a_script_by_descriptor\n");
    write_file("script", line);
    int kept = open("script", O_RDONLY), closed = open("script", O_RDONLY | O_CLOEXEC);
    int folder = open(".", O_RDONLY | O_CLOEXEC);
    CHECK_ERRNO(ENOENT, exec_at(closed, "", again, AT_EMPTY_PATH));
    CHECK_ERRNO(ENOENT, exec_at(folder, "script", again, 0));
    pid_t child = fork();
    if (child == 0) {
        close(1);
        exec_at(kept, "", again, AT_EMPTY_PATH);
        _exit(9);
    }
    CHECK_EQ(0, status_of(child));
}
#endif

CASE(errors)
{
    char *arguments[] = {"x", NULL};
    copy_of_this("program");
    CHECK_EQ(0, symlink("program", "link"));
    int file = open("program", O_RDONLY), folder = open(".", O_RDONLY);
    CHECK_ERRNO(ENOENT, exec_at(file, "", arguments, 0));
    CHECK_ERRNO(ENOENT, exec_at(file, "", arguments, 1));
    CHECK_ERRNO(EINVAL, exec_at(AT_FDCWD, "program", arguments, 1));
    CHECK_ERRNO(EFAULT, exec_at(AT_FDCWD, BAD, arguments, 0));
    CHECK_ERRNO(ELOOP, exec_at(AT_FDCWD, "link", arguments, AT_SYMLINK_NOFOLLOW));
    CHECK_ERRNO(EBADF, exec_at(99, "program", arguments, 0));
    CHECK_ERRNO(EBADF, exec_at(99, "", arguments, AT_EMPTY_PATH));
    CHECK_ERRNO(ENOTDIR, exec_at(file, "program", arguments, 0));
    CHECK_ERRNO(EACCES, exec_at(folder, "", arguments, AT_EMPTY_PATH)); /* a directory */
    CHECK_ERRNO(ENOENT, exec_at(folder, "nothing", BAD, 0));
    CHECK_ERRNO(EFAULT, exec_at(folder, "program", BAD, 0));
}
