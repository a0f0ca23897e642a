/* Main loop, commands from stdin, figures to stdout. See crowd.h, and bench/crowd.py for what can be said. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"

#define STDIN UINT64_MAX
#define FEW 64 /* ready sockets that are not worth being woken for */
/* After a wait that brought few we look away for so long, so that what arrives is taken together, as a network card hands
 * it over. Whoever sends would pay for waking us with every packet, which no sender pays for a receiver elsewhere: 3.5 of
 * 10.6 us a delivery in plain C. Every latency has up to this in it. The environment's CROWD_REST_US=0 turns it off. */
#define REST_US 500

struct options options = {.path = "/", .host = "127.0.0.1", .every_ms = 100, .timeout = 30};
struct figures figures;
struct sock *socks;
int sock_count, handshakes, ready, waiting, poll_fd;
static char awaited[48];
static uint64_t awaited_count;
static bool leaving;
static uint64_t cpu_before;

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

struct named *named(struct names *names, const char *name, size_t length) {
    static const int most = sizeof names->each / sizeof *names->each;
    if (length > 47) length = 47;
    for (int i = 0; i < names->count; i++)
        if (strncmp(names->each[i].name, name, length) == 0 && !names->each[i].name[length]) return &names->each[i];
    struct named *found = &names->each[names->count < most ? names->count++ : most - 1];
    for (size_t i = 0; i < length; i++) found->name[i] = name[i] == '"' || name[i] == '\\' || name[i] < ' ' ? '?' : name[i];
    found->name[length] = 0;
    return found;
}

void counted(struct named *type) {
    type->count++;
    if (awaited_count && type->count >= awaited_count && strcmp(type->name, awaited) == 0) {
        awaited_count = 0;
        say("{\"event\":\"reached\",\"type\":\"%s\",\"at\":%lu}", awaited, (unsigned long)now_ns());
    }
}

/* -- figures ------------------------------------------------------------------------------------ */

static void print_names(const char *title, const struct names *names, bool times) {
    printf(",\"%s\":{", title);
    for (int i = 0; i < names->count; i++)
        printf("%s\"%s\":%lu", i ? "," : "", names->each[i].name, (unsigned long)names->each[i].count);
    putchar('}');
    if (!times) return;
    printf(",\"latency\":{");
    const char *comma = "";
    for (int i = 0; i < names->count; i++)
        if (names->each[i].times && names->each[i].times->count) {
            printf("%s\"%s\":", comma, names->each[i].name);
            print_histogram(stdout, names->each[i].times);
            comma = ",";
        }
    putchar('}');
}

static void print_one(const char *title, const struct histogram *h) {
    if (!h->count) return;
    printf(",\"%s\":", title);
    print_histogram(stdout, h);
}

static uint64_t own_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void print_pace(void) {
    int slots = PACE_SLOTS;
    while (slots && !figures.pace[slots - 1]) slots--;
    printf(",\"pace\":[");
    for (int i = 0; i < slots; i++) printf("%s%u", i ? "," : "", figures.pace[i]);
    putchar(']');
}

static void print_stats(void) {
    uint64_t least = UINT64_MAX, most = 0;
    int broken = 0, placed = 0;
    for (int i = 0; i < sock_count; i++) {
        const struct sock *s = &socks[i];
        broken += s->broken;
        if (s->state != READY || !s->placed) continue;
        placed++;
        if (s->seq < least) least = s->seq;
        if (s->seq > most) most = s->seq;
    }
#define FIGURE(name) printf(",\"" #name "\":%lu", (unsigned long)figures.name)
    printf("{\"event\":\"stats\",\"now\":%lu,\"cpu_ns\":%lu,\"sockets\":%d,\"ready\":%d,\"handshakes\":%d,\"waiting\":%d",
           (unsigned long)now_ns(), (unsigned long)(own_cpu() - cpu_before), sock_count, ready, handshakes, waiting);
    printf(",\"broken\":%d,\"placed\":%d,\"least_seq\":%lu,\"most_seq\":%lu", broken, placed,
           (unsigned long)(placed ? least : 0), (unsigned long)most);
    FIGURE(bytes), FIGURE(frames), FIGURE(pings), FIGURE(opened), FIGURE(failed), FIGURE(cut), FIGURE(rejoined);
    FIGURE(resets), FIGURE(log_events), FIGURE(left_out), FIGURE(lost), FIGURE(doubled), FIGURE(disorder);
    FIGURE(epoch_jumps), FIGURE(odd), FIGURE(ok), FIGURE(errors), FIGURE(retries), FIGURE(stray), FIGURE(sent);
    FIGURE(unanswered), FIGURE(first_sent), FIGURE(last_answer);
    print_pace();
    print_names("types", &figures.types, true);
    print_names("closes", &figures.closes, false);
    print_names("codes", &figures.codes, false);
    print_names("failures", &figures.failures, false);
    print_one("handshake", &figures.handshake);
    print_one("joined", &figures.joined);
    print_one("back", &figures.back);
    print_one("lived", &figures.lived);
    print_one("reply", &figures.reply);
    print_one("marked", &figures.marked);
    puts("}");
    flush_answers();
    fflush(stdout);
}

/* Zero all but the names of types: remembered frames point at them. */
static void reset(void) {
    struct names types = figures.types;
    for (int i = 0; i < types.count; i++) {
        types.each[i].count = 0;
        if (types.each[i].times) memset(types.each[i].times, 0, sizeof *types.each[i].times);
    }
    memset(&figures, 0, sizeof figures);
    cpu_before = own_cpu();
    figures.types = types;
    for (int i = 0; i < sock_count; i++) socks[i].broken = false;
}

/* -- commands ----------------------------------------------------------------------------------- */

static void copy(char *to, size_t size, const char *from) { snprintf(to, size, "%s", from); }

static void obey(char *line) {
    char word[512] = "", second[512] = "";
    double number = 0, other = 0;
    char *rest = strchr(line, ' ');
    if (rest) *rest++ = 0;
    else rest = line + strlen(line);
    sscanf(rest, "%511s %511s", word, second);
    number = atof(word), other = atof(second);
    if (!strcmp(line, "target")) {
        copy(options.host, sizeof options.host, word), options.port = (int)other;
    } else if (!strcmp(line, "source")) {
        if (options.source_count < 8) copy(options.sources[options.source_count++], sizeof options.sources[0], word);
    } else if (!strcmp(line, "path")) {
        copy(options.path, sizeof options.path, word);
    } else if (!strcmp(line, "protocol")) {
        copy(options.protocol, sizeof options.protocol, rest);
    } else if (!strcmp(line, "header")) {
        size_t used = strlen(options.headers);
        snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", rest);
    } else if (!strcmp(line, "mode")) {
        options.mode = !strcmp(word, "text") ? TEXT : !strcmp(word, "socketio") ? SOCKETIO : LIVESTORE;
    } else if (!strcmp(line, "behaviour")) {
        options.behaviour = !strcmp(word, "slow") ? SLOW : !strcmp(word, "silent") ? SILENT : !strcmp(word, "writer") ? WRITER : NORMAL;
        if (other > 0) options.every_ms = (int)other;
    } else if (!strcmp(line, "reconnect")) {
        options.reconnect = number != 0;
    } else if (!strcmp(line, "retry")) {
        options.retry = number != 0;
    } else if (!strcmp(line, "timeout")) {
        options.timeout = (int)number;
    } else if (!strcmp(line, "tickets")) {
        read_tickets(rest);
    } else if (!strcmp(line, "open")) {
        open_sockets((int)number, other > 0 ? (int)other : 200);
    } else if (!strcmp(line, "commands")) {
        load_lines(rest);
    } else if (!strcmp(line, "answers")) {
        keep_answers(rest);
    } else if (!strcmp(line, "go")) {
        unsigned long at = 0;
        sscanf(rest, "%*s %*s %lu", &at);
        go(word, other, at);
    } else if (!strcmp(line, "one")) {
        send_one();
    } else if (!strcmp(line, "halt")) {
        halt();
    } else if (!strcmp(line, "mark")) {
        mark(strtoul(word, NULL, 10), second);
    } else if (!strcmp(line, "await")) {
        copy(awaited, sizeof awaited, word);
        awaited_count = (uint64_t)other;
        struct named *type = named(&figures.types, word, strlen(word));
        if (awaited_count && type->count >= awaited_count) type->count--, counted(type);
    } else if (!strcmp(line, "reset")) {
        reset();
    } else if (!strcmp(line, "stats")) {
        print_stats();
    } else if (!strcmp(line, "quit")) {
        leaving = true;
    } else {
        say("{\"event\":\"error\",\"message\":\"unknown command\"}");
    }
}

/* False when whoever commands us has gone: then we go too. */
static bool read_commands(void) {
    static char buffer[1 << 16];
    static size_t have;
    ssize_t got = read(0, buffer + have, sizeof buffer - have - 1);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
    if (got > 0) have += (size_t)got;
    char *line = buffer, *stop;
    while ((stop = memchr(line, '\n', have - (size_t)(line - buffer)))) {
        *stop = 0;
        obey(line);
        line = stop + 1;
    }
    have -= (size_t)(line - buffer);
    memmove(buffer, line, have);
    return have < sizeof buffer - 1;
}

int main(void) {
    struct rlimit files;
    static struct epoll_event events[1024];
    struct epoll_event commands = {.events = EPOLLIN, .data.u64 = STDIN};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &commands);
    say("{\"event\":\"here\",\"pid\":%d,\"files\":%lu}", getpid(), (unsigned long)files.rlim_cur);
    const char *asked = getenv("CROWD_REST_US");
    struct timespec rest = {.tv_nsec = (asked ? atol(asked) : REST_US) % 1000000 * 1000};
    while (!leaving) {
        bool busy = sending() || waiting || options.behaviour == WRITER;
        int count = epoll_wait(poll_fd, events, 1024, busy ? 1 : 20);
        if (count > 0 && count < FEW && rest.tv_nsec) nanosleep(&rest, NULL);
        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 == STDIN) {
                if (!read_commands()) leaving = true;
            } else {
                handle_event(&socks[events[i].data.u64], events[i].events);
            }
        }
        uint64_t now = now_ns();
        tick(now);
        send_due(now);
    }
    /* Without lingering: thousands of ports stay free for the next run. */
    struct linger at_once = {.l_onoff = 1};
    for (int i = 0; i < sock_count; i++)
        if (socks[i].fd >= 0) setsockopt(socks[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return 0;
}
