/* What the programs on inotify share: an instance and the comparison of its events with what they should be. */
#ifndef EVENTS_H
#define EVENTS_H

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char events_read[65536] __attribute__((aligned(8)));
static int events_size, events_at;
static uint32_t event_cookie;

/* The next event; NULL if there is none now. */
static inline struct inotify_event *next_event(int fd)
{
    if (events_at == events_size) {
        struct pollfd ready = {fd, POLLIN, 0};
        if (poll(&ready, 1, 0) == 0)
            return NULL;
        events_size = read(fd, events_read, sizeof(events_read));
        CHECK(events_size > 0);
        events_at = 0;
    }
    struct inotify_event *event = (void *)(events_read + events_at);
    events_at += sizeof(*event) + event->len;
    event_cookie = event->cookie;
    return event;
}

#define CHECK_EVENT(fd_, wd_, mask_, name_)                                                                           \
    do {                                                                                                              \
        struct inotify_event *event = next_event(fd_);                                                                \
        const char *expected_name = name_;                                                                            \
        if (!event)                                                                                                   \
            CHECK_FAIL("no event: expected 0x%x", (unsigned)(mask_));                                                 \
        const char *got_name = event->len ? event->name : NULL;                                                       \
        if (event->wd != (wd_) || event->mask != (uint32_t)(mask_) || !expected_name != !got_name ||                  \
            (got_name && strcmp(got_name, expected_name) != 0))                                                       \
            CHECK_FAIL("expected %d 0x%x %s, got %d 0x%x %s", wd_, (unsigned)(mask_),                                 \
                       expected_name ? expected_name : "-", event->wd, event->mask, got_name ? got_name : "-");       \
    } while (0)

#define CHECK_NO_EVENT(fd_)                                                                                           \
    do {                                                                                                              \
        struct inotify_event *event = next_event(fd_);                                                                \
        if (event)                                                                                                    \
            CHECK_FAIL("expected none, got %d 0x%x %s", event->wd, event->mask, event->len ? event->name : "-");      \
    } while (0)

static inline void make_file(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_WRONLY, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, close(fd));
}
#endif
