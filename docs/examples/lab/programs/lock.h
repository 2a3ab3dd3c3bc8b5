/* A lock that waits by trying again. Exercise 2. */
#include <stdatomic.h>

struct lock {
    atomic_flag taken;
};

/* Wait until nobody has the lock, and take it. */
void lock(struct lock *lock);

/* Give it back. */
void unlock(struct lock *lock);
