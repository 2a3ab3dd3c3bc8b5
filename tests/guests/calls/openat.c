#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>
#include <sys/wait.h>

CASE(makes_a_file_with_the_mode_that_umask_leaves)
{
    umask(027);
    int fd = openat(AT_FDCWD, "f", O_CREAT | O_WRONLY, 0666);
    CHECK(fd >= 0);
    CHECK_EQ(0640, mode_of("f"));
    CHECK_EQ(0, facts_of("f").st_size);
    CHECK_EQ(fd + 1, openat(AT_FDCWD, "f", O_CREAT | O_RDONLY, 0777)); /* the mode of what is there stays */
    CHECK_EQ(0640, mode_of("f"));
    CHECK(openat(AT_FDCWD, "set", O_CREAT | O_WRONLY, 04755) >= 0);
    CHECK_EQ(04750, mode_of("set"));
    /* The mode is for later: this description writes all the same. */
    int none = openat(AT_FDCWD, "none", O_CREAT | O_RDWR, 0);
    CHECK_EQ(1, write(none, "x", 1));
    CHECK_EQ(0, mode_of("none"));
}

CASE(takes_the_lowest_number)
{
    make_file("f", "");
    int first = open("f", O_RDONLY), second = open("f", O_RDONLY), third = open("f", O_RDONLY | O_CLOEXEC);
    CHECK(first < second && second < third);
    CHECK_EQ(FD_CLOEXEC, fcntl(third, F_GETFD));
    CHECK_EQ(0, fcntl(second, F_GETFD));
    close(first);
    CHECK_EQ(first, open("f", O_RDONLY));
}

CASE(shows_the_flags_that_last)
{
    int fd = open("f", O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY | O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600);
    CHECK_EQ(O_RDWR | O_APPEND | O_NONBLOCK, fcntl(fd, F_GETFL) & ~0100000); /* without O_LARGEFILE */
    CHECK_EQ(0100000, fcntl(fd, F_GETFL) & 0100000);
    fd = open("f", O_PATH | O_RDWR | O_APPEND | O_CLOEXEC);
    CHECK_EQ(O_PATH, fcntl(fd, F_GETFL));
    fd = open("f", O_RDONLY | (1 << 30)); /* bits that mean nothing are ignored */
    CHECK(fd >= 0);
    CHECK_EQ(0100000, fcntl(fd, F_GETFL));
}

CASE(empties_a_file)
{
    make_file("f", "content");
    CHECK(open("f", O_WRONLY) >= 0);
    CHECK_EQ(7, facts_of("f").st_size);
    CHECK(open("f", O_RDONLY | O_TRUNC) >= 0); /* for reading, too */
    CHECK_EQ(0, facts_of("f").st_size);
}

CASE(appends)
{
    make_file("f", "12345");
    int fd = open("f", O_RDWR | O_APPEND), other = open("f", O_WRONLY | O_APPEND);
    CHECK_EQ(1, write(other, "6", 1));
    CHECK_EQ(1, write(fd, "7", 1));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_EQ(1, write(fd, "8", 1));
    CHECK_EQ(8, lseek(fd, 0, SEEK_CUR));
    check_file("f", "12345678");
}

CASE(exclusive)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EQ(0, symlink("nowhere", "dangling"));
    CHECK_ERRNO(EEXIST, open("f", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK_ERRNO(EEXIST, open("d", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK_ERRNO(EEXIST, open("d/.", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK_ERRNO(EEXIST, open("/", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK_ERRNO(EEXIST, open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CHECK(!exists("nowhere"));
    CHECK(open("f", O_EXCL | O_RDONLY) >= 0); /* alone it means nothing */
}

CASE(follows_links_or_not)
{
    CHECK_EQ(0, symlink("target", "link"));
    CHECK_EQ(0, symlink("circle", "circle"));
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EQ(0, symlink("d", "to_d"));
    CHECK_ERRNO(ENOENT, open("link", O_RDONLY));
    CHECK_ERRNO(ELOOP, open("link", O_CREAT | O_NOFOLLOW | O_WRONLY, 0600));
    CHECK(open("link", O_CREAT | O_WRONLY, 0600) >= 0); /* makes what the link names */
    CHECK(exists("target"));
    CHECK_ERRNO(ELOOP, open("link", O_NOFOLLOW | O_RDONLY));
    CHECK_ERRNO(ENOTDIR, open("to_d", O_NOFOLLOW | O_DIRECTORY | O_RDONLY));
    CHECK(open("to_d/", O_NOFOLLOW | O_DIRECTORY | O_RDONLY) >= 0); /* the slash follows */
    CHECK_ERRNO(ELOOP, open("circle", O_RDONLY));
    CHECK_ERRNO(ELOOP, open("circle/x", O_NOFOLLOW | O_RDONLY));
    CHECK_ERRNO(ELOOP, open("circle", O_CREAT | O_WRONLY, 0600));
    int fd = open("link", O_PATH | O_NOFOLLOW);
    struct stat facts;
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK(S_ISLNK(facts.st_mode));
}

CASE(paths)
{
    char longest[PATH_MAX + 8], name[258];
    memset(name, 'n', 256), name[256] = 0;
    memset(longest, '/', sizeof longest);
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_ERRNO(ENOENT, open("missing", O_RDONLY));
    CHECK_ERRNO(ENOENT, open("missing/f", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(ENOENT, open("", O_RDONLY));
    CHECK_ERRNO(ENOENT, open("", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(ENOTDIR, open("f/x", O_RDONLY));
    CHECK_ERRNO(ENOTDIR, open("f/", O_RDONLY));
    CHECK_ERRNO(ENOTDIR, open("f/.", O_RDONLY));
    CHECK_ERRNO(ENOTDIR, open("f", O_DIRECTORY | O_RDONLY));
    CHECK_ERRNO(ENOTDIR, open("f", O_DIRECTORY | O_PATH));
    CHECK_ERRNO(EISDIR, open("f/", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(EISDIR, open("new/", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(ENAMETOOLONG, open(name, O_RDONLY));
    CHECK_ERRNO(ENAMETOOLONG, open(name, O_CREAT | O_WRONLY, 0600));
    name[255] = 0;
    CHECK(open(name, O_CREAT | O_WRONLY, 0600) >= 0);
    longest[PATH_MAX] = 0;
    CHECK_ERRNO(ENAMETOOLONG, open(longest, O_RDONLY));
    longest[PATH_MAX - 1] = 0;
    CHECK(open(longest, O_RDONLY) >= 0);
    CHECK_ERRNO(EFAULT, open(BAD, O_RDONLY));
    CHECK_ERRNO(EFAULT, open(unmapped_page(), O_RDONLY));
    char *edge = at_edge(3);
    memcpy(edge, "f\0", 2);
    CHECK(open(edge, O_RDONLY) >= 0); /* what lies after the NUL is not looked at */
    memcpy(edge, "fff", 3);
    CHECK_ERRNO(EFAULT, open(edge, O_RDONLY));
}

CASE(directories)
{
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_ERRNO(EISDIR, open("d", O_WRONLY));
    CHECK_ERRNO(EISDIR, open("d", O_RDWR));
    CHECK_ERRNO(EISDIR, open("d", O_RDONLY | O_TRUNC));
    CHECK_ERRNO(EISDIR, open("d", O_RDONLY | O_CREAT, 0600));
    CHECK_ERRNO(EISDIR, open("d/.", O_RDONLY | O_CREAT, 0600));
    CHECK_ERRNO(EISDIR, open("d/..", O_RDONLY | O_CREAT, 0600));
    int d = open("d", O_RDONLY | O_DIRECTORY);
    CHECK(d >= 0);
    CHECK_EQ(0, rmdir("d"));
    CHECK_ERRNO(ENOENT, openat(d, "f", O_CREAT | O_WRONLY, 0600));
    CHECK(openat(d, ".", O_RDONLY) >= 0);
}

CASE(relative_to_a_descriptor)
{
    CHECK_EQ(0, mkdir("d", 0700));
    make_file("d/f", "");
    make_file("file", "");
    int d = open("d", O_RDONLY), path = open("d", O_PATH), file = open("file", O_RDONLY);
    CHECK(openat(d, "f", O_RDONLY) >= 0);
    CHECK(openat(path, "f", O_RDONLY) >= 0);
    CHECK(openat(d, "../file", O_RDONLY) >= 0);
    CHECK(openat(99, "/", O_RDONLY) >= 0); /* not looked at */
    CHECK_ERRNO(EBADF, openat(99, "f", O_RDONLY));
    CHECK_ERRNO(EBADF, openat(-1, "f", O_RDONLY));
    CHECK_ERRNO(ENOTDIR, openat(file, "f", O_RDONLY));
    CHECK_ERRNO(ENOENT, openat(99, "", O_RDONLY));
    CHECK_ERRNO(ENOENT, openat(file, "", O_RDONLY));
}

CASE(o_path)
{
    make_file("f", "text");
    int fd = open("f", O_PATH);
    char byte;
    struct stat facts;
    CHECK_ERRNO(EBADF, read(fd, &byte, 1));
    CHECK_ERRNO(EBADF, write(fd, &byte, 1));
    CHECK_ERRNO(EBADF, lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(EBADF, syscall(SYS_fchmod, fd, 0600));
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK_EQ(4, facts.st_size);
    CHECK_EQ(fd + 1, dup(fd));
}

CASE(without_a_name)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0 && errno == EOPNOTSUPP)
        return; /* the host's file system has none */
    struct stat facts;
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK_EQ(0, facts.st_nlink);
    CHECK_EQ(3, write(fd, "abc", 3));
    CHECK_ERRNO(EINVAL, open(".", O_TMPFILE | O_RDONLY, 0600));
    CHECK_ERRNO(EINVAL, open(".", O_TMPFILE | O_CREAT | O_RDWR, 0600));
    make_file("f", "");
    CHECK_ERRNO(ENOTDIR, open("f", O_TMPFILE | O_RDWR, 0600));
    CHECK_ERRNO(ENOENT, open("missing", O_TMPFILE | O_RDWR, 0600));
}

CASE(order_of_errors)
{
    int tmpfile_for_reading = O_TMPFILE | O_RDONLY;
    CHECK_ERRNO(EINVAL, open(BAD, tmpfile_for_reading, 0)); /* flags, the name, a number, the path */
    CHECK_EQ(0, mkdir("d", 0700));
    no_more_descriptors();
    CHECK_ERRNO(EINVAL, open("d", tmpfile_for_reading, 0));
    CHECK_ERRNO(EFAULT, open(BAD, O_RDONLY));
    CHECK_ERRNO(ENOENT, open("", O_RDONLY));
    CHECK_ERRNO(EMFILE, open("missing", O_RDONLY));
    CHECK_ERRNO(EMFILE, openat(99, "missing", O_RDONLY));
    CHECK_ERRNO(EMFILE, open("new", O_CREAT | O_WRONLY, 0600));
    CHECK(!exists("new"));
}

CASE(rights)
{
    make_file("f", ""), make_file("w", ""), make_file("owned", "");
    CHECK_EQ(0, mkdir("closed", 0700));
    make_file("closed/f", "");
    CHECK_EQ(0, mkdir("fixed", 0700));
    if (geteuid() == 0)
        CHECK_ERRNO(ENOENT, open("missing", O_NOATIME | O_RDONLY));
    chmod("f", 0400), chmod("w", 0200), chmod("owned", 0666);
    if (geteuid() == 0)
        CHECK_EQ(0, chown("f", NOBODY, NOBODY) | chown("w", NOBODY, NOBODY) | chown("fixed", NOBODY, NOBODY));
    chmod("closed", 0600), chmod("fixed", 0500);
    int superuser = geteuid() == 0;
    as_ordinary_user();
    CHECK(open("f", O_RDONLY) >= 0);
    CHECK_ERRNO(EACCES, open("f", O_WRONLY));
    CHECK_ERRNO(EACCES, open("f", O_RDWR));
    CHECK_ERRNO(EACCES, open("f", O_RDONLY | O_TRUNC));
    CHECK(open("w", O_WRONLY) >= 0);
    CHECK_ERRNO(EACCES, open("w", O_RDONLY));
    CHECK_ERRNO(EACCES, open("closed/f", O_RDONLY));
    CHECK_ERRNO(EACCES, open("closed/missing", O_RDONLY));
    CHECK_ERRNO(EACCES, open("fixed/new", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(ENOENT, open("fixed/missing", O_RDONLY));
    CHECK(open("w", O_PATH) >= 0);
    if (superuser)
        CHECK_ERRNO(EPERM, open("owned", O_RDONLY | O_NOATIME));
    CHECK(open("f", O_RDONLY | O_NOATIME) >= 0);
}

CASE(a_program_that_runs)
{
    if (access("/proc/self/exe", W_OK) != 0)
        return; /* on the host it may be somebody else's */
    CHECK_ERRNO(ETXTBSY, open("/proc/self/exe", O_WRONLY));
    CHECK_ERRNO(ETXTBSY, open("/proc/self/exe", O_RDWR));
    CHECK(open("/proc/self/exe", O_RDONLY) >= 0);
}

CASE(fifos)
{
    CHECK_EQ(0, mkfifo("p", 0600));
    char byte;
    CHECK_ERRNO(ENXIO, open("p", O_WRONLY | O_NONBLOCK));
    int reader = open("p", O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0);
    CHECK_EQ(0, read(reader, &byte, 1)); /* nobody writes: the end */
    int writer = open("p", O_WRONLY | O_NONBLOCK);
    CHECK(writer >= 0);
    CHECK_ERRNO(EAGAIN, read(reader, &byte, 1));
    close(reader), close(writer);
    pid_t child = fork();
    if (child == 0) {
        int out = open("p", O_WRONLY);
        _exit(out < 0 || write(out, "!", 1) != 1);
    }
    reader = open("p", O_RDONLY); /* each waits for the other */
    CHECK(reader >= 0);
    CHECK_EQ(1, read(reader, &byte, 1));
    CHECK_EQ('!', byte);
    CHECK_EQ(0, read(reader, &byte, 1));
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
    CHECK(open("p", O_RDWR) >= 0); /* waits for nobody */
}
