/* Shows files as system calls see them, and changes an image's tree (test_image_guest.py). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static void show(const char *path)
{
    struct stat st;
    char text[4096], names[4096], value[4096];
    ssize_t size;

    if (lstat(path, &st) < 0) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    printf("%s %c %04o %u %u:%u %lld %lld.%ld", path, " pc d b f l"[(st.st_mode & S_IFMT) >> 12], st.st_mode & 07777,
           (unsigned)st.st_nlink, st.st_uid, st.st_gid, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
           st.st_mtim.tv_nsec);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        printf(" %u,%u", major(st.st_rdev), minor(st.st_rdev));
    if (S_ISLNK(st.st_mode)) {
        size = readlink(path, text, sizeof text);
        printf(" ->%.*s", (int)size, text);
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size < 100) {
        int fd = open(path, O_RDONLY);
        size = read(fd, text, sizeof text);
        close(fd);
        printf(" =%.*s", (int)(text[size - 1] == '\n' ? size - 1 : size), text);
    }
    size = llistxattr(path, names, sizeof names);
    for (char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
        ssize_t length = lgetxattr(path, name, value, sizeof value);
        printf(" %s=%.*s", name, (int)length, value);
    }
    printf("\n");
}

static int write_all(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    close(fd);
    return ok;
}

/* Every way to change a tree; each must work, and find it as the image has it. */
static int change(void)
{
    struct stat st;

    if (stat("/d/new", &st) == 0 || stat("/d/low", &st) < 0 || st.st_size != 4)
        return 1;
    if (!write_all("/d/low", "other") || !write_all("/d/new", "new") || !write_all("/one", "changed"))
        return 2;
    if (stat("/three", &st) < 0 || st.st_size != 7)
        return 3;
    if (chmod("/su", 0600) < 0 || chown("/su", 1, 2) < 0 || unlink("/nowhere") < 0 || rename("/d/high", "/high") < 0)
        return 4;
    if (setxattr("/attributes", "user.a", "new", 3, 0) < 0 || mkdir("/made", 0700) < 0 || unlink("/two") < 0)
        return 5;
    if (truncate("/old", 100) < 0 || symlink("x", "/made/link") < 0 || mknod("/made/p", S_IFIFO | 0600, 0) < 0)
        return 6;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "show")) {
        for (int i = 2; i < argc; i++)
            show(argv[i]);
        return 0;
    }
    if (argc > 3 && !strcmp(argv[1], "same")) {
        struct stat one, two;
        if (stat(argv[2], &one) < 0 || stat(argv[3], &two) < 0)
            return 1;
        printf(one.st_ino == two.st_ino && one.st_dev == two.st_dev ? "one file\n" : "two files\n");
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "list")) {
        DIR *dir = opendir(argv[2]);
        struct dirent *entry;
        while ((entry = readdir(dir)))
            printf("%s%s\n", entry->d_name, entry->d_type == DT_REG ? ":f" : entry->d_type == DT_DIR ? "" : ":?");
        closedir(dir);
        return 0;
    }
    int wrong = change();
    printf(wrong ? "wrong: %d %s\n" : "changed\n", wrong, strerror(errno));
    return wrong;
}
