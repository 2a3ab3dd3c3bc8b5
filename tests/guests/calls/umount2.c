#define _GNU_SOURCE
#include "check.h"
#include "mounts.h"
#include <sys/mman.h>

#ifndef UMOUNT_NOFOLLOW
#define UMOUNT_NOFOLLOW 8
#endif

static void tmpfs_at(const char *name)
{
    CHECK_EQ(0, mkdir(name, 0755));
    CHECK_EQ(0, mount("none", name, "tmpfs", 0, NULL));
}

CASE(busy_by_an_open_file)
{
    begin_mounting();
    tmpfs_at("a");
    make_file("a/f", "text");
    int file = open("a/f", O_RDONLY);
    CHECK_ERRNO(EBUSY, umount2("a", 0));
    void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    CHECK_EQ(0, close(file));
    CHECK_ERRNO(EBUSY, umount2("a", 0)); /* a map holds the file too */
    CHECK_EQ(0, munmap(map, 4096));
    int path = open("a", O_PATH);
    CHECK_ERRNO(EBUSY, umount2("a", 0));
    CHECK_EQ(0, close(path));
    CHECK_EQ(0, umount2("a", 0));
    CHECK(!there("a/f"));
}

CASE(busy_by_a_working_directory_and_a_root)
{
    int go[2], status;
    char byte;
    begin_mounting();
    tmpfs_at("a");
    CHECK_EQ(0, mkdir("a/in", 0755));
    CHECK_EQ(0, chdir("a/in"));
    CHECK_ERRNO(EBUSY, umount2("../../a", 0));
    CHECK_EQ(0, chdir("../.."));
    CHECK_EQ(0, pipe(go));
    pid_t child = fork();
    if (child == 0) {
        close(go[1]);
        if (chroot("a") != 0)
            _exit(1);
        _exit(read(go[0], &byte, 1) != 0);
    }
    close(go[0]);
    for (int tries = 0; tries < 1000 && umount2("a", 0) == 0; tries++) { /* until the child stands there */
        CHECK_EQ(0, mount("none", "a", "tmpfs", 0, NULL));
        usleep(1000);
    }
    CHECK_EQ(EBUSY, errno);
    close(go[1]);
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_EQ(0, umount2("a", 0));
}

CASE(busy_by_a_mount)
{
    begin_mounting();
    tmpfs_at("a");
    tmpfs_at("a/b");
    CHECK_ERRNO(EBUSY, umount2("a", 0));
    CHECK_EQ(0, umount2("a/b", 0));
    CHECK_EQ(0, umount2("a", 0));
}

CASE(detach)
{
    char back[8] = {0};
    begin_mounting();
    tmpfs_at("a");
    tmpfs_at("a/b");
    make_file("a/f", "text");
    int file = open("a/f", O_RDWR), folder = open("a", O_RDONLY);
    CHECK_EQ(0, umount2("a", MNT_DETACH));
    CHECK(!there("a/f"));
    CHECK_EQ(4, read(file, back, 8)); /* what is open goes on */
    CHECK_EQ(0, faccessat(folder, "f", F_OK, 0));
    int made = openat(folder, "new", O_CREAT | O_WRONLY, 0600);
    CHECK(made >= 0);
    CHECK_EQ(0, strcmp("", mount_line("/proc/self/mounts", "detach/t/a")));
    CHECK_EQ(0, fchdir(folder));
    CHECK_EQ(-1, mount("none", "b", "tmpfs", 0, NULL)); /* in no tree any more */
    CHECK_ERRNO(EINVAL, mount("b", "/tmp", NULL, MS_BIND, NULL));
}

CASE(a_link_at_the_end)
{
    begin_mounting();
    tmpfs_at("a");
    CHECK_EQ(0, symlink("a", "link"));
    CHECK_ERRNO(EINVAL, umount2("link", UMOUNT_NOFOLLOW));
    CHECK_EQ(0, umount2("link", 0));
}

CASE(errors)
{
    begin_mounting();
    tmpfs_at("a");
    CHECK_EQ(0, mkdir("d", 0755));
    CHECK_ERRNO(EINVAL, umount2("a", 0x100));
    CHECK_ERRNO(EINVAL, umount2((char *)-4096, 0x100));
    CHECK_ERRNO(EFAULT, umount2((char *)-4096, 0));
    CHECK_ERRNO(EINVAL, umount2("d", 0));
    CHECK_ERRNO(ENOENT, umount2("none", 0));
    CHECK_ERRNO(EINVAL, umount2("a", MNT_EXPIRE | MNT_DETACH));
    CHECK_EQ(0, setgid(1234));
    CHECK_EQ(0, setuid(1234));
    CHECK_ERRNO(EPERM, umount2("a", 0));
    CHECK_ERRNO(EPERM, umount2("d", 0));
    CHECK_ERRNO(ENOENT, umount2("none", 0));
}
