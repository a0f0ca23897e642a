/* Sockets: opened with a bounded number of handshakes at a time, kept, and brought back when that is wanted. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crowd.h"

#define SLOW_BYTES 1024
#define SECOND 1000000000ull

char inbox[1 << 18];
static int wanted, window_size, next_new;
static char *ticket_bytes, **tickets;
static int ticket_count;

void read_tickets(const char *file) {
    FILE *in = fopen(file, "r");
    size_t size = 0;
    if (!in) {
        say("{\"event\":\"error\",\"message\":\"the file of tickets can not be read\"}");
        return;
    }
    ssize_t length = getdelim(&ticket_bytes, &size, 0, in);
    fclose(in);
    ticket_count = 0;
    if (length <= 0) return;
    int room = 0;
    for (char *line = strtok(ticket_bytes, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        if (ticket_count == room) tickets = realloc(tickets, (size_t)(room = room ? room * 2 : 1024) * sizeof *tickets);
        tickets[ticket_count++] = line;
    }
}

const char *ticket_of(const struct sock *s) { return s - socks < ticket_count ? tickets[s - socks] : NULL; }

/* -- opening ------------------------------------------------------------------------------------ */

void open_sockets(int count, int window) {
    socks = realloc(socks, (size_t)(sock_count + count) * sizeof *socks);
    memset(socks + sock_count, 0, (size_t)count * sizeof *socks);
    for (int i = sock_count; i < sock_count + count; i++) socks[i].fd = -1;
    sock_count += count;
    wanted += count;
    window_size = window;
    pump();
}

void pump(void) {
    while (handshakes < window_size && next_new < sock_count) connect_sock(&socks[next_new++]);
}

static void attempt_ended(void) {
    handshakes--;
    if (wanted > 0 && --wanted == 0)
        say("{\"event\":\"opened\",\"ready\":%d,\"failed\":%lu}", ready, (unsigned long)figures.failed);
}

static void watch(struct sock *s, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(s - socks)};
    epoll_ctl(poll_fd, how, s->fd, &event);
}

void connect_sock(struct sock *s) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    int one = 1, small = 4096;
    inet_pton(AF_INET, options.host, &to.sin_addr);
    handshakes++;
    s->state = CONNECTING;
    s->since = now_ns();
    s->due = 0;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) {
        fail_sock(s, strerror(errno));
        return;
    }
    if (options.source_count) {
        int source = (int)((s - socks) / SOCKS_OF_A_SOURCE) % options.source_count;
        inet_pton(AF_INET, options.sources[source], &from.sin_addr);
        /* The port is chosen at connect: then only (source, destination) must be free, not the port itself. */
        setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(s->fd, (struct sockaddr *)&from, sizeof from)) {
            fail_sock(s, strerror(errno));
            return;
        }
    }
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (options.behaviour != NORMAL) setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
        fail_sock(s, strerror(errno));
        return;
    }
    watch(s, EPOLLOUT | EPOLLRDHUP, EPOLL_CTL_ADD);
}

static void connected(struct sock *s) {
    int problem = 0;
    socklen_t size = sizeof problem;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem) {
        fail_sock(s, strerror(problem));
        return;
    }
    watch(s, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_MOD);
    send_handshake(s);
}

void became_ready(struct sock *s) {
    uint64_t now = now_ns();
    if (s->state == READY) return;
    s->state = READY;
    record(&figures.joined, (int64_t)(now - s->since) / 1000);
    if (s->closed) {
        record(&figures.back, (int64_t)(now - s->closed) / 1000);
        figures.rejoined++;
        s->closed = 0;
    }
    s->since = now;
    figures.opened++;
    ready++;
    attempt_ended();
    /* A bad client behaves until it is in. */
    if (options.behaviour == SILENT || options.behaviour == WRITER) watch(s, EPOLLRDHUP, EPOLL_CTL_MOD);
    if (options.behaviour == SLOW) watch(s, 0, EPOLL_CTL_MOD);
    if (s->unfinished) send_again(s);
}

/* -- closing ------------------------------------------------------------------------------------ */

static void forget(struct sock *s) {
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    free(s->part);
    s->part = NULL;
    s->have = 0;
}

void fail_sock(struct sock *s, const char *why) {
    bool was_ready = s->state == READY;
    named(&figures.failures, why, strlen(why))->count++;
    figures.failed++;
    forget(s);
    s->state = GONE;
    if (was_ready) ready--;
    else attempt_ended();
    if (options.reconnect) {
        s->state = WAITING;
        s->due = now_ns() + SECOND / 2;
        waiting++;
    } else if (s->unfinished) {
        lost_answer(s);
    }
}

void close_sock(struct sock *s, int code, int retry_after_ms) {
    uint64_t now = now_ns();
    char name[16];
    if (s->state != READY) {
        snprintf(name, sizeof name, "closed %d", code);
        fail_sock(s, name);
        return;
    }
    forget(s);
    ready--;
    figures.cut++;
    record(&figures.lived, (int64_t)(now - s->since) / 1000);
    snprintf(name, sizeof name, "%d", code);
    named(&figures.closes, name, strlen(name))->count++;
    bool back = options.reconnect && (code < 4500 || code > 4599);
    s->state = back ? WAITING : GONE;
    if (back) {
        s->closed = now;
        s->due = now + (uint64_t)retry_after_ms * 1000000;
        waiting++;
    } else if (s->unfinished) {
        lost_answer(s);
    }
}

bool send_all(struct sock *s, const char *data, size_t length) {
    ssize_t sent = send(s->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == (ssize_t)length;
}

/* -- reading ------------------------------------------------------------------------------------ */

static void read_sock(struct sock *s, size_t most) {
    size_t have = s->have;
    if (have) memcpy(inbox, s->part, have);
    if (most > sizeof inbox - have) most = sizeof inbox - have;
    ssize_t got = recv(s->fd, inbox + have, most, MSG_DONTWAIT);
    if (got <= 0) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        close_sock(s, 1006, 0);
        return;
    }
    figures.bytes += (uint64_t)got;
    size_t length = have + (size_t)got, used = 0;
    if (s->state == SHAKING) used = take_handshake(s, inbox, length);
    if (s->state == UPGRADED || s->state == READY) used += take_frames(s, inbox + used, length - used);
    if (s->fd < 0) return;
    size_t left = length - used;
    if (left != have || used) {
        char *part = left ? realloc(s->part, left) : NULL;
        if (!left) free(s->part);
        else memcpy(part, inbox + used, left);
        s->part = part;
        s->have = (uint32_t)left;
    }
}

void handle_event(struct sock *s, uint32_t events) {
    if (s->fd < 0) return;
    if (s->state == CONNECTING) {
        if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) connected(s);
    } else if (events & EPOLLIN) {
        read_sock(s, sizeof inbox);
    } else if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
        if (options.behaviour == SILENT || options.behaviour == WRITER) close_sock(s, 1006, 0);
        else read_sock(s, sizeof inbox); /* what is left to read, a goodbye perhaps, then the end */
    }
}

/* -- time --------------------------------------------------------------------------------------- */

static void misbehave(struct sock *s) {
    static const char frame[] = "{\"type\":\"react\",\"ref\":\"w\",\"data\":{}}";
    if (s->state != READY) return;
    if (options.behaviour == SLOW) read_sock(s, SLOW_BYTES);
    else if (options.behaviour == WRITER) send_text(s, frame, sizeof frame - 1);
}

void tick(uint64_t now) {
    static uint64_t last_look, last_bad, last_back;
    uint64_t every = options.behaviour == WRITER ? (uint64_t)options.every_ms * 1000000 : SECOND;
    if (waiting && now - last_back > SECOND / 200) {
        last_back = now;
        for (int i = 0; i < sock_count && waiting; i++)
            if (socks[i].state == WAITING && socks[i].due <= now) {
                waiting--;
                connect_sock(&socks[i]);
            }
    }
    if (options.behaviour != NORMAL && now - last_bad >= every) {
        last_bad = now;
        for (int i = 0; i < sock_count; i++) misbehave(&socks[i]);
    }
    if (handshakes && now - last_look > SECOND / 2) {
        last_look = now;
        for (int i = 0; i < sock_count; i++) {
            struct sock *s = &socks[i];
            /* One that began in this very round began after `now`. */
            bool late = now > s->since && now - s->since > (uint64_t)options.timeout * SECOND;
            if (late && s->state >= CONNECTING && s->state <= UPGRADED) fail_sock(s, "timeout");
        }
    }
    pump();
}
