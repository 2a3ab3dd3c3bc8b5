#define _GNU_SOURCE
#include "unix_socket.h"
#include <sys/ioctl.h>
#include <sys/uio.h>

CASE(to_an_address)
{
    struct sockaddr_un to = at_path("r");
    char data[8];
    int from = socket(AF_UNIX, SOCK_DGRAM, 0), receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(3, sendto(from, "abc", 3, 0, (void *)&to, sizeof to));
    CHECK_EQ(0, sendto(from, NULL, 0, 0, (void *)&to, sizeof to)); /* an empty message is one too */
    CHECK_EQ(2, sendto(from, "de", 2, 0, (void *)&to, HEAD + 1));
    CHECK_EQ(3, read(receiver, data, 8));
    CHECK_EQ(0, read(receiver, data, 8));
    CHECK_EQ(2, read(receiver, data, 8));
}

CASE(bounds_of_messages)
{
    int kinds[] = {SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 2; at++) {
        int ends[2];
        char data[8];
        pair(kinds[at], ends);
        CHECK_EQ(3, send(ends[0], "abc", 3, 0));
        CHECK_EQ(2, send(ends[0], "de", 2, 0));
        CHECK_EQ(3, recv(ends[1], data, 8, 0));
        CHECK_EQ(2, recv(ends[1], data, 8, 0));
        CHECK_EQ(4, send(ends[0], "fghi", 4, 0));
        CHECK_EQ(1, send(ends[0], "j", 1, 0));
        CHECK_EQ(2, recv(ends[1], data, 2, 0)); /* the rest is lost */
        CHECK_EQ(1, recv(ends[1], data, 8, 0));
        CHECK_EQ('j', data[0]);
        struct iovec parts[2] = {{"kl", 2}, {"mno", 3}};
        CHECK_EQ(5, writev(ends[0], parts, 2));
        CHECK_EQ(5, read(ends[1], data, 8));
    }
}

CASE(connections_and_addresses)
{
    struct sockaddr_un to = at_path("s");
    int ends[2];
    char data[4];
    listener(SOCK_STREAM, "s", 1);
    CHECK_ERRNO(EOPNOTSUPP, sendto(socket(AF_UNIX, SOCK_STREAM, 0), "x", 1, 0, (void *)&to, sizeof to));
    CHECK_ERRNO(ENOTCONN, send(socket(AF_UNIX, SOCK_STREAM, 0), "x", 1, 0));
    CHECK_ERRNO(ENOTCONN, send(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, 0));
    CHECK_ERRNO(ENOTCONN, send(socket(AF_UNIX, SOCK_SEQPACKET, 0), "x", 1, 0));
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EISCONN, sendto(ends[0], "x", 1, 0, (void *)&to, sizeof to));
    pair(SOCK_SEQPACKET, ends);
    CHECK_EQ(1, sendto(ends[0], "x", 1, 0, (void *)&to, sizeof to)); /* not looked at */
    CHECK_EQ(1, read(ends[1], data, 4));
}

CASE(nobody_there)
{
    struct sockaddr_un to = at_path("r");
    int from = socket(AF_UNIX, SOCK_DGRAM, 0), receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_ERRNO(ENOENT, sendto(from, "x", 1, 0, (void *)&to, sizeof to));
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(0, connect_path(from, "r"));
    close(receiver);
    CHECK_ERRNO(ECONNREFUSED, sendto(from, "x", 1, 0, (void *)&to, sizeof to));
    CHECK_ERRNO(ECONNREFUSED, send(from, "x", 1, 0));
    CHECK_ERRNO(ENOTCONN, send(from, "x", 1, 0)); /* the peer is forgotten */
    struct sockaddr_un stream = at_path("s");
    listener(SOCK_STREAM, "s", 1);
    CHECK_ERRNO(EPROTOTYPE, sendto(from, "x", 1, 0, (void *)&stream, sizeof stream));
}

CASE(broken_pipe)
{
    int ends[2];
    pair(SOCK_STREAM, ends);
    catch_signal(SIGPIPE, 0);
    close(ends[1]);
    CHECK_ERRNO(EPIPE, send(ends[0], "x", 1, MSG_NOSIGNAL));
    CHECK_EQ(0, caught);
    CHECK_ERRNO(EPIPE, send(ends[0], "x", 1, 0));
    CHECK_EQ(SIGPIPE, caught);
    caught = 0;
    CHECK_ERRNO(EPIPE, write(ends[0], "x", 1));
    CHECK_EQ(SIGPIPE, caught);
    caught = 0;
    CHECK_ERRNO(EPIPE, send(ends[0], "", 0, 0)); /* even for nothing */
    CHECK_EQ(SIGPIPE, caught);
    pair(SOCK_SEQPACKET, ends);
    close(ends[1]);
    caught = 0;
    CHECK_ERRNO(EPIPE, write(ends[0], "x", 1)); /* no signal: it is a message */
    CHECK_EQ(0, caught);
}

CASE(reset)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(2, write(ends[1], "de", 2));
    close(ends[1]); /* with something unread */
    CHECK_EQ(POLLIN | POLLRDHUP | POLLHUP | POLLERR | POLLOUT, events(ends[0]));
    CHECK_EQ(2, read(ends[0], data, 8));
    CHECK_ERRNO(ECONNRESET, read(ends[0], data, 8));
    CHECK_EQ(0, read(ends[0], data, 8));
}

CASE(room_of_a_stream)
{
    int ends[2], queued = -1;
    static char data[1 << 20];
    pair(SOCK_STREAM, ends);
    long size = fill(ends[0], 65536);
    CHECK(size > 100000);
    CHECK_EQ(0, events(ends[0]));
    CHECK_EQ(0, ioctl(ends[1], FIONREAD, &queued));
    CHECK_EQ(size, queued);
    CHECK_EQ(0, ioctl(ends[0], TIOCOUTQ, &queued));
    CHECK(queued >= size);
    long got = 0;
    while (got < size)
        got += read(ends[1], data, sizeof data);
    CHECK_EQ(size, got);
    CHECK_EQ(POLLOUT, events(ends[0]));
    CHECK_EQ(0, ioctl(ends[0], TIOCOUTQ, &queued));
    CHECK_EQ(0, queued);
}

CASE(small_messages_cost_more_than_their_bytes)
{
    int ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(278, fill(ends[0], 1));
    pair(SOCK_SEQPACKET, ends);
    CHECK_EQ(278, fill(ends[0], 1));
}

CASE(a_long_write_waits)
{
    int ends[2], status;
    static char data[1 << 20];
    pair(SOCK_STREAM, ends);
    if (fork() == 0) {
        long got = 0, count;
        close(ends[0]);
        while ((count = read(ends[1], data, 10000)) > 0)
            got += count;
        _exit(got != (1 << 20));
    }
    CHECK_EQ(1 << 20, write(ends[0], data, sizeof data));
    close(ends[0]);
    close(ends[1]);
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(a_long_write_is_interrupted)
{
    int ends[2];
    static char data[1 << 20];
    pair(SOCK_STREAM, ends);
    catch_signal(SIGALRM, 0);
    alarm(1);
    long sent = write(ends[0], data, sizeof data);
    CHECK(sent > 100000 && sent < 1 << 20);
    alarm(1);
    CHECK_ERRNO(EINTR, write(ends[0], data, 1));
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(EAGAIN, write(ends[0], data, 1));
}

CASE(timeout)
{
    int ends[2];
    static char data[1 << 20];
    pair(SOCK_STREAM, ends);
    timeout_ms(ends[0], SO_SNDTIMEO, 30);
    long sent = send(ends[0], data, sizeof data, 0);
    CHECK(sent > 100000 && sent < 1 << 20);
    CHECK_ERRNO(EAGAIN, send(ends[0], data, 1, 0));
    CHECK_ERRNO(EAGAIN, write(ends[0], data, 1));
}

CASE(the_reader_goes_while_a_writer_waits)
{
    int ends[2], status;
    pair(SOCK_STREAM, ends);
    fill(ends[0], 65536);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        catch_signal(SIGPIPE, 0);
        CHECK_ERRNO(ECONNRESET, send(ends[0], "x", 1, 0));
        CHECK_EQ(0, caught);
        CHECK_ERRNO(EPIPE, send(ends[0], "x", 1, 0));
        CHECK_EQ(SIGPIPE, caught);
        _exit(0);
    }
    sleep_ms(50);
    close(ends[0]), close(ends[1]);
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
}

CASE(a_datagram_waits_for_room_at_the_receiver)
{
    struct sockaddr_un to = at_path("r");
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), from = socket(AF_UNIX, SOCK_DGRAM, 0), count = 0, status;
    char data[4];
    CHECK_EQ(0, bind_path(receiver, "r"));
    CHECK_EQ(0, connect_path(from, "r"));
    while (send(from, "x", 1, MSG_DONTWAIT) == 1)
        count++;
    CHECK_EQ(EAGAIN, errno);
    CHECK(count >= 2);
    CHECK_EQ(0, events(from)); /* not writable: the receiver is full */
    int other = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(POLLOUT, events(other));
    CHECK_ERRNO(EAGAIN, sendto(other, "y", 1, MSG_DONTWAIT, (void *)&to, sizeof to));
    if (fork() == 0) {
        CHECK_EQ(1, sendto(other, "y", 1, 0, (void *)&to, sizeof to));
        _exit(0);
    }
    sleep_ms(30);
    CHECK_EQ(1, read(receiver, data, 4));
    wait(&status);
    CHECK_EQ(0, status);
    for (int at = 0; at < count; at++)
        CHECK_EQ(1, read(receiver, data, 4));
    CHECK_EQ('y', data[0]);
    CHECK_EQ(POLLOUT, events(from));
}

CASE(too_long)
{
    int ends[2];
    static char data[400000];
    pair(SOCK_DGRAM, ends);
    CHECK_ERRNO(EMSGSIZE, send(ends[0], data, sizeof data, 0));
    CHECK_EQ(200000, send(ends[0], data, 200000, 0));
    CHECK_EQ(200000, recv(ends[1], data, sizeof data, 0));
}

CASE(errors)
{
    int ends[2], file = open("f", O_CREAT | O_RDWR, 0600);
    struct sockaddr_un to = at_path("r");
    pair(SOCK_DGRAM, ends);
    CHECK_ERRNO(EBADF, send(99, "x", 1, 0));
    CHECK_ERRNO(ENOTSOCK, send(file, "x", 1, 0));
    CHECK_ERRNO(EFAULT, send(ends[0], (void *)-4096, 1, 0));
    CHECK_ERRNO(EFAULT, send(ends[0], NULL, 1, 0));
    CHECK_ERRNO(EFAULT, sendto(ends[0], "x", 1, 0, (void *)-4096, sizeof to));
    CHECK_ERRNO(EINVAL, sendto(ends[0], "x", 1, 0, (void *)&to, 200));
    CHECK_ERRNO(EINVAL, sendto(ends[0], "x", 1, 0, (void *)&to, -1));
    CHECK_ERRNO(EINVAL, sendto(ends[0], "x", 1, 0, (void *)&to, 2));
    CHECK_ERRNO(EOPNOTSUPP, send(ends[0], "x", 1, MSG_OOB));
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EFAULT, send(ends[0], NULL, 1, 0));
}

CASE(a_fault_after_some_bytes)
{
    int ends[2];
    char *page = NULL;
    static char small[16];
    pair(SOCK_STREAM, ends);
    struct iovec parts[2] = {{small, 16}, {page, 16}};
    long sent = writev(ends[0], parts, 2);
    CHECK(sent == -1 && errno == EFAULT); /* one message goes whole or not at all */
    CHECK_ERRNO(EAGAIN, recv(ends[1], small, 16, MSG_DONTWAIT));
}
