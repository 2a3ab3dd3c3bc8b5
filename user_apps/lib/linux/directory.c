/* opendir and its family. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../syscall.h"
#include "numbers.h"

struct directory {
    int fd;
    long used, at; /* bytes that getdents64 gave, and how many of them were handed out */
    char buffer[2048] __attribute__((aligned(8)));
};

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    DIR *directory = malloc(sizeof *directory);
    if (!directory) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    directory->fd = fd;
    directory->used = directory->at = 0;
    return directory;
}

/* NULL at the end and on an error; errno is set only by an error. */
struct dirent *readdir(DIR *directory)
{
    if (directory->at >= directory->used) {
        long got = syscall3(SYS_GETDENTS64, directory->fd, (long)directory->buffer, sizeof directory->buffer);
        if (got <= 0) {
            if (got < 0)
                errno = (int)-got;
            return NULL;
        }
        directory->used = got;
        directory->at = 0;
    }
    struct dirent *entry = (struct dirent *)(void *)(directory->buffer + directory->at);
    directory->at += entry->d_reclen;
    return entry;
}

int closedir(DIR *directory)
{
    int result = close(directory->fd);
    free(directory);
    return result;
}
