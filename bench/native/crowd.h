/* A crowd: many WebSocket clients in one thread. Lines on stdin tell it what to do, JSON lines on stdout
 * say what became of it; bench/crowd.py is the other end and lists the commands.
 *
 *   crowd.c      main loop, commands, figures
 *   sockets.c    opening, closing, coming back, bad readers
 *   websocket.c  handshake and frames
 *   room.c       what a livestore room says: latency, and whether the log is whole on every socket
 *   sending.c    prepared commands and their answers
 */
#ifndef CROWD_H
#define CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"

enum state { NEW, CONNECTING, SHAKING, UPGRADED, READY, WAITING, GONE };
enum mode { LIVESTORE, TEXT, SOCKETIO };
enum behaviour { NORMAL, SLOW, SILENT, WRITER };

/* Of one source address: connect() looks through half of the 28,000 ports first, and then it becomes slow. */
#define SOCKS_OF_A_SOURCE 10000
#define PACE_SLOTS 1200
#define PACE_NS 100000000ull

struct sock {
    int fd;
    uint8_t state;
    bool beginning;   /* the next batch is the first one of this connection: not measured */
    bool placed;      /* has a position in the log */
    bool broken;      /* something of the log was lost here */
    bool unfinished;  /* a line is sent or to be sent, and not answered */
    uint16_t epoch;   /* index of `epochs` */
    uint32_t line;
    uint32_t have;    /* bytes in `part` */
    char *part;       /* the beginning of a frame that is not complete yet; NULL for nearly all */
    uint64_t seq;
    uint64_t since;   /* ns: when it began to connect; when it came in, once READY */
    uint64_t due;     /* ns: when to come back (WAITING) or to send again (READY); 0 never */
    uint64_t sent;    /* ns: first sending of `line` */
    uint64_t closed;  /* ns: when it was cut, until it is back */
};

struct named {
    char name[48];
    uint64_t count;
    struct histogram *times;
};

struct names {
    int count;
    struct named each[128];
};

struct options {
    char host[64], sources[8][64], path[256], headers[2048], protocol[256];
    int port, source_count;
    enum mode mode;
    enum behaviour behaviour;
    int every_ms; /* of a writer */
    bool reconnect, retry;
    int timeout;
};

struct figures {
    uint64_t bytes, frames, pings, opened, failed, cut, rejoined, resets, log_events, left_out;
    uint64_t lost, doubled, disorder, epoch_jumps, odd, ok, errors, retries, stray, sent, unanswered;
    uint64_t first_sent, last_answer;
    uint32_t pace[PACE_SLOTS]; /* good answers in each 100 ms since the first line was sent */
    struct histogram handshake, joined, back, lived, reply, marked;
    struct names types, closes, codes, failures;
};

extern struct options options;
extern struct figures figures;
extern struct sock *socks;
extern int sock_count, handshakes, ready, waiting;
extern int poll_fd;
extern char inbox[1 << 18];

/* crowd.c */
uint64_t now_ns(void);
struct named *named(struct names *names, const char *name, size_t length);
void counted(struct named *type);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* sockets.c */
void open_sockets(int count, int window);
void pump(void);
void connect_sock(struct sock *s);
void became_ready(struct sock *s);
void close_sock(struct sock *s, int code, int retry_after_ms);
void fail_sock(struct sock *s, const char *why);
void handle_event(struct sock *s, uint32_t events);
void tick(uint64_t now);
bool send_all(struct sock *s, const char *data, size_t length);
void read_tickets(const char *file);
const char *ticket_of(const struct sock *s);

/* websocket.c */
void send_handshake(struct sock *s);
size_t take_handshake(struct sock *s, char *data, size_t length);
size_t take_frames(struct sock *s, char *data, size_t length);
bool send_text(struct sock *s, const char *text, size_t length);

/* room.c */
void take_batch(struct sock *s, const char *text, size_t length);
void measure_text(struct sock *s, const char *text, size_t length);
const char *epoch_name(int index);
void mark(uint64_t ns, const char *type);

/* sending.c */
void load_lines(const char *file);
void keep_answers(const char *file);
void go(const char *how, double number, uint64_t at);
void halt(void);
void send_one(void);
void send_due(uint64_t now);
bool sending(void);
void send_again(struct sock *s);
void lost_answer(struct sock *s);
void take_answer(struct sock *s, const char *text, size_t length);
void flush_answers(void);

#endif
