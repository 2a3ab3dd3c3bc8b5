/* Shows coroutines without stacks: each is a function that remembers where it stopped, as a compiler would turn an
 * async function into a state machine. A queue polls them until all are done. */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

enum { TASKS = 3 };

struct task {
    int id;
    int resume_at; /* the line to go on from */
};

/* A coroutine's body stands between BEGIN and END; AWAIT leaves it and comes back to the line after. Local variables do
 * not survive an AWAIT: what must, lives in the task. */
#define BEGIN(task) switch ((task)->resume_at) { case 0:
#define AWAIT(task) do { (task)->resume_at = __LINE__; return false; case __LINE__:; } while (0)
#define END } return true

static bool poll(struct task *task)
{
    BEGIN(task);
    printf("  task %d: begins.\n", task->id);
    AWAIT(task);
    printf("  task %d: goes on.\n", task->id);
    AWAIT(task);
    printf("  task %d: ends.\n", task->id);
    END;
}

int main(void)
{
    struct task tasks[TASKS];
    for (int i = 0; i < TASKS; i++)
        tasks[i] = (struct task){.id = i + 1};

    struct task *queue[TASKS];
    int polls = 0, waiting = TASKS;
    for (int i = 0; i < TASKS; i++)
        queue[i] = &tasks[i];
    while (waiting > 0) {
        int left = 0;
        for (int i = 0; i < waiting; i++, polls++)
            if (!poll(queue[i]))
                queue[left++] = queue[i];
        waiting = left;
    }
    assert(polls == 3 * TASKS);
    printf("stackless_coroutine passed.\n");
    return 0;
}
