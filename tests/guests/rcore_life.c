/* Process life in the ABI rcore: fork, exec, waitpid, exit codes, orphans, files shared across fork. */
#include "check.h"

static int cow[3000] = {1}; /* several pages */
static char zeroes[16384];

static long child_that_exits(int code)
{
    long pid = fork();
    if (pid == 0)
        exit(code);
    return pid;
}

CASE(first_process)
{
    CHECK(getpid() >= 0);
    CHECK_EQ(0, gettid());
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(-1, 0));
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(getpid(), 0));
}

CASE(fork_returns_twice)
{
    long me = getpid();
    long pid = fork();
    if (pid == 0)
        exit(getpid() != me ? 7 : 1);
    int code = 0;
    CHECK(pid > 0 && pid != me);
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(7, code);
}

CASE(exit_codes_are_whole)
{
    static const int codes[] = {0, 1, -1, -2, 255, 256, 0x7fffffff, -0x7fffffff - 1};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        int code = 99;
        long pid = child_that_exits(codes[i]);
        CHECK_EQ(pid, waitpid(pid, &code));
        CHECK_EQ(codes[i], code);
    }
}

CASE(waitpid_of_a_running_child_is_minus_2)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    long pid = fork();
    if (pid == 0) {
        char byte;
        close(ends[1]);
        exit((int)read(ends[0], &byte, 1));
    }
    int code = 99;
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(WAIT_RUNNING, waitpid_nb(pid, &code));
        CHECK_EQ(WAIT_RUNNING, waitpid_nb(-1, &code));
        yield();
    }
    CHECK_EQ(99, code);
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(pid + 1, &code));
    CHECK_EQ(1, write((int)ends[1], "x", 1));
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(1, code);
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(pid, &code));
}

CASE(a_child_of_a_child_is_no_child)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    long pid = fork();
    if (pid == 0) {
        long grandchild = fork();
        if (grandchild == 0)
            exit(0);
        write((int)ends[1], &grandchild, sizeof grandchild);
        exit(waitpid(grandchild, 0) == grandchild ? 3 : 4);
    }
    long grandchild;
    int code;
    CHECK_EQ(8, read((int)ends[0], &grandchild, sizeof grandchild));
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(grandchild, &code));
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(3, code);
}

CASE(a_zombie_keeps_its_pid)
{
    long zombie = child_that_exits(5);
    for (int i = 0; i < 20; i++)
        yield();
    for (int i = 0; i < 20; i++) {
        long pid = child_that_exits(6);
        CHECK(pid != zombie);
        CHECK_EQ(pid, waitpid(pid, 0));
    }
    int code;
    CHECK_EQ(zombie, waitpid_nb(zombie, &code));
    CHECK_EQ(5, code);
}

CASE(any_child_oldest_first)
{
    long pids[4];
    for (int i = 0; i < 4; i++)
        pids[i] = child_that_exits(10 + i);
    for (int i = 0; i < 20; i++)
        yield();
    for (int i = 0; i < 4; i++) {
        int code;
        CHECK_EQ(pids[i], waitpid_nb(-1, &code));
        CHECK_EQ(10 + i, code);
    }
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(-1, 0));
}

CASE(orphans_go_to_the_first_process)
{
    long pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            if (fork() == 0) {
                for (int j = 0; j < 5; j++)
                    yield();
                exit(20);
            }
        exit(1);
    }
    CHECK_EQ(pid, waitpid(pid, 0));
    for (int i = 0; i < 3; i++) {
        int code = 0;
        CHECK(wait(&code) > 0);
        CHECK_EQ(20, code);
    }
    CHECK_EQ(WAIT_NO_CHILD, waitpid_nb(-1, 0));
}

CASE(the_dead_child_waits_for_its_status_to_be_stored)
{
    long pid = child_that_exits(9);
    for (int i = 0; i < 5; i++)
        yield();
    CHECK_EQ(-1, waitpid_nb(pid, (int *)8));
    CHECK_EQ(-1, waitpid_nb(pid, (int *)-8l));
    int code;
    CHECK_EQ(pid, waitpid_nb(pid, &code));
    CHECK_EQ(9, code);
}

CASE(fork_copies_memory_on_write)
{
    volatile int *data = cow;
    volatile char *zero = zeroes;
    int local = 11;
    data[1500] = 5;
    zero[5000] = 6;
    long pid = fork();
    if (pid == 0) {
        if (data[0] != 1 || data[1500] != 5 || zero[5000] != 6 || local != 11)
            exit(1);
        data[0] = 100, data[1500] = 101, zero[5000] = 102, zero[9000] = 103;
        local = 104;
        for (int i = 0; i < 3; i++)
            yield();
        exit(data[0] == 100 && data[1500] == 101 && zero[5000] == 102 && zero[9000] == 103 && local == 104 ? 0 : 2);
    }
    yield();
    CHECK(data[0] == 1 && data[1500] == 5 && zero[5000] == 6 && zero[9000] == 0 && local == 11);
    data[0] = 50;
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(0, code);
    CHECK(data[0] == 50 && data[1500] == 5 && zero[9000] == 0);
}

CASE(generations_of_copies)
{
    volatile int *data = cow;
    for (int depth = 0; depth < 8; depth++) {
        data[depth * 300] = depth + 1;
        long pid = fork();
        if (pid != 0) {
            int code = 0;
            CHECK_EQ(pid, waitpid(pid, &code));
            for (int i = depth + 1; i < 8; i++)
                if (data[i * 300] != 0)
                    exit(99);
            if (depth > 0)
                exit(code);
            CHECK_EQ(36, code);
            return;
        }
    }
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += data[i * 300];
    exit(sum);
}

CASE(the_kernel_breaks_copies_too)
{
    volatile int *data = cow;
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    long pid = fork();
    if (pid == 0) {
        int value = 77;
        exit(write((int)ends[1], &value, sizeof value) == sizeof value ? 3 : 4);
    }
    CHECK_EQ(4, read((int)ends[0], (void *)&data[2000], 4));
    CHECK_EQ(77, data[2000]);
    long second = fork();
    if (second == 0) {
        int mine = 12;
        if (waitpid_nb(-1, (int *)&data[2000]) != -1 || pipe((size_t *)&data[2000]) != 0)
            exit(1);
        exit(data[2000] != 77 && mine == 12 ? 0 : 2);
    }
    int code;
    CHECK_EQ(pid, waitpid(pid, (int *)&data[2001]));
    CHECK_EQ(3, data[2001]);
    CHECK_EQ(second, waitpid(second, &code));
    CHECK_EQ(0, code);
    CHECK_EQ(77, data[2000]);
}

CASE(exec_passes_arguments)
{
    const char *const args[] = {"rcore_life", "helper_has_arguments", "two words", "", NULL};
    long pid = fork();
    if (pid == 0) {
        exec("self", args);
        exit(98);
    }
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(0, code);
}

CASE(helper_has_arguments)
{
    CHECK_EQ(4, check_argc);
    CHECK_EQ(0, strcmp(check_argv[0], "rcore_life"));
    CHECK_EQ(0, strcmp(check_argv[2], "two words"));
    CHECK_EQ(0, strcmp(check_argv[3], ""));
    CHECK(check_argv[4] == NULL);
    exit(0);
}

CASE(exec_of_nothing_changes_nothing)
{
    int before = cow[0];
    CHECK_EQ(-1, exec("nowhere", NULL));
    CHECK_EQ(-1, exec("", NULL));
    CHECK_EQ(-1, exec((const char *)0, NULL));
    CHECK_EQ(-1, exec((const char *)-1l, NULL));
    CHECK_EQ(-1, exec("tmp", NULL));
    CHECK_EQ(before, cow[0]);
    CHECK_EQ(0, write(1, "", 0));
}

CASE(exec_keeps_pid_and_files)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    const char *const args[] = {"rcore_life", "helper_writes_to_fd_4", NULL};
    CHECK_EQ(3, (long)ends[0]);
    CHECK_EQ(4, (long)ends[1]);
    long pid = fork();
    if (pid == 0) {
        exec("self", args);
        exit(98);
    }
    long written = 0;
    CHECK_EQ(8, read((int)ends[0], &written, 8));
    CHECK_EQ(pid, written);
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(0, code);
}

CASE(helper_writes_to_fd_4)
{
    long me = getpid();
    exit(write(4, &me, 8) == 8 ? 0 : 1);
}

CASE(descriptors)
{
    size_t ends[2];
    char byte = 0;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(5, dup((long)ends[1]));
    CHECK_EQ(-1, dup(99));
    CHECK_EQ(-1, dup(-1));
    CHECK_EQ(-1, close(99));
    CHECK_EQ(-1, read(99, &byte, 1));
    CHECK_EQ(-1, write(99, &byte, 1));
    CHECK_EQ(-1, read((int)ends[1], &byte, 1));
    CHECK_EQ(-1, write((int)ends[0], &byte, 1));
    CHECK_EQ(0, close((long)ends[1]));
    CHECK_EQ(1, write(5, "y", 1));
    CHECK_EQ(0, close(5));
    CHECK_EQ(1, read((int)ends[0], &byte, 1));
    CHECK_EQ('y', byte);
    CHECK_EQ(0, read((int)ends[0], &byte, 1));
    CHECK_EQ(4, dup(0));
}

CASE(files)
{
    char data[8] = {0};
    CHECK_EQ(-1, open("nothing", O_RDONLY));
    long fd = open("file", O_CREATE | O_WRONLY);
    CHECK_EQ(3, fd);
    CHECK_EQ(5, write((int)fd, "hello", 5));
    CHECK_EQ(0, close(fd));
    fd = open("file", O_RDONLY);
    CHECK_EQ(5, read((int)fd, data, 8));
    CHECK_EQ(0, read((int)fd, data, 8));
    CHECK_EQ(0, strcmp(data, "hello"));
    CHECK_EQ(0, close(fd));
    CHECK_EQ(-1, open("file", 1 << 20));
}

CASE(time_slices)
{
    volatile int *data = cow;
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    long pid = fork();
    if (pid == 0) {
        /* never gives way by itself */
        for (data[1] = 0; data[1] < 6000000; data[1]++)
            ;
        write((int)ends[1], "b", 1);
        exit(0);
    }
    if (fork() == 0) {
        yield();
        write((int)ends[1], "a", 1);
        exit(0);
    }
    char order[3] = {0};
    CHECK_EQ(2, read((int)ends[0], order, 2));
    CHECK_EQ(0, strcmp(order, "ab"));
    CHECK(wait(NULL) > 0);
    CHECK(wait(NULL) > 0);
}

CASE(sleep_takes_guest_time)
{
    long before = get_time();
    CHECK_EQ(0, sleep_ms(250));
    long took = get_time() - before;
    CHECK(took >= 250 && took < 300);
    CHECK_EQ(0, sleep_ms(0));
}

CASE(unknown_calls_fail)
{
    for (long number = 0; number < 3000; number += 7) {
        register long a7 __asm__("a7") = number % 1000 == 93 || number == 124 ? 999 : number;
        register long a0 __asm__("a0") = -1;
        register long a1 __asm__("a1") = -1;
        if (a7 == 93 || a7 == 101 || a7 == 63 || a7 == 64 || a7 == 139 || a7 == 260 || a7 == 220 || a7 == 1022)
            continue;
        __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1) : "memory");
    }
}
