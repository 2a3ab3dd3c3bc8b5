/* A call that is given an error is not made: what it would have done has not happened, and the next one does it. */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static int new_file(const char *path, const char *text)
{
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    return fd;
}

FAULTS("openat:1:path=*fresh=EMFILE")
CASE(nothing_is_created)
{
    CHECK_ERRNO(EMFILE, open("/tmp/fresh", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(3, lowest_free());
    CHECK_ERRNO(ENOENT, access("/tmp/fresh", F_OK));
    CHECK_EQ(3, open("/tmp/fresh", O_RDWR | O_CREAT, 0644));
}

FAULTS("write:2=ENOSPC")
CASE(nothing_is_written)
{
    int fd = new_file("/tmp/f", "12345");
    CHECK_ERRNO(ENOSPC, write(fd, "xy", 2));
    struct stat facts;
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    char text[8] = "";
    CHECK_EQ(5, pread(fd, text, 8, 0));
    CHECK_EQ(0, memcmp(text, "12345", 5));
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK_EQ(5, facts.st_size);
    CHECK_EQ(2, write(fd, "xy", 2));
    CHECK_EQ(5, pread(fd, text, 8, 0));
    CHECK_EQ(0, memcmp(text, "xy345", 5));
}

FAULTS("read:1=EIO")
CASE(nothing_is_read)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    char text[8] = "zzzz";
    CHECK_ERRNO(EIO, read(ends[0], text, 8));
    CHECK_EQ(0, memcmp(text, "zzzz", 4));
    CHECK_EQ(3, read(ends[0], text, 8));
    CHECK_EQ(0, memcmp(text, "abcz", 4));
}

FAULTS("dup:1=EMFILE", "pipe2:1=ENFILE", "socket:1=ENOBUFS")
CASE(no_descriptor_comes)
{
    int ends[2] = {-5, -6};
    CHECK_ERRNO(EMFILE, dup(0));
    CHECK_ERRNO(ENFILE, pipe2(ends, 0));
    CHECK_EQ(-5, ends[0]);
    CHECK_EQ(-6, ends[1]);
    CHECK_ERRNO(ENOBUFS, socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_EQ(3, lowest_free());
}

FAULTS("close:1=EIO")
CASE(a_close_that_fails_closes_nothing)
{
    int fd = dup(0);
    CHECK_ERRNO(EIO, close(fd));
    CHECK(fcntl(fd, F_GETFD) == 0);
    CHECK_EQ(0, close(fd));
    CHECK_ERRNO(EBADF, close(fd));
}

FAULTS("clone:1=EAGAIN", "wait4:1=EINTR")
CASE(no_child_comes_and_none_is_taken)
{
    CHECK_ERRNO(EAGAIN, fork());
    CHECK_ERRNO(EINTR, wait(NULL));
    CHECK_ERRNO(ECHILD, wait(NULL));
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    CHECK(child > 0);
    int status = 0;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(7 << 8, status);
}

FAULTS("wait4:1=EINTR")
CASE(a_child_is_still_there_to_be_waited_for)
{
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    int status = 0;
    CHECK_ERRNO(EINTR, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(7 << 8, status);
}

FAULTS("execve:1=ETXTBSY")
CASE(the_program_stays)
{
    char *words[] = {"true", NULL};
    CHECK_ERRNO(ETXTBSY, execve("/bin/true", words, environ));
    CHECK_EQ(3, lowest_free());
}

FAULTS("unlinkat:1=EIO", "renameat2=EROFS", "mkdirat:1=ENOSPC", "ftruncate:1=EIO")
CASE(names_stay_as_they_are)
{
    int fd = new_file("/tmp/f", "12345");
    CHECK_ERRNO(EIO, unlink("/tmp/f"));
    CHECK_ERRNO(EROFS, syscall(SYS_renameat2, AT_FDCWD, "/tmp/f", AT_FDCWD, "/tmp/g", 0));
    CHECK_ERRNO(ENOSPC, mkdir("/tmp/g", 0755));
    CHECK_ERRNO(ENOENT, access("/tmp/g", F_OK));
    CHECK_ERRNO(EIO, ftruncate(fd, 1));
    CHECK_EQ(5, lseek(fd, 0, SEEK_END));
    CHECK_EQ(0, unlink("/tmp/f"));
}

FAULTS("nanosleep,clock_nanosleep=EINTR")
CASE(no_time_passes)
{
    struct timespec before, after, second = {1, 0};
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_ERRNO(EINTR, nanosleep(&second, NULL));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK_EQ(before.tv_sec, after.tv_sec);
}

FAULTS("mmap:1=ENOMEM", "munmap:1=ENOMEM", "mprotect:1=EACCES")
CASE(mappings_stay)
{
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    *page = 7;
    CHECK_ERRNO(EACCES, mprotect(page, 4096, PROT_READ));
    CHECK_ERRNO(ENOMEM, munmap(page, 4096));
    *page += 1;
    CHECK_EQ(8, *page);
    CHECK_EQ(0, munmap(page, 4096));
}

FAULTS("read:error=EIO:when=2")
CASE(the_way_of_strace)
{
    char byte;
    CHECK_EQ(0, read(0, &byte, 1));
    CHECK_ERRNO(EIO, read(0, &byte, 1));
    CHECK_EQ(0, read(0, &byte, 1));
}

FAULTS("read:1=EIO", "read:1=EPERM", "read:2=ENODEV")
CASE(the_first_one_that_hits_is_the_one_that_happens)
{
    char byte;
    CHECK_ERRNO(EIO, read(0, &byte, 1));
    CHECK_ERRNO(ENODEV, read(0, &byte, 1));
    CHECK_EQ(0, read(0, &byte, 1));
}
