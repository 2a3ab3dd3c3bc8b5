#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(cannot_fail)
{
    make_file("f", "abc");
    CHECK_EQ(0, syscall(SYS_sync));
    check_file("f", "abc");
}
