#define _GNU_SOURCE
#include "check.h"
#include "others_memory.h"

CASE(a_child_sees_it)
{
    volatile char *flag = shown + 40;
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        while (*flag != 'g')
            ;
        _exit(memcmp(shown, "01XYZ56", 7) == 0 && shown[41] == 'o' ? 0 : 1);
    }
    struct iovec local[] = {{"XY", 2}, {"Zgo", 3}}, remote[] = {{shown + 2, 3}, {shown + 40, 2}};
    CHECK_EQ(5, process_vm_writev(child, local, 2, remote, 2, 0));
    CHECK_EQ('2', shown[2]); /* a copy since fork: not ours */
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(not_through_a_protection)
{
    char *there = pages(2);
    struct iovec local = {shown, 10}, remote = {there + 4090, 10};
    mprotect(there + 4096, 4096, PROT_READ);
    CHECK_EQ(6, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
    CHECK_EQ('5', there[4095]);
    CHECK_EQ(0, there[4096]);
    remote.iov_base = there + 4096;
    CHECK_ERRNO(EFAULT, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
}

CASE(errors)
{
    struct iovec good = {shown, 3}, bad = {BAD, 3};
    CHECK_ERRNO(EINVAL, process_vm_writev(getpid(), &good, 1, &good, 1, 1));
    CHECK_ERRNO(EFAULT, process_vm_writev(getpid(), BAD, 1, &good, 1, 0));
    CHECK_ERRNO(EFAULT, process_vm_writev(getpid(), &good, 1, BAD, 1, 0));
    CHECK_ERRNO(EFAULT, process_vm_writev(getpid(), &good, 1, &bad, 1, 0));
    CHECK_ERRNO(EINVAL, process_vm_writev(getpid(), &good, 1025, &good, 1, 0));
    CHECK_ERRNO(ESRCH, process_vm_writev(0x3fffffff, &good, 1, &good, 1, 0));
    CHECK_ERRNO(ESRCH, process_vm_writev(-1, &good, 1, &good, 1, 0));
}
