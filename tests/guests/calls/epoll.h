/* What the programs of epoll's calls share. */
#ifndef EPOLL_H
#define EPOLL_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static inline int control(int ep, int op, int fd, unsigned events)
{
    struct epoll_event event = {.events = events};
    event.data.u64 = (uint64_t)fd;
    return epoll_ctl(ep, op, fd, &event);
}

/* Watch `fd`; its number is the data. */
static inline int add(int ep, int fd, unsigned events)
{
    return control(ep, EPOLL_CTL_ADD, fd, events);
}

#endif
