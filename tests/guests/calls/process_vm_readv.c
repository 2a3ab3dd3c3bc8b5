#define _GNU_SOURCE
#include "check.h"
#include "others_memory.h"

CASE(from_a_child)
{
    char first[6] = "", second[20] = "";
    pid_t child = child_that_waits();
    struct iovec local[] = {{first, 5}, {second, 15}};
    struct iovec remote[] = {{shown, 3}, {shown + 10, 17}};
    strcpy(shown, "changed here, not there");
    CHECK_EQ(20, process_vm_readv(child, local, 2, remote, 2, 0));
    CHECK(memcmp(first, "012ab", 5) == 0);
    CHECK(memcmp(second, "cdefghijklmnopq", 15) == 0);
    end(child);
}

CASE(pages_that_were_never_touched)
{
    char *there = pages(3), *here = pages(3);
    pid_t child = child_that_waits();
    struct iovec local = {here + 100, 8192}, remote = {there + 50, 8192};
    memset(here, 7, 3 * 4096);
    CHECK_EQ(8192, process_vm_readv(child, &local, 1, &remote, 1, 0));
    CHECK_EQ(7, here[99]);
    CHECK_EQ(0, here[100]);
    CHECK_EQ(0, here[8291]);
    CHECK_EQ(7, here[8292]);
    end(child);
}

CASE(as_far_as_it_goes)
{
    char here[8192];
    char *there = pages(2);
    memset(there, 'x', 8192);
    munmap(there + 4096, 4096);
    struct iovec local = {here, 8192}, remote[] = {{there, 4096}, {there + 4096, 1}, {there, 1}};
    CHECK_EQ(4096, process_vm_readv(getpid(), &local, 1, remote, 3, 0));
    remote[0].iov_base = there + 4096;
    CHECK_ERRNO(EFAULT, process_vm_readv(getpid(), &local, 1, remote, 1, 0));
}

CASE(no_room_no_read)
{
    struct iovec local = {shown, 0}, remote = {BAD, 100};
    CHECK_EQ(0, process_vm_readv(0x3fffffff, &local, 1, &remote, 1, 0));
    local = (struct iovec){shown, 3};
    remote.iov_len = 0;
    CHECK_EQ(0, process_vm_readv(0x3fffffff, &local, 1, &remote, 1, 0));
    CHECK_EQ(0, process_vm_readv(0x3fffffff, &local, 1, NULL, 0, 0));
}

CASE(errors)
{
    struct iovec good = {shown, 3}, negative = {shown, (size_t)-1};
    CHECK_ERRNO(EINVAL, process_vm_readv(getpid(), BAD, 1, BAD, 1, 1));
    CHECK_ERRNO(EFAULT, process_vm_readv(getpid(), BAD, 1, &good, 1, 0));
    CHECK_ERRNO(EFAULT, process_vm_readv(getpid(), &good, 1, BAD, 1, 0));
    CHECK_ERRNO(EINVAL, process_vm_readv(getpid(), &good, 1025, BAD, 1, 0));
    CHECK_ERRNO(EINVAL, process_vm_readv(getpid(), &good, 1, &good, 1025, 0));
    CHECK_ERRNO(EINVAL, process_vm_readv(getpid(), &negative, 1, &good, 1, 0));
    CHECK_ERRNO(EINVAL, process_vm_readv(getpid(), &good, 1, &negative, 1, 0));
    CHECK_ERRNO(ESRCH, process_vm_readv(0x3fffffff, &good, 1, &good, 1, 0));
    struct iovec bad = {BAD, 3};
    CHECK_ERRNO(EFAULT, process_vm_readv(getpid(), &good, 1, &bad, 1, 0));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    CHECK_ERRNO(ESRCH, process_vm_readv(child, &good, 1, &good, 1, 0)); /* a zombie has no memory */
}

CASE(another_user_may_not)
{
    struct iovec local = {shown, 3}, remote = {shown, 3};
    if (geteuid() != 0)
        return;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
        CHECK_ERRNO(EPERM, process_vm_readv(parent, &local, 1, &remote, 1, 0));
        CHECK_EQ(3, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}
