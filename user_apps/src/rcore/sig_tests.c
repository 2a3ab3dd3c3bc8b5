/* Shows the rules of signals, one case each, every case in a process of its own. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static volatile int order[8], calls;

static void note(int number)
{
    order[calls++] = number;
    sigreturn();
}

static void note_and_send_usr2(int number)
{
    order[calls++] = number;
    kill(getpid(), SIGUSR2);
    order[calls++] = -number;
    sigreturn();
}

static void set_handler(int number, void (*handler)(int), uint32_t mask)
{
    struct sigaction action = {.handler = handler, .mask = mask}, old;
    assert(sigaction(number, &action, &old) == 0);
}

static void bad_numbers(void)
{
    struct sigaction action = {.handler = note}, old;
    assert(sigaction(50, &action, &old) < 0);
    assert(sigaction(-1, &action, &old) < 0);
    assert(sigaction(SIGKILL, &action, &old) < 0);
    assert(sigaction(SIGSTOP, &action, &old) < 0);
    assert(sigaction(SIGUSR1, NULL, &old) < 0);
    assert(sigaction(SIGUSR1, &action, NULL) < 0);
    assert(kill(getpid(), 50) < 0);
    assert(kill(1 << 20, SIGUSR1) < 0);
}

static void kill_self(void)
{
    set_handler(SIGUSR1, note, 0);
    assert(kill(getpid(), SIGUSR1) == 0);
    assert(calls == 1 && order[0] == SIGUSR1);
    assert(kill(getpid(), SIGUSR1) == 0); /* the handler stays */
    assert(calls == 2);
}

static void old_action(void)
{
    struct sigaction first = {.handler = note, .mask = SIGNAL_BIT(SIGUSR2)}, none, found;
    assert(sigaction(SIGUSR1, &first, &none) == 0);
    assert(none.handler == NULL && none.mask == 0);
    assert(sigaction(SIGUSR1, &none, &found) == 0);
    assert(found.handler == note && found.mask == SIGNAL_BIT(SIGUSR2));
}

static void mask_gives_old_mask(void)
{
    assert(sigprocmask(SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2)) == 0);
    assert(sigprocmask(SIGNAL_BIT(SIGUSR1)) == (long)(SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2)));
    assert(sigprocmask(0) == (long)SIGNAL_BIT(SIGUSR1));
}

static void masked_until_unmasked(void)
{
    set_handler(SIGUSR1, note, 0);
    sigprocmask(SIGNAL_BIT(SIGUSR1));
    assert(kill(getpid(), SIGUSR1) == 0);
    yield();
    assert(calls == 0);
    sigprocmask(0);
    assert(calls == 1);
}

static void handler_masks_another(void)
{
    set_handler(SIGUSR1, note_and_send_usr2, SIGNAL_BIT(SIGUSR2));
    set_handler(SIGUSR2, note, 0);
    assert(kill(getpid(), SIGUSR1) == 0);
    assert(calls == 3);
    assert(order[0] == SIGUSR1 && order[1] == -SIGUSR1 && order[2] == SIGUSR2);
}

static void registers_survive(void)
{
    set_handler(SIGUSR1, note, 0);
    register long kept __asm__("s5") = 0x1234567;
    __asm__ volatile("" : "+r"(kept));
    assert(kill(getpid(), SIGUSR1) == 0);
    __asm__ volatile("" : "+r"(kept));
    assert(kept == 0x1234567 && calls == 1);
}

static void end_by(int number)
{
    long child = fork();
    if (child == 0)
        for (;;)
            yield();
    assert(kill(child, number) == 0);
    int code;
    assert(waitpid(child, &code) == child);
    assert(code == -number);
}

static void default_ends_process(void)
{
    end_by(SIGINT);
    end_by(SIGABRT);
    end_by(SIGKILL);
}

static void kill_cannot_be_masked(void)
{
    long child = fork();
    if (child == 0) {
        sigprocmask(~0u & ~1u);
        for (;;)
            yield();
    }
    sleep_ms(20);
    assert(kill(child, SIGKILL) == 0);
    int code;
    assert(waitpid(child, &code) == child && code == -SIGKILL);
}

static void stop_and_continue(void)
{
    long child = fork();
    if (child == 0) {
        assert(kill(getpid(), SIGSTOP) == 0);
        exit(7);
    }
    int code;
    sleep_ms(50);
    assert(waitpid_nb(child, &code) == WAIT_RUNNING); /* stopped */
    assert(kill(child, SIGCONT) == 0);
    assert(waitpid(child, &code) == child && code == 7);
}

static void handler_survives_fork(void)
{
    set_handler(SIGUSR1, note, 0);
    long child = fork();
    if (child == 0) {
        assert(kill(getpid(), SIGUSR1) == 0);
        exit(calls == 1 ? 0 : 1);
    }
    int code;
    assert(waitpid(child, &code) == child && code == 0);
    assert(calls == 0);
}

static void handshake(void)
{
    size_t ends[2];
    assert(pipe(ends) == 0);
    long child = fork();
    if (child == 0) {
        set_handler(SIGUSR1, note, 0);
        assert(write((int)ends[1], "r", 1) == 1); /* ready */
        while (!calls)
            yield();
        exit(3);
    }
    char ready;
    assert(read((int)ends[0], &ready, 1) == 1);
    assert(kill(child, SIGUSR1) == 0);
    int code;
    assert(waitpid(child, &code) == child && code == 3);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"bad_numbers", bad_numbers},
    {"kill_self", kill_self},
    {"old_action", old_action},
    {"mask_gives_old_mask", mask_gives_old_mask},
    {"masked_until_unmasked", masked_until_unmasked},
    {"handler_masks_another", handler_masks_another},
    {"registers_survive", registers_survive},
    {"default_ends_process", default_ends_process},
    {"kill_cannot_be_masked", kill_cannot_be_masked},
    {"stop_and_continue", stop_and_continue},
    {"handler_survives_fork", handler_survives_fork},
    {"handshake", handshake},
};

int main(void)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long child = fork();
        if (child == 0) {
            cases[i].run();
            exit(0);
        }
        int code;
        assert(waitpid(child, &code) == child);
        printf("%s: %s\n", cases[i].name, code == 0 ? "ok" : "FAILED");
        failed += code != 0;
    }
    printf(failed ? "sig_tests: %d failed.\n" : "sig_tests passed.\n", failed);
    return failed ? 1 : 0;
}
