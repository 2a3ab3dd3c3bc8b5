"""IPC objects that live on their own: System V's shared memory, semaphores and queues, POSIX message queues."""
