/* Threads, locks, condition variables and signals in the ABI rcore. */
#include "check.h"

static volatile int counter, order[16], count;
static long lock, other, condition;

static void adds(void *times)
{
    for (long i = 0; i < (long)times; i++) {
        mutex_lock(lock);
        int now = counter;
        if (i % 16 == 0)
            yield();
        counter = now + 1;
        mutex_unlock(lock);
    }
    exit((int)gettid());
}

static void run_adders(bool blocking)
{
    long tids[8];
    counter = 0;
    lock = mutex_create(blocking);
    CHECK(lock >= 0);
    for (int i = 0; i < 8; i++)
        CHECK((tids[i] = thread_create(adds, (void *)200)) > 0);
    for (int i = 0; i < 8; i++)
        CHECK_EQ(tids[i], waittid(tids[i]));
    CHECK_EQ(1600, counter);
    CHECK_EQ(WAIT_NO_CHILD, waittid_nb(tids[0]));
}

CASE(blocking_mutex) { run_adders(true); }
CASE(spinning_mutex) { run_adders(false); }

static void exits_with(void *code) { exit((int)(long)code); }

CASE(thread_exit_codes)
{
    for (int i = 0; i < 20; i++) {
        long tid = thread_create(exits_with, (void *)(long)(i * 7 + 3));
        CHECK_EQ(1, tid); /* the lowest free number */
        CHECK_EQ(i * 7 + 3, waittid(tid));
    }
    CHECK_EQ(WAIT_NO_CHILD, waittid_nb(0));
    CHECK_EQ(WAIT_NO_CHILD, waittid_nb(1));
    CHECK_EQ(WAIT_NO_CHILD, waittid_nb(-1));
}

static void sleeps(void *unused)
{
    (void)unused;
    sleep_ms(1000000);
    exit(0);
}

static void waits_for_lock(void *unused)
{
    (void)unused;
    mutex_lock(lock);
    exit(0);
}

static void waits_for_semaphore(void *unused)
{
    (void)unused;
    semaphore_down(other);
    exit(0);
}

static void waits_for_condition(void *unused)
{
    (void)unused;
    long mutex = mutex_create(true);
    mutex_lock(mutex);
    condvar_wait(condition, mutex);
    exit(0);
}

static void reads(void *fd)
{
    char byte;
    read((int)(long)fd, &byte, 1);
    exit(0);
}

static void spins(void *unused)
{
    (void)unused;
    for (;;)
        counter++;
}

static void start_one_of_each(void)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    lock = mutex_create(true);
    other = semaphore_create(0);
    condition = condvar_create();
    CHECK_EQ(0, mutex_lock(lock));
    CHECK(thread_create(sleeps, 0) > 0);
    CHECK(thread_create(waits_for_lock, 0) > 0);
    CHECK(thread_create(waits_for_semaphore, 0) > 0);
    CHECK(thread_create(waits_for_condition, 0) > 0);
    CHECK(thread_create(reads, (void *)ends[0]) > 0);
    CHECK(thread_create(spins, 0) > 0);
    for (int i = 0; i < 10; i++)
        yield();
}

CASE(exit_ends_threads_in_every_state) { start_one_of_each(); }

CASE(exec_ends_threads_in_every_state)
{
    long pid = fork();
    if (pid == 0) {
        start_one_of_each();
        const char *const args[] = {"rcore_threads", "helper", NULL};
        exec("self", args);
        exit(98);
    }
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(42, code);
}

CASE(helper) { exit(42); }

static void execs(void *unused)
{
    (void)unused;
    const char *const args[] = {"rcore_threads", "helper", NULL};
    exec("self", args);
    exit(98);
}

CASE(exec_from_another_thread)
{
    long pid = fork();
    if (pid == 0) {
        thread_create(spins, 0);
        thread_create(execs, 0);
        for (;;)
            yield();
    }
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(42, code);
}

CASE(a_kill_ends_threads_in_every_state)
{
    long pid = fork();
    if (pid == 0) {
        start_one_of_each();
        for (;;)
            yield();
    }
    for (int i = 0; i < 30; i++)
        yield();
    CHECK_EQ(0, kill(pid, SIGKILL));
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(-SIGKILL, code);
}

static void forks(void *unused)
{
    (void)unused;
    long pid = fork();
    if (pid == 0)
        exit(gettid() == 0 ? 21 : 22);
    int code = 0;
    exit(waitpid(pid, &code) == pid ? code : 1);
}

CASE(fork_from_another_thread) { CHECK_EQ(21, waittid(thread_create(forks, 0))); }

static void downs(void *number)
{
    semaphore_down(lock);
    order[count++] = (int)(long)number;
    exit(0);
}

CASE(semaphores_are_first_come_first_served)
{
    lock = semaphore_create(0);
    long tids[5];
    for (int i = 0; i < 5; i++) {
        tids[i] = thread_create(downs, (void *)(long)i);
        yield();
    }
    for (int i = 0; i < 5; i++)
        CHECK_EQ(0, semaphore_up(lock));
    for (int i = 0; i < 5; i++)
        CHECK_EQ(0, waittid(tids[i]));
    for (int i = 0; i < 5; i++)
        CHECK_EQ(i, order[i]);
}

CASE(semaphores_count)
{
    lock = semaphore_create(2);
    CHECK_EQ(0, semaphore_down(lock));
    CHECK_EQ(0, semaphore_down(lock));
    long tid = thread_create(downs, 0);
    for (int i = 0; i < 5; i++)
        yield();
    CHECK_EQ(WAIT_RUNNING, waittid_nb(tid));
    CHECK_EQ(0, semaphore_up(lock));
    CHECK_EQ(0, waittid(tid));
}

static void waits(void *blocking)
{
    (void)blocking;
    mutex_lock(lock);
    while (counter == 0)
        condvar_wait(condition, lock);
    counter--;
    mutex_unlock(lock);
    exit(5);
}

static void use_condition(bool blocking)
{
    lock = mutex_create(blocking);
    condition = condvar_create();
    counter = 0;
    long tids[4];
    for (int i = 0; i < 4; i++)
        tids[i] = thread_create(waits, 0);
    CHECK_EQ(0, condvar_signal(condition)); /* nobody waits yet: it is lost */
    for (int i = 0; i < 20; i++)
        yield();
    for (int i = 0; i < 4; i++) {
        mutex_lock(lock);
        counter++;
        CHECK_EQ(0, condvar_signal(condition));
        mutex_unlock(lock);
    }
    for (int i = 0; i < 4; i++)
        CHECK_EQ(5, waittid(tids[i]));
    CHECK_EQ(0, mutex_lock(lock));
}

CASE(condition_with_a_blocking_mutex) { use_condition(true); }
CASE(condition_with_a_spinning_mutex) { use_condition(false); }

CASE(objects_that_are_not_there)
{
    static const long bad[] = {0, 1, -1, 1l << 32, 1l << 62};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(-1, mutex_lock(bad[i]));
        CHECK_EQ(-1, mutex_unlock(bad[i]));
        CHECK_EQ(-1, semaphore_up(bad[i]));
        CHECK_EQ(-1, semaphore_down(bad[i]));
        CHECK_EQ(-1, condvar_signal(bad[i]));
        CHECK_EQ(-1, condvar_wait(bad[i], 0));
    }
    CHECK_EQ(0, mutex_create(true));
    CHECK_EQ(-1, mutex_unlock(0));
    CHECK_EQ(0, condvar_create());
    CHECK_EQ(-1, condvar_wait(0, 0));
    CHECK_EQ(-1, condvar_wait(0, 1));
}

/* ---- signals ---- */

static volatile int caught;

static void handler(int number)
{
    caught = caught * 100 + number;
    sigreturn();
}

static void exits(int number) { exit(100 + number); }

static void set(int number, void (*to)(int), unsigned mask)
{
    struct sigaction action = {.handler = to, .mask = mask}, old;
    CHECK_EQ(0, sigaction(number, &action, &old));
}

CASE(a_handler_runs_and_returns)
{
    set(SIGUSR1, handler, 0);
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(10, caught);
}

CASE(the_old_action_is_told)
{
    struct sigaction action = {.handler = handler, .mask = 6}, old = {.mask = 9};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, &old));
    CHECK(old.handler == NULL);
    CHECK_EQ(0, sigaction(SIGUSR1, &action, &old));
    CHECK(old.handler == handler && old.mask == 6);
    CHECK_EQ(-1, sigaction(SIGUSR1, NULL, &old));
    CHECK_EQ(-1, sigaction(SIGUSR1, &action, NULL));
    CHECK_EQ(-1, sigaction(SIGUSR1, (void *)8, &old));
    CHECK_EQ(-1, sigaction(SIGUSR1, &action, (void *)8));
    CHECK_EQ(-1, sigaction(SIGKILL, &action, &old));
    CHECK_EQ(-1, sigaction(SIGSTOP, &action, &old));
    CHECK_EQ(-1, sigaction(32, &action, &old));
    CHECK_EQ(-1, sigaction(-1, &action, &old));
}

CASE(a_blocked_signal_waits)
{
    set(SIGUSR1, handler, 0);
    CHECK_EQ(0, sigprocmask(SIGNAL_BIT(SIGUSR1)));
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(0, caught);
    CHECK_EQ(-1, kill(getpid(), SIGUSR1)); /* pending already */
    CHECK_EQ(SIGNAL_BIT(SIGUSR1), sigprocmask(0));
    CHECK_EQ(10, caught);
}

CASE(a_child_is_killed)
{
    long pid = fork();
    if (pid == 0)
        for (;;)
            yield();
    yield();
    CHECK_EQ(0, kill(pid, SIGTERM));
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(-SIGTERM, code);
    CHECK_EQ(-1, kill(pid, SIGTERM));
    CHECK_EQ(-1, kill(99999, SIGTERM));
    CHECK_EQ(-1, kill(getpid(), 77));
}

CASE(a_stopped_child_goes_on)
{
    size_t ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    long pid = fork();
    if (pid == 0) {
        yield();
        write((int)ends[1], "x", 1);
        exit(1);
    }
    CHECK_EQ(0, kill(pid, SIGSTOP));
    for (int i = 0; i < 10; i++) {
        yield();
        CHECK_EQ(WAIT_RUNNING, waitpid_nb(pid, NULL));
    }
    CHECK_EQ(0, kill(pid, SIGCONT));
    CHECK_EQ(1, read((int)ends[0], &byte, 1));
    CHECK_EQ(pid, waitpid(pid, NULL));
}

static void child_in(void (*wait)(void *), void *argument, int number, int expected)
{
    long pid = fork();
    if (pid == 0) {
        set(number, exits, 0);
        wait(argument);
        exit(1);
    }
    for (int i = 0; i < 5; i++)
        yield();
    CHECK_EQ(0, kill(pid, number));
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(expected, code);
}

CASE(handlers_run_in_calls_that_wait)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    child_in(reads, (void *)ends[0], SIGUSR1, 110);
    child_in(sleeps, NULL, SIGUSR2, 112);
}

CASE(kill_ends_waits_that_no_handler_interrupts)
{
    other = semaphore_create(0);
    condition = condvar_create();
    for (int i = 0; i < 2; i++) {
        long pid = fork();
        if (pid == 0) {
            other = semaphore_create(0);
            condition = condvar_create();
            (i ? waits_for_condition : waits_for_semaphore)(NULL);
        }
        for (int j = 0; j < 5; j++)
            yield();
        CHECK_EQ(0, kill(pid, SIGKILL));
        int code;
        CHECK_EQ(pid, waitpid(pid, &code));
        CHECK_EQ(-SIGKILL, code);
    }
}

static volatile int nested;

static void recurses(int number)
{
    (void)number;
    if (++nested < 200)
        kill(getpid(), nested & 1 ? SIGUSR2 : SIGUSR1);
    sigreturn();
}

CASE(nested_handlers_have_an_end)
{
    set(SIGUSR1, recurses, 0);
    set(SIGUSR2, recurses, 0);
    long pid = fork();
    if (pid == 0) {
        kill(getpid(), SIGUSR1);
        exit(3);
    }
    CHECK(waitpid(pid, NULL) == pid);
    CHECK_EQ(-1, sigreturn());
}

CASE(many_threads)
{
    int made = 0;
    lock = semaphore_create(0);
    while (made < 3000 && thread_create(downs, 0) > 0)
        made++;
    CHECK(made > 500);
    CHECK_EQ(-1, made < 3000 ? thread_create(downs, 0) : -1);
    CHECK_EQ(-1, made < 3000 ? fork() : -1);
}

CASE(a_stopped_process_can_be_killed)
{
    long pid = fork();
    if (pid == 0)
        for (;;)
            yield();
    CHECK_EQ(0, kill(pid, SIGSTOP));
    for (int i = 0; i < 5; i++)
        yield();
    CHECK_EQ(0, kill(pid, SIGKILL));
    int code;
    CHECK_EQ(pid, waitpid(pid, &code));
    CHECK_EQ(-SIGKILL, code);
}

static volatile long moved;

static void write_then_signal(long pid, int fd)
{
    for (int i = 0; i < 5; i++)
        yield();
    write(fd, "abcd", 4);
    for (int i = 0; i < 5; i++)
        yield();
    kill(pid, SIGUSR1);
    for (int i = 0; i < 5; i++)
        yield();
    write(fd, "efgh", 4);
    exit(0);
}

CASE(a_handler_loses_no_byte_of_a_read)
{
    size_t ends[2];
    char data[9] = {0};
    CHECK_EQ(0, pipe(ends));
    set(SIGUSR1, handler, 0);
    long me = getpid();
    if (fork() == 0)
        write_then_signal(me, (int)ends[1]);
    long got = read((int)ends[0], data, 8);
    CHECK_EQ(10, caught);
    if (got < 8)
        got += read((int)ends[0], data + got, 8 - (size_t)got);
    CHECK_EQ(8, got);
    CHECK_EQ(0, strcmp(data, "abcdefgh"));
}

static void locks_then_signals(void *unused)
{
    (void)unused;
    for (int i = 0; i < 5; i++)
        yield();
    kill(getpid(), SIGUSR1);
    for (int i = 0; i < 5; i++)
        yield();
    moved = 1;
    mutex_unlock(lock);
    exit(0);
}

CASE(a_handler_grants_no_lock)
{
    for (int blocking = 0; blocking < 2; blocking++) {
        set(SIGUSR1, handler, 0);
        caught = 0;
        moved = 0;
        lock = mutex_create(blocking);
        CHECK_EQ(0, mutex_lock(lock));
        long tid = thread_create(locks_then_signals, 0);
        CHECK_EQ(0, mutex_lock(lock));
        CHECK_EQ(1, moved);
        CHECK_EQ(10, caught);
        CHECK_EQ(0, waittid(tid));
    }
}
