#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(gives_the_old_one)
{
    umask(0);
    CHECK_EQ(0, umask(027));
    CHECK_EQ(027, umask(07777)); /* nine bits count */
    CHECK_EQ(0777, umask(-1));
    CHECK_EQ(0777, umask(022));
}

CASE(takes_bits_from_what_is_made)
{
    umask(0137);
    CHECK(open("f", O_CREAT | O_WRONLY, 0777) >= 0);
    CHECK_EQ(0640, mode_of("f"));
    CHECK_EQ(0, mkdir("d", 01777));
    CHECK_EQ(01640, mode_of("d"));
    CHECK_EQ(0, mkfifo("p", 0666));
    CHECK_EQ(0640, mode_of("p"));
    CHECK_EQ(0, symlink("x", "l"));
    CHECK_EQ(0777, mode_of("l"));
    CHECK_EQ(0, chmod("f", 0777)); /* and from nothing else */
    CHECK_EQ(0777, mode_of("f"));
}

CASE(a_child_takes_it_along)
{
    umask(070);
    pid_t child = fork();
    if (child == 0)
        _exit(umask(0) != 070);
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
    CHECK_EQ(070, umask(0));
}
