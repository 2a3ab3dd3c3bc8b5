/* Shows coroutines with stacks of their own, in one process and without the kernel: a switch saves the registers that a
 * function call keeps (ra, sp, s0-s11) and loads another coroutine's. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct context {
    uint64_t ra, sp, s[12];
};

void switch_context(struct context *from, const struct context *to);

__asm__(".text\n"
        ".globl switch_context\n"
        ".type switch_context, @function\n"
        "switch_context:\n"
        "    sd ra, 0(a0)\n    sd sp, 8(a0)\n    sd s0, 16(a0)\n    sd s1, 24(a0)\n    sd s2, 32(a0)\n"
        "    sd s3, 40(a0)\n    sd s4, 48(a0)\n    sd s5, 56(a0)\n    sd s6, 64(a0)\n    sd s7, 72(a0)\n"
        "    sd s8, 80(a0)\n    sd s9, 88(a0)\n    sd s10, 96(a0)\n    sd s11, 104(a0)\n"
        "    ld ra, 0(a1)\n    ld sp, 8(a1)\n    ld s0, 16(a1)\n    ld s1, 24(a1)\n    ld s2, 32(a1)\n"
        "    ld s3, 40(a1)\n    ld s4, 48(a1)\n    ld s5, 56(a1)\n    ld s6, 64(a1)\n    ld s7, 72(a1)\n"
        "    ld s8, 80(a1)\n    ld s9, 88(a1)\n    ld s10, 96(a1)\n    ld s11, 104(a1)\n"
        "    ret\n");

enum { COROUTINES = 4, STACK = 16384 };

struct coroutine {
    struct context context;
    void (*body)(int id);
    int ready;
};

static struct coroutine coroutines[COROUTINES + 1]; /* number 0 is main itself */
static int current;

/* Go on with the next one that is ready; 0 if no other is. */
static int yield_coroutine(void)
{
    for (int step = 1; step <= COROUTINES; step++) {
        int next = (current + step) % (COROUTINES + 1);
        if (!coroutines[next].ready)
            continue;
        int previous = current;
        current = next;
        switch_context(&coroutines[previous].context, &coroutines[next].context);
        return 1;
    }
    return 0;
}

static void begin(void)
{
    coroutines[current].body(current);
    coroutines[current].ready = 0;
    yield_coroutine(); /* main is always ready, so this never comes back */
    abort();
}

static void spawn(int id, void (*body)(int))
{
    char *stack = malloc(STACK);
    assert(stack);
    coroutines[id] = (struct coroutine){
        .context = {.ra = (uint64_t)(uintptr_t)begin, .sp = ((uint64_t)(uintptr_t)stack + STACK) & ~UINT64_C(15)},
        .body = body,
        .ready = 1,
    };
}

static int steps;

static void body(int id)
{
    printf("coroutine %d starts.\n", id);
    for (int i = 0; i < 2 * id; i++) {
        printf("coroutine %d: step %d.\n", id, i);
        steps++;
        yield_coroutine();
    }
    printf("coroutine %d is done.\n", id);
}

int main(void)
{
    coroutines[0].ready = 1;
    for (int id = 1; id <= COROUTINES; id++)
        spawn(id, body);
    while (yield_coroutine())
        ;
    assert(steps == 2 + 4 + 6 + 8);
    printf("stackful_coroutine passed.\n");
    return 0;
}
