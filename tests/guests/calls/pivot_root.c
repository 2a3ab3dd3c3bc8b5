#define _GNU_SOURCE
#include "check.h"
#include "mounts.h"
#include <sys/syscall.h>

static int pivot_root(const char *new_root, const char *put_old)
{
    return syscall(SYS_pivot_root, new_root, put_old);
}

CASE(who_stood_at_the_root)
{
    struct stat root, here;
    int go[2], done[2], status;
    char byte;
    begin_mounting();
    CHECK_EQ(0, mkdir("new", 0755));
    CHECK_EQ(0, mount("fresh", "new", "tmpfs", 0, NULL));
    CHECK_EQ(0, mkdir("new/old", 0755));
    make_file("new/here", "");
    CHECK_EQ(0, pipe(go));
    CHECK_EQ(0, pipe(done));
    pid_t child = fork();
    if (child == 0) {
        if (chdir("/") != 0 || write(done[1], "", 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(1);
        _exit(!(there("/here") && there("here"))); /* its root and its working directory moved along */
    }
    CHECK_EQ(1, read(done[0], &byte, 1));
    CHECK_EQ(0, pivot_root("new", "new/old"));
    CHECK_EQ(1, write(go[1], "", 1));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_EQ(0, stat("/", &root));
    CHECK_EQ(0, chdir("/"));
    CHECK_EQ(0, stat(".", &here));
    CHECK_EQ(root.st_ino, here.st_ino);
    /* the first process of the machine stands there too: put everything back */
    CHECK_EQ(0, pivot_root("/old", "/old/tmp"));
}

CASE(errors)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("new", 0755));
    CHECK_EQ(0, mkdir("plain", 0755));
    CHECK_EQ(0, mount("fresh", "new", "tmpfs", 0, NULL));
    CHECK_EQ(0, mkdir("new/old", 0755));
    make_file("new/file", "");
    CHECK_ERRNO(ENOENT, pivot_root("none", "new/old"));
    CHECK_ERRNO(ENOTDIR, pivot_root("new/file", "new/old"));
    CHECK_ERRNO(ENOTDIR, pivot_root("new", "new/file"));
    CHECK_ERRNO(EINVAL, pivot_root("plain", "plain")); /* no mount's root */
    CHECK_ERRNO(EINVAL, pivot_root("new", "plain"));   /* not below it */
    CHECK_ERRNO(EBUSY, pivot_root("/", "/"));
    CHECK_ERRNO(EBUSY, pivot_root("/", "new"));
    CHECK_ERRNO(EFAULT, pivot_root((char *)-4096, "new"));
    CHECK_EQ(0, chroot("plain"));
    CHECK_ERRNO(EINVAL, pivot_root("new", "new/old")); /* the root itself is no mount's */
    CHECK_EQ(0, setgid(1234));
    CHECK_EQ(0, setuid(1234));
    CHECK_ERRNO(EPERM, pivot_root("new", "new/old"));
    CHECK_ERRNO(EPERM, pivot_root((char *)-4096, "new"));
}

CASE(another_root)
{
    char text[256];
    begin_mounting();
    CHECK_EQ(0, mkdir("new", 0755));
    CHECK_EQ(0, mount("other", "new", "tmpfs", 0, NULL));
    CHECK_EQ(0, mkdir("new/old", 0755));
    CHECK_EQ(0, mkdir("new/proc", 0755));
    CHECK_EQ(0, mount("proc", "new/proc", "proc", 0, NULL));
    make_file("new/here", "");
    CHECK_EQ(0, pivot_root("new", "new/old"));
    CHECK(there("/here"));
    CHECK(there("/old/proc/self/stat"));
    CHECK_EQ(0, strncmp("other / tmpfs", mount_line("/proc/self/mounts", "other "), 13));
    CHECK(getcwd(text, sizeof(text)) != NULL);
    CHECK_EQ(0, strncmp("/old/", text, 5)); /* only who stood at the root was moved */
    CHECK_EQ(0, chdir("/"));
#ifdef __riscv /* there are no mount namespaces (yet): the other cases want their root back */
    CHECK_EQ(0, pivot_root("/old", "/old/tmp"));
#else
    CHECK_EQ(0, umount2("/old", MNT_DETACH));
    CHECK_EQ(0, rmdir("/old"));
    CHECK_EQ(0, strcmp("/", getcwd(text, sizeof(text))));
#endif
}
