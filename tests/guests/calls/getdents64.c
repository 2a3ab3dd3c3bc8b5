#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <dirent.h>
#include <stdint.h>

struct record {
    uint64_t ino;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[];
};

static char room[4096] __attribute__((aligned(8)));

static long entries(int fd, void *buffer, unsigned size)
{
    return syscall(SYS_getdents64, fd, buffer, size);
}

/* The record of `name` in `room`, NULL if there is none. */
static const struct record *named(long size, const char *name)
{
    for (long at = 0; at < size; at += ((struct record *)(room + at))->size)
        if (strcmp(((struct record *)(room + at))->name, name) == 0)
            return (struct record *)(room + at);
    return NULL;
}

CASE(names_numbers_and_types)
{
    make_file("file", "");
    CHECK_EQ(0, mkdir("folder", 0700) | symlink("x", "link") | mkfifo("fifo", 0600));
    int fd = open(".", O_RDONLY);
    long size = entries(fd, room, sizeof room);
    static const struct {
        const char *name;
        int type;
    } all[] = {{".", DT_DIR}, {"..", DT_DIR}, {"file", DT_REG}, {"folder", DT_DIR}, {"link", DT_LNK}, {"fifo", DT_FIFO}};
    int count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct record *found = named(size, all[i].name);
        if (!found)
            CHECK_FAIL("%s is not told", all[i].name);
        CHECK_EQ(all[i].type, found->type);
        CHECK_EQ(0, found->size % 8);
        CHECK(found->size >= 19 + strlen(found->name) + 1 && found->size < 19 + strlen(found->name) + 1 + 8);
        if (i != 1)
            CHECK_EQ(facts_of(all[i].name).st_ino, found->ino);
        count++;
    }
    for (long at = 0; at < size; at += ((struct record *)(room + at))->size)
        count--;
    CHECK_EQ(0, count); /* and no others */
    CHECK_EQ(0, entries(fd, room, sizeof room));
    CHECK_EQ(0, entries(fd, unmapped_page(), sizeof room)); /* nothing is left to be stored */
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_EQ(size, entries(fd, room, sizeof room)); /* from the start again */
}

CASE(in_pieces)
{
    char name[32];
    int seen[40] = {0}, total = 0;
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "file%d", i);
        make_file(name, "");
    }
    int fd = open(".", O_RDONLY);
    for (long size; (size = entries(fd, room, 100)) > 0;) {
        CHECK(size <= 100);
        for (long at = 0; at < size; at += ((struct record *)(room + at))->size) {
            int number;
            if (sscanf(((struct record *)(room + at))->name, "file%d", &number) == 1)
                seen[number]++;
            total++;
        }
    }
    CHECK_EQ(42, total);
    for (int i = 0; i < 40; i++)
        CHECK_EQ(1, seen[i]);
}

CASE(the_place_of_a_record)
{
    char next[64];
    make_file("a", ""), make_file("b", ""), make_file("c", "");
    int fd = open(".", O_RDONLY);
    CHECK(entries(fd, room, sizeof room) > 0);
    const struct record *first = (struct record *)room, *second = (struct record *)(room + first->size);
    strcpy(next, second->name);
    CHECK_EQ(first->next, lseek(fd, first->next, SEEK_SET));
    CHECK(entries(fd, room, sizeof room) > 0);
    CHECK(strcmp(((struct record *)room)->name, next) == 0);
}

CASE(names_that_go_while_we_read)
{
    char name[32];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "file%d", i);
        make_file(name, "");
    }
    int fd = open(".", O_RDONLY), left = 0;
    CHECK(entries(fd, room, 200) > 0);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "file%d", i);
        CHECK_EQ(0, unlink(name));
    }
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    long size = entries(fd, room, sizeof room);
    for (long at = 0; at < size; at += ((struct record *)(room + at))->size)
        left++;
    CHECK_EQ(2, left);
}

CASE(errors)
{
    make_file("file", "");
    CHECK_EQ(0, mkdir("gone", 0700));
    int fd = open(".", O_RDONLY), file = open("file", O_RDONLY), gone = open("gone", O_RDONLY);
    CHECK_ERRNO(EBADF, entries(99, room, sizeof room));
    CHECK_ERRNO(EBADF, entries(open(".", O_PATH), room, sizeof room));
    CHECK_ERRNO(ENOTDIR, entries(file, room, sizeof room));
    CHECK_ERRNO(ENOTDIR, entries(file, BAD, 0));
    CHECK_ERRNO(EINVAL, entries(fd, room, 0));
    CHECK_ERRNO(EINVAL, entries(fd, room, 23));
    CHECK_ERRNO(EFAULT, entries(fd, unmapped_page(), sizeof room));
    CHECK_ERRNO(EFAULT, entries(fd, readonly_page(), sizeof room));
    CHECK_ERRNO(EFAULT, entries(fd, BAD, sizeof room));
    CHECK(entries(fd, room, sizeof room) > 0); /* none was lost by that */
    CHECK(named(sizeof room, ".") != NULL);
    CHECK_EQ(0, rmdir("gone"));
    CHECK_ERRNO(ENOENT, entries(gone, room, sizeof room));
    CHECK_ERRNO(ENOENT, entries(gone, BAD, 0));
}
