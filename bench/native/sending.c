/* Prepared commands, one a line, and their answers. A socket has one unanswered line at a time; when it is cut it
 * sends the same line again once it is back, so a line with an idempotency key is one wish. */
#define _GNU_SOURCE
#include "crowd.h"

#define UNSTAMPED "ns:0000000000000000000"

enum how { NOTHING, BURST, LOOP, RATE };

struct line {
    const char *text;
    uint32_t length;
};

static char *bytes;
static struct line *lines;
static uint32_t line_count, next_line, stride;
static enum how how;
static uint64_t start, last_scan;
static double per_second;
static bool more, running;
static int outstanding, resending, cursor;
static FILE *answers;

void load_lines(const char *file) {
    FILE *in = fopen(file, "r");
    size_t size = 0, room = 0;
    free(bytes);
    bytes = NULL;
    line_count = next_line = 0;
    if (!in) {
        say("{\"event\":\"error\",\"message\":\"the file of commands can not be read\"}");
        return;
    }
    ssize_t length = getdelim(&bytes, &size, 0, in);
    fclose(in);
    for (char *p = bytes, *end = bytes + (length > 0 ? length : 0); p < end;) {
        char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) stop = end;
        if (line_count == room) lines = realloc(lines, (room = room ? room * 2 : 4096) * sizeof *lines);
        lines[line_count++] = (struct line){p, (uint32_t)(stop - p)};
        p = stop + 1;
    }
    say("{\"event\":\"loaded\",\"lines\":%u}", line_count);
}

void keep_answers(const char *file) {
    if (answers) fclose(answers);
    answers = fopen(file, "w");
}

void flush_answers(void) {
    if (answers) fflush(answers);
}

bool sending(void) { return running; }

/* -- sending ------------------------------------------------------------------------------------ */

static void done_perhaps(void) {
    if (!running || outstanding) return;
    if (how != LOOP && more && next_line < line_count) return;
    running = false;
    flush_answers();
    say("{\"event\":\"done\",\"sent\":%lu,\"ok\":%lu,\"errors\":%lu,\"unanswered\":%lu}", (unsigned long)figures.sent,
        (unsigned long)figures.ok, (unsigned long)figures.errors, (unsigned long)figures.unanswered);
}

void send_again(struct sock *s) {
    const struct line *line = &lines[s->line];
    static char stamped[8192];
    if (s->state != READY) return;
    const char *text = line->text, *place = memmem(text, line->length, UNSTAMPED, sizeof UNSTAMPED - 1);
    if (place && line->length < sizeof stamped) { /* the moment goes in where the line has room for it */
        size_t before = (size_t)(place - text) + 3;
        memcpy(stamped, text, line->length);
        memcpy(stamped + before + snprintf(stamped + before, 20, "%019lu", (unsigned long)s->sent),
               text + before + 19, line->length - before - 19);
        text = stamped;
    }
    if (!send_text(s, text, line->length)) close_sock(s, 1006, 0);
}

static void begin(struct sock *s, uint32_t line) {
    s->line = line;
    s->unfinished = true;
    s->sent = now_ns();
    if (!figures.first_sent) figures.first_sent = s->sent;
    figures.sent++;
    outstanding++;
    if (s->state == GONE) lost_answer(s);
    else send_again(s); /* who is WAITING sends it once back */
}

static void next_of(struct sock *s) {
    s->unfinished = false;
    s->due = 0;
    outstanding--;
    if (how == LOOP && more && s->state != GONE && s->line + stride < line_count) begin(s, s->line + stride);
    done_perhaps();
}

void lost_answer(struct sock *s) {
    if (!s->unfinished) return;
    figures.unanswered++;
    next_of(s);
}

void go(const char *word, double number, uint64_t at) {
    how = !strcmp(word, "burst") ? BURST : !strcmp(word, "loop") ? LOOP : RATE;
    start = at ? at : now_ns();
    per_second = how == BURST ? (number > 0 ? line_count * 1000.0 / number : 1e12) : number;
    stride = (uint32_t)sock_count;
    next_line = 0;
    cursor = 0;
    more = running = true;
    figures.first_sent = figures.last_answer = 0;
    memset(figures.pace, 0, sizeof figures.pace);
}

void halt(void) {
    more = false;
    done_perhaps();
}

static struct sock *free_sock(void) {
    for (int tries = 0; tries < sock_count; tries++) {
        struct sock *s = &socks[cursor];
        cursor = (cursor + 1) % sock_count;
        if (s->state == READY && !s->unfinished) return s;
    }
    return NULL;
}

/* The next line on the next free socket, now: for whoever sets the pace from outside. */
void send_one(void) {
    struct sock *s = line_count ? free_sock() : NULL;
    how = NOTHING;
    if (!s) return;
    begin(s, next_line++ % line_count);
    if (options.mode == LIVESTORE) return;
    s->unfinished = false; /* only our own protocol answers */
    outstanding--;
}

void send_due(uint64_t now) {
    if (resending && now - last_scan > 2000000) {
        last_scan = now;
        for (int i = 0; i < sock_count; i++) {
            struct sock *s = &socks[i];
            if (s->state == READY && s->unfinished && s->due && s->due <= now) {
                s->due = 0;
                resending--;
                send_again(s);
            }
        }
    }
    if (!running || !more || now < start || !sock_count) return;
    if (how == LOOP) {
        if (next_line) return;
        next_line = 1;
        for (uint32_t i = 0; i < stride && i < line_count; i++) begin(&socks[i], i);
        if (!line_count) done_perhaps();
        return;
    }
    double allowed = (double)(now - start) * 1e-9 * per_second + 1;
    while (more && next_line < line_count && next_line < allowed) {
        struct sock *s = how == BURST ? &socks[next_line % stride] : free_sock();
        if (!s || s->unfinished) break; /* all are waiting for an answer: later */
        begin(s, next_line++);
    }
    if (next_line >= line_count) done_perhaps();
}

/* -- answers ------------------------------------------------------------------------------------ */

void take_answer(struct sock *s, const char *text, size_t length) {
    uint64_t now = now_ns();
    bool ok = memmem(text, length < 160 ? length : 160, "\"ok\":true", 9) != NULL;
    if (!s->unfinished) {
        figures.stray++;
        return;
    }
    if (!ok && options.retry && memmem(text, length, "\"retry\":true", 12)) {
        const char *asked = memmem(text, length, "\"retry_after_ms\":", 17);
        int wait = asked ? atoi(asked + 17) : 0;
        figures.retries++;
        s->due = now + (uint64_t)(wait > 0 ? wait : 100) * 1000000;
        resending++;
        return;
    }
    if (ok) {
        figures.ok++;
        uint64_t slot = (now - figures.first_sent) / PACE_NS;
        if (slot < PACE_SLOTS) figures.pace[slot]++;
    } else {
        const char *code = memmem(text, length, "\"code\":\"", 8);
        const char *stop = code ? memchr(code + 8, '"', (size_t)(text + length - code - 8)) : NULL;
        figures.errors++;
        named(&figures.codes, stop ? code + 8 : "unknown", stop ? (size_t)(stop - code - 8) : 7)->count++;
    }
    record(&figures.reply, (int64_t)(now - s->sent) / 1000);
    figures.last_answer = now;
    if (answers) fprintf(answers, "%u\t%lu\t%.*s\n", s->line, (unsigned long)(now - s->sent) / 1000, (int)length, text);
    next_of(s);
}
