/* Shows the dining philosophers: five, with a fork between each two. Everyone takes the fork with the lower number
 * first, so that no circle of waiting can close. Draws afterwards who did what when. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { SEATS = 5, ROUNDS = 4, COLUMN_MS = 10, MOST_COLUMNS = 120 };

struct span {
    long start, end;
};

static long forks[SEATS];
static struct span thinking[SEATS][ROUNDS], eating[SEATS][ROUNDS];
static volatile int fork_held[SEATS];

static size_t duration_ms(int seat, int turn) { return 20 + (size_t)((seat * 7 + turn * 5) % 11) * 8; }

static void spend(struct span *span, size_t ms)
{
    span->start = get_time();
    sleep_ms(ms);
    span->end = get_time();
}

static void take(int number)
{
    mutex_lock(forks[number]);
    assert(!fork_held[number]);
    fork_held[number] = 1;
}

static void put_down(int number)
{
    fork_held[number] = 0;
    mutex_unlock(forks[number]);
}

static void dine(void *argument)
{
    int seat = (int)(long)argument, left = seat, right = (seat + 1) % SEATS;
    int low = left < right ? left : right, high = left + right - low;
    for (int round = 0; round < ROUNDS; round++) {
        spend(&thinking[seat][round], duration_ms(seat, 2 * round));
        take(low);
        take(high);
        spend(&eating[seat][round], duration_ms(seat, 2 * round + 1));
        put_down(high);
        put_down(low);
    }
    exit(0);
}

static char activity(int seat, long at)
{
    for (int round = 0; round < ROUNDS; round++) {
        if (at >= thinking[seat][round].start && at < thinking[seat][round].end)
            return '-';
        if (at >= eating[seat][round].start && at < eating[seat][round].end)
            return 'x';
    }
    return ' ';
}

int main(void)
{
    long start = get_time(), tids[SEATS];
    for (int i = 0; i < SEATS; i++)
        forks[i] = mutex_create(true);
    for (long i = 0; i < SEATS; i++)
        tids[i] = thread_create(dine, (void *)i);
    for (int i = 0; i < SEATS; i++)
        assert(waittid(tids[i]) == 0);
    long columns = (get_time() - start) / COLUMN_MS;
    printf("one column is %d ms; - thinks, x eats, blank waits\n", COLUMN_MS);
    for (int seat = 0; seat < SEATS; seat++) {
        printf("#%d: ", seat);
        for (long column = 0; column < columns && column < MOST_COLUMNS; column++)
            putchar(activity(seat, start + column * COLUMN_MS));
        printf("\n");
    }
    printf("phil_din_mutex passed.\n");
    return 0;
}
