#define _GNU_SOURCE
#include "check.h"
#include "mounts.h"
#include <sys/mman.h>
#include <sys/sysmacros.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

CASE(a_tmpfs_with_options)
{
    struct statfs facts;
    struct stat st;
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    make_file("a/hidden", "x");
    CHECK_EQ(0, mount("name", "a", "tmpfs", 0, "size=64k,nr_inodes=5,mode=0710,uid=12,gid=34"));
    CHECK(!there("a/hidden"));
    CHECK_EQ(0, statfs("a", &facts));
    CHECK_EQ(0x01021994, facts.f_type);
    CHECK_EQ(16, facts.f_blocks);
    CHECK_EQ(5, facts.f_files);
    CHECK_EQ(0, stat("a", &st));
    CHECK_EQ(S_IFDIR | 0710, st.st_mode);
    CHECK_EQ(12, st.st_uid);
    CHECK_EQ(34, st.st_gid);
    for (int at = 0; at < 4; at++) {
        char name[8];
        snprintf(name, sizeof(name), "a/%d", at);
        make_file(name, "");
    }
    CHECK_ERRNO(ENOSPC, mkdir("a/more", 0755));
    int file = open("a/0", O_WRONLY);
    static char data[100000];
    CHECK_EQ(65536, write(file, data, sizeof(data)));
    CHECK_ERRNO(ENOSPC, write(file, data, 1));
    CHECK(strstr(mount_line("/proc/self/mounts", "a_tmpfs_with_options/t/a "), "/a tmpfs rw,relatime,size=64k,nr_inodes=5,mode=710,uid=12,gid=34"));
    CHECK_EQ(0, close(file));
    CHECK_EQ(0, umount("a"));
    CHECK(there("a/hidden"));
}

CASE(one_mount_on_another)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("one", "a", "tmpfs", 0, NULL));
    make_file("a/one", "");
    CHECK_EQ(0, mount("two", "a", "tmpfs", 0, NULL));
    CHECK(!there("a/one"));
    CHECK_EQ(0, umount("a"));
    CHECK(there("a/one"));
}

CASE(flags_of_a_mount)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL));
    CHECK_EQ(2 | 4 | 8 | 0x400, statfs_flags("a") & 0x1fcf); /* ST_NOSUID, NODEV, NOEXEC, NOATIME */
    make_file("a/f", "#!/bin/sh\n");
    CHECK_ERRNO(EACCES, execl("a/f", "f", NULL));
    CHECK_ERRNO(EACCES, access("a/f", X_OK));
    int file = open("a/f", O_RDONLY);
    CHECK_EQ((intptr_t)MAP_FAILED, (intptr_t)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0));
    CHECK_EQ(EPERM, errno);
    void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    CHECK(map != MAP_FAILED);
    CHECK_ERRNO(EACCES, mprotect(map, 4096, PROT_READ | PROT_EXEC));
    CHECK_EQ(0, mknod("a/null", S_IFCHR | 0666, makedev(1, 3)));
    CHECK_ERRNO(EACCES, open("a/null", O_RDONLY));
    CHECK_EQ(0, symlink("f", "a/link"));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_NOSYMFOLLOW, NULL));
    CHECK_ERRNO(ELOOP, open("a/link", O_RDONLY));
    CHECK_EQ(0, lstat("a/link", &(struct stat){0}));
    CHECK_EQ(0x2000 | 0x400, statfs_flags("a") & 0x3fcf); /* what was said of access times stays */
}

CASE(read_only)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, NULL));
    make_file("a/f", "text");
    int file = open("a/f", O_WRONLY);
    CHECK_ERRNO(EBUSY, mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
    CHECK_ERRNO(EBUSY, mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
    CHECK_EQ(0, close(file));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
    CHECK_EQ(1, statfs_flags("a") & 1);
    CHECK_ERRNO(EROFS, open("a/f", O_WRONLY));
    CHECK_ERRNO(EROFS, open("a/new", O_CREAT | O_WRONLY, 0600));
    CHECK_ERRNO(EROFS, mkdir("a/d", 0755));
    CHECK_ERRNO(EROFS, unlink("a/f"));
    CHECK_ERRNO(EROFS, chmod("a/f", 0600));
    CHECK_ERRNO(EROFS, access("a/f", W_OK));
    CHECK_EQ(0, access("a/f", R_OK));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_REMOUNT, NULL));
    make_file("a/f", "again");
}

CASE(read_only_at_one_place)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    CHECK_EQ(0, mount("a", "b", NULL, MS_BIND, NULL));
    CHECK_EQ(0, mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
    CHECK_ERRNO(EROFS, mkdir("b/d", 0755));
    CHECK_EQ(0, mkdir("a/d", 0755));
    CHECK(there("b/d"));
}

CASE(limits_of_a_mounted_tmpfs)
{
    struct statfs facts;
    static char data[20000];
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, "size=64k"));
    make_file("a/f", "");
    int file = open("a/f", O_WRONLY);
    CHECK_EQ(20000, write(file, data, 20000));
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_REMOUNT, "size=8k"));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_REMOUNT, "size=32k"));
    CHECK_EQ(0, statfs("a", &facts));
    CHECK_EQ(8, facts.f_blocks);
}

CASE(bind)
{
    struct stat one, two;
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("a/in", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    make_file("a/in/f", "text");
    CHECK_EQ(0, mount("a/in", "b", NULL, MS_BIND, NULL));
    CHECK_EQ(0, stat("a/in/f", &one));
    CHECK_EQ(0, stat("b/f", &two));
    CHECK_EQ(one.st_ino, two.st_ino);
    CHECK_EQ(one.st_dev, two.st_dev);
    make_file("b/g", "");
    CHECK(there("a/in/g"));
    CHECK_ERRNO(EXDEV, rename("b/g", "a/g")); /* one file system, two mounts */
    CHECK_ERRNO(EXDEV, link("b/g", "a/g"));
    CHECK_EQ(0, umount("b"));
    CHECK(!there("b/f"));
}

CASE(bind_of_a_file)
{
    char back[8] = {0};
    begin_mounting();
    make_file("one", "1");
    make_file("two", "2");
    CHECK_EQ(0, mount("one", "two", NULL, MS_BIND, NULL));
    int file = open("two", O_RDONLY);
    CHECK_EQ(1, read(file, back, 8));
    CHECK_EQ('1', back[0]);
    CHECK_ERRNO(EBUSY, unlink("two"));
    CHECK_ERRNO(EBUSY, rename("two", "three"));
    CHECK_EQ(0, close(file));
    CHECK_EQ(0, umount("two"));
    CHECK_EQ(0, unlink("two"));
}

CASE(bind_with_what_is_below)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("a/sub", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    CHECK_EQ(0, mkdir("c", 0755));
    CHECK_EQ(0, mount("none", "a/sub", "tmpfs", 0, NULL));
    make_file("a/sub/f", "");
    CHECK_EQ(0, mount("a", "b", NULL, MS_BIND, NULL));
    CHECK(!there("b/sub/f"));
    CHECK_EQ(0, mount("a", "c", NULL, MS_BIND | MS_REC, NULL));
    CHECK(there("c/sub/f"));
    CHECK_ERRNO(EBUSY, umount("c"));
    CHECK_EQ(0, umount("c/sub"));
    CHECK_EQ(0, umount("c"));
    CHECK(there("a/sub/f"));
}

CASE(move)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, NULL));
    CHECK_EQ(0, mkdir("a/sub", 0755));
    CHECK_EQ(0, mount("none", "a/sub", "tmpfs", 0, NULL));
    make_file("a/sub/f", "");
    CHECK_EQ(0, mount("a", "b", NULL, MS_MOVE, NULL));
    CHECK(!there("a/sub"));
    CHECK(there("b/sub/f"));
    CHECK_ERRNO(EINVAL, mount("a", "b", NULL, MS_MOVE, NULL)); /* no mount stands there any more */
    CHECK_ERRNO(ELOOP, mount("b", "b/sub", NULL, MS_MOVE, NULL));
    make_file("file", "");
    CHECK_ERRNO(EINVAL, mount("b", "file", NULL, MS_MOVE, NULL));
    CHECK(there("b/sub/f"));
}

CASE(propagation)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, NULL));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_PRIVATE, NULL));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_SLAVE | MS_REC, NULL)); /* of nobody */
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_UNBINDABLE, NULL));
    CHECK(strstr(mount_line("/proc/self/mountinfo", "propagation/t/a "), " unbindable - tmpfs "));
    CHECK_ERRNO(EINVAL, mount("a", "b", NULL, MS_BIND, NULL));
    CHECK_EQ(0, mount(NULL, "a", NULL, MS_PRIVATE, NULL));
    CHECK_EQ(0, mount("a", "b", NULL, MS_BIND, NULL));
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_PRIVATE | MS_SLAVE, NULL));
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_PRIVATE | MS_NOSUID, NULL));
}

CASE(mountinfo)
{
    char line[1024];
    int id, parent;
    begin_mounting();
    CHECK_EQ(0, mkdir("a b", 0755));
    CHECK_EQ(0, mkdir("a b/in", 0755));
    CHECK_EQ(0, mkdir("c", 0755));
    CHECK_EQ(0, mount("a b/in", "c", NULL, MS_BIND, NULL));
    CHECK_EQ(0, mount(NULL, "c", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV | MS_STRICTATIME, NULL));
    strcpy(line, mount_line("/proc/self/mountinfo", "mountinfo/t/c "));
    CHECK_EQ(2, sscanf(line, "%d %d", &id, &parent));
    CHECK(strstr(line, " /a\\040b/in "));
    CHECK(strstr(line, "/c ro,nodev - tmpfs start rw"));
    strcpy(line, mount_line("/proc/self/mountinfo", "mountinfo/t "));
    CHECK_EQ(parent, atoi(line));
    CHECK(strstr(line, "/t rw,relatime - tmpfs start rw"));
}

CASE(other_kinds)
{
    struct statfs facts;
    struct stat st;
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("proc", "a", "proc", 0, NULL));
    CHECK(there("a/self/stat"));
    CHECK_EQ(0, statfs("a", &facts));
    CHECK_EQ(0x9fa0, facts.f_type);
    CHECK_EQ(0, umount("a"));
    CHECK_EQ(0, mount("pts", "a", "devpts", 0, "mode=620,ptmxmode=666"));
    CHECK_EQ(0, stat("a/ptmx", &st));
    CHECK(S_ISCHR(st.st_mode));
    CHECK_EQ(0, umount("a"));
    CHECK_EQ(0, mount("dev", "a", "devtmpfs", 0, NULL));
    CHECK_EQ(0, stat("a/null", &st));
    CHECK_EQ(makedev(1, 3), st.st_rdev);
    CHECK_ERRNO(EBUSY, mount("dev", "a", "devtmpfs", 0, NULL)); /* the same once more at that place */
}

CASE(errors)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    make_file("f", "");
    CHECK_ERRNO(ENODEV, mount("none", "a", "nosuchfs", 0, NULL));
    CHECK_ERRNO(EINVAL, mount("none", "a", NULL, 0, NULL));
    CHECK_ERRNO(ENOENT, mount("none", "none", "tmpfs", 0, NULL));
    CHECK_ERRNO(ENOENT, mount("none", "none", "nosuchfs", 0, NULL));
    CHECK_ERRNO(ENOTDIR, mount("none", "f", "tmpfs", 0, NULL));
    CHECK_ERRNO(EINVAL, mount("none", "a", "tmpfs", 0, "nosuchoption=1"));
    CHECK_ERRNO(EINVAL, mount("none", "a", "tmpfs", 0, "size=much"));
    CHECK_ERRNO(EINVAL, mount("none", "a", "tmpfs", 0, "mode=9"));
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_BIND, NULL));
    CHECK_ERRNO(EINVAL, mount("", "a", NULL, MS_BIND, NULL));
    CHECK_ERRNO(ENOENT, mount("none", "a", NULL, MS_BIND, NULL));
    CHECK_ERRNO(ENOTDIR, mount("f", "a", NULL, MS_BIND, NULL));
    CHECK_ERRNO(ENOTDIR, mount("a", "f", NULL, MS_BIND, NULL));
    CHECK_ERRNO(EINVAL, mount("f", "a", NULL, MS_MOVE, NULL));
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_REMOUNT, NULL)); /* no mount's root */
    CHECK_ERRNO(EINVAL, mount(NULL, "a", NULL, MS_PRIVATE, NULL));
    CHECK_ERRNO(EFAULT, mount((char *)-4096, "a", "tmpfs", 0, NULL));
    CHECK_ERRNO(EFAULT, mount("none", (char *)-4096, "tmpfs", 0, NULL));
    CHECK_ERRNO(EFAULT, mount("none", "a", (char *)-4096, 0, NULL));
    CHECK_ERRNO(EFAULT, mount("none", "a", "tmpfs", 0, (char *)-4096));
    CHECK_EQ(0, mkdir("gone", 0755));
    int gone = open("gone", O_RDONLY);
    char link[32];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", gone);
    CHECK_EQ(0, rmdir("gone"));
    CHECK_ERRNO(ENOENT, mount("none", link, "tmpfs", 0, NULL));
}

CASE(without_the_right)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, setgid(1234));
    CHECK_EQ(0, setuid(1234));
    CHECK_ERRNO(EPERM, mount("none", "a", "tmpfs", 0, NULL));
    CHECK_ERRNO(EPERM, mount("none", "a", "nosuchfs", 0, NULL));
    CHECK_ERRNO(EPERM, mount("a", "a", NULL, MS_BIND, NULL));
    CHECK_ERRNO(ENOENT, mount("none", "none", "tmpfs", 0, NULL)); /* the path comes first */
}

CASE(in_a_changed_root)
{
    begin_mounting();
    CHECK_EQ(0, mkdir("root", 0755));
    CHECK_EQ(0, mkdir("root/a", 0755));
    CHECK_EQ(0, mkdir("root/proc", 0755));
    CHECK_EQ(0, mount("proc", "root/proc", "proc", 0, NULL));
    CHECK_EQ(0, chroot("root"));
    CHECK_EQ(0, chdir("/"));
    CHECK_EQ(0, mount("here", "/a", "tmpfs", 0, NULL));
    make_file("/a/f", "");
    CHECK_EQ(0, strncmp("here /a tmpfs rw", mount_line("/proc/self/mounts", "here "), 16));
    CHECK_EQ(0, strcmp("", mount_line("/proc/self/mounts", "start "))); /* what cannot be reached does not show */
    CHECK_ERRNO(EINVAL, umount("/"));
    CHECK_EQ(0, umount("/a"));
}
