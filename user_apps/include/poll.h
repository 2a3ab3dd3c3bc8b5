/* Waiting for several files at once. */
#ifndef POLL_H
#define POLL_H

#define POLLIN 1
#define POLLPRI 2
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 0x10
#define POLLNVAL 0x20

struct pollfd {
    int fd;
    short events, revents;
};

int poll(struct pollfd *files, unsigned long count, int milliseconds); /* -1: without a limit */

#endif
