/* Exercise 2. */
#include "lock.h"

void lock(struct lock *lock)
{
    (void)lock; /* your lock in place of this */
}

void unlock(struct lock *lock)
{
    (void)lock;
}
