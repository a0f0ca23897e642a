/* posts: sends prepared HTTP requests over keep-alive connections and measures the answers.
 *
 *   posts HOST PORT CONNECTIONS SECONDS FILE
 *
 * FILE holds requests one after the other, each as "<bytes>\n" and then that many bytes. Every connection
 * sends the next request of the file when its last one was answered; each request is sent once. It ends
 * when the file or the time is over and everything sent is answered (or 10 s later). One JSON line comes out:
 *
 *   {"sent", "answered", "lost", "reconnects", "statuses": {"201": n}, "seconds", "per_second", "cpu_seconds",
 *    "p50_ms", "p99_ms", "p999_ms", "max_ms"}
 *
 * `seconds` is from the first byte sent to the last answer; `lost` are requests whose connection broke before
 * an answer came (they are not repeated). A server that closes after each answer is met with a new
 * connection, as a browser would. One thread, one epoll, no allocation while it runs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEAD 16384

struct request { const char *bytes; size_t length; };
struct connection {
    int fd;
    int writing;               /* EPOLLOUT is wanted: connecting, or the request did not fit */
    int busy;                  /* a request is under way */
    struct request now;
    size_t sent;
    double began;
    char head[HEAD];           /* what came of the answer's head so far */
    size_t have;
    long body_left;            /* -1 while the head is not complete */
    int close_after, status;
};

static struct request *requests;
static size_t count, next_one;
static struct connection *connections;
static double *latencies;
static size_t answered, lost, sent_total, reconnects, open_requests;
static long statuses[600];
static struct sockaddr_in address;
static int poller;
static double started, last_answer, stop_at;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "posts: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_requests(const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0) die(path);
    char *data = mmap(NULL, info.st_size + 1, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) die("mmap");
    size_t room = 0;
    const char *at = data, *end = data + info.st_size;
    while (at < end) {
        char *after;
        size_t length = strtoul(at, &after, 10);
        if (after == at || *after != '\n' || length == 0 || after + 1 + length > end) {
            fprintf(stderr, "posts: %s is no file of requests\n", path);
            exit(2);
        }
        if (count == room) {
            room = room ? room * 2 : 1024;
            requests = realloc(requests, room * sizeof *requests);
            if (!requests) die("realloc");
        }
        requests[count++] = (struct request){after + 1, length};
        at = after + 1 + length;
    }
    close(fd);
}

static void watch(struct connection *c, int writing, int operation) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (writing ? EPOLLOUT : 0), .data.ptr = c};
    if (epoll_ctl(poller, operation, c->fd, &event) < 0) die("epoll_ctl");
    c->writing = writing;
}

static void dial(struct connection *c) {
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) die("connect");
    watch(c, 1, EPOLL_CTL_ADD);
}

static void hang_up(struct connection *c) {
    close(c->fd);
    c->fd = -1;
}

/* The request has no answer and will get none. */
static void lose(struct connection *c) {
    if (c->busy) {
        lost++;
        open_requests--;
        c->busy = 0;
    }
}

static void push(struct connection *c) {
    while (c->sent < c->now.length) {
        ssize_t done = send(c->fd, c->now.bytes + c->sent, c->now.length - c->sent, MSG_NOSIGNAL);
        if (done < 0) {
            if (errno == EAGAIN || errno == ENOTCONN) {
                if (!c->writing) watch(c, 1, EPOLL_CTL_MOD);
                return;
            }
            return;  /* the reading side hears of it */
        }
        c->sent += done;
    }
    if (c->writing) watch(c, 0, EPOLL_CTL_MOD);
}

/* Begin the next request, or leave the connection idle when there is none. */
static void begin(struct connection *c) {
    if (next_one == count || now() >= stop_at) {
        if (c->writing) watch(c, 0, EPOLL_CTL_MOD);
        return;
    }
    c->now = requests[next_one++];
    c->sent = c->have = 0;
    c->body_left = -1;
    c->close_after = 0;
    c->busy = 1;
    c->began = now();
    open_requests++;
    sent_total++;
    push(c);
}

static void again(struct connection *c) {
    hang_up(c);
    if (next_one < count && now() < stop_at) {
        reconnects++;
        dial(c);
    }
}

static void finish(struct connection *c) {
    last_answer = now();
    latencies[answered++] = last_answer - c->began;
    statuses[c->status >= 0 && c->status < 600 ? c->status : 0]++;
    open_requests--;
    c->busy = 0;
    if (c->close_after) again(c);
    else begin(c);
}

/* Take what came. The answer must carry a Content-Length, as all of ours and the peers' do. */
static void take(struct connection *c) {
    char body[65536];
    for (;;) {
        if (c->body_left > 0) {
            size_t want = c->body_left < (long)sizeof body ? (size_t)c->body_left : sizeof body;
            ssize_t got = recv(c->fd, body, want, 0);
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) break;
            c->body_left -= got;
            if (c->body_left == 0) { finish(c); if (c->fd < 0 || c->writing) return; }
            continue;
        }
        if (c->have >= HEAD - 1) break;
        ssize_t got = recv(c->fd, c->head + c->have, HEAD - 1 - c->have, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) break;
        if (!c->busy) continue;  /* nobody asked */
        c->have += got;
        c->head[c->have] = 0;
        char *end = strstr(c->head, "\r\n\r\n");
        if (!end) continue;
        c->status = c->have > 12 ? atoi(c->head + 9) : 0;
        c->close_after = strncmp(c->head, "HTTP/1.0", 8) == 0;
        long length = -1;
        for (char *line = strstr(c->head, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
            if (!strncasecmp(line + 2, "Content-Length:", 15)) length = atol(line + 17);
            if (!strncasecmp(line + 2, "Connection: close", 17)) c->close_after = 1;
        }
        if (length < 0) break;
        c->body_left = length - (long)(c->have - (end + 4 - c->head));
        if (c->body_left <= 0) { finish(c); if (c->fd < 0 || c->writing) return; }
    }
    lose(c);
    again(c);
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double share(double part) {
    if (!answered) return 0;
    size_t at = (size_t)(part * answered);
    return latencies[at < answered ? at : answered - 1] * 1e3;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: posts HOST PORT CONNECTIONS SECONDS FILE\n");
        return 2;
    }
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
        fprintf(stderr, "posts: %s is no address\n", argv[1]);
        return 2;
    }
    size_t wanted = atol(argv[3]);
    read_requests(argv[5]);
    if (wanted < 1 || count < 1) {
        fprintf(stderr, "posts: nothing to do\n");
        return 2;
    }
    if (wanted > count) wanted = count;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    latencies = calloc(count, sizeof *latencies);
    connections = calloc(wanted, sizeof *connections);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!latencies || !connections || poller < 0) die("setup");
    started = now();
    stop_at = started + atof(argv[4]);
    for (size_t i = 0; i < wanted; i++) dial(&connections[i]);
    struct epoll_event events[256];
    while ((open_requests || (next_one < count && now() < stop_at)) && now() < stop_at + 10) {
        int ready = epoll_wait(poller, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->fd < 0) continue;
            if (events[i].events & (EPOLLERR | EPOLLHUP)) {
                lose(c);
                again(c);
                continue;
            }
            if (events[i].events & EPOLLOUT) {
                if (c->busy) push(c);
                else begin(c);
            }
            if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLRDHUP)) take(c);
        }
    }
    lost += open_requests;
    qsort(latencies, answered, sizeof *latencies, ascending);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    double seconds = last_answer > started ? last_answer - started : 0;
    printf("{\"sent\": %zu, \"answered\": %zu, \"lost\": %zu, \"reconnects\": %zu, \"statuses\": {",
           sent_total, answered, lost, reconnects);
    const char *comma = "";
    for (int status = 0; status < 600; status++)
        if (statuses[status]) {
            printf("%s\"%d\": %ld", comma, status, statuses[status]);
            comma = ", ";
        }
    printf("}, \"seconds\": %.4f, \"per_second\": %.1f, \"cpu_seconds\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f,"
           " \"p999_ms\": %.3f, \"max_ms\": %.3f}\n",
           seconds, seconds > 0 ? answered / seconds : 0, cpu, share(.5), share(.99), share(.999), share(1));
    return 0;
}
