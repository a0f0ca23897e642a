/* What a livestore room says. Everybody gets the same frames, so each is read once and remembered: what is left
 * to do for a socket is a comparison of bytes and of positions.
 *
 * Whole means: after each batch, position = old position + log events received + `left_out`. Anything missing is
 * lost, anything too much is doubled. A snapshot sets the position anew. */
#define _GNU_SOURCE
#include <ctype.h>

#include "crowd.h"

#define REMEMBERED 512
#define LARGEST_REMEMBERED (128 * 1024)

struct event {
    struct named *type;
    uint64_t stamp; /* ns; 0 when the event has none */
};

struct batch {
    uint64_t hash;
    size_t length;
    char *text;
    uint16_t epoch;
    bool snapshot, rising;
    uint64_t snapshot_seq, first, last, through, left_out;
    uint32_t logged;
    int count, room;
    struct event *events;
};

static struct batch memory[REMEMBERED];
static char epochs[1024][40];
static int epoch_count;
static uint64_t mark_ns;
static char mark_type[48];

const char *epoch_name(int index) { return epochs[index]; }

void mark(uint64_t ns, const char *type) {
    mark_ns = ns;
    snprintf(mark_type, sizeof mark_type, "%s", type);
}

static uint16_t epoch_of(const char *name, size_t length) {
    if (length > 39) length = 39;
    for (int i = epoch_count - 1; i >= 0; i--)
        if (strlen(epochs[i]) == length && memcmp(epochs[i], name, length) == 0) return (uint16_t)i;
    if (epoch_count == 1024) epoch_count = 0;
    memcpy(epochs[epoch_count], name, length);
    epochs[epoch_count][length] = 0;
    return (uint16_t)epoch_count++;
}

/* -- just enough JSON: where a value ends ------------------------------------------------------- */

static const char *after_string(const char *p, const char *end) {
    for (p++; p < end; p++) {
        if (*p == '\\') p++;
        else if (*p == '"') return p + 1;
    }
    return end;
}

static const char *after_value(const char *p, const char *end) {
    int depth = 0;
    while (p < end) {
        if (*p == '"') {
            p = after_string(p, end);
            if (!depth) return p;
        } else if (*p == '{' || *p == '[') {
            depth++, p++;
        } else if (*p == '}' || *p == ']') {
            if (!depth) return p;
            p++;
            if (!--depth) return p;
        } else if (*p == ',' && !depth) {
            return p;
        } else {
            p++;
        }
    }
    return end;
}

static const char *skip_space(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == ',' || *p == '\n')) p++;
    return p;
}

struct member {
    const char *key, *value, *value_end;
    size_t key_length;
};

/* The next member of an object; `p` stands behind `{` or behind the last one. NULL at the end. */
static const char *next_member(const char *p, const char *end, struct member *m) {
    p = skip_space(p, end);
    if (p >= end || *p != '"') return NULL;
    const char *key_end = after_string(p, end);
    m->key = p + 1;
    m->key_length = (size_t)(key_end - p - 2);
    p = key_end;
    while (p < end && (*p == ' ' || *p == ':')) p++;
    m->value = p;
    m->value_end = p = after_value(p, end);
    return p;
}

static bool is(const struct member *m, const char *key) {
    return strlen(key) == m->key_length && memcmp(m->key, key, m->key_length) == 0;
}

static uint64_t number(const char *p, const char *end) {
    uint64_t found = 0;
    for (; p < end && isdigit((unsigned char)*p); p++) found = found * 10 + (uint64_t)(*p - '0');
    return found;
}

/* `ns:<digits>` anywhere in a text is the moment at which its author sent it. */
static uint64_t stamp_in(const char *text, size_t length) {
    const char *found = memmem(text, length, "ns:", 3);
    return found ? number(found + 3, text + length) : 0;
}

/* -- batches ------------------------------------------------------------------------------------ */

static void read_event(struct batch *b, const char *p, const char *end) {
    const char *begin = p;
    const char *type = "";
    size_t type_length = 0;
    uint64_t seq = 0, at = 0;
    bool numbered = false;
    struct member m;
    for (p++; (p = next_member(p, end, &m));) {
        if (is(&m, "type") && m.value_end - m.value >= 2)
            type = m.value + 1, type_length = (size_t)(m.value_end - m.value - 2);
        else if (is(&m, "at"))
            at = number(m.value, m.value_end);
        else if (is(&m, "seq") && isdigit((unsigned char)*m.value))
            seq = number(m.value, m.value_end), numbered = true;
    }
    if (type_length == 13 && memcmp(type, "room.snapshot", 13) == 0) {
        b->snapshot = true;
        b->snapshot_seq = seq;
        b->logged = 0;
        b->first = b->last = 0;
        b->rising = true;
    } else if (numbered) {
        if (!b->logged) b->first = seq;
        else if (seq <= b->last) b->rising = false;
        b->last = seq;
        b->logged++;
    }
    if (b->count == b->room) {
        b->room = b->room ? b->room * 2 : 4;
        b->events = realloc(b->events, (size_t)b->room * sizeof *b->events);
    }
    uint64_t stamp = stamp_in(begin, (size_t)(end - begin));
    b->events[b->count++] =
        (struct event){named(&figures.types, type, type_length), stamp ? stamp : at * 1000000};
}

static void read_batch(struct batch *b, const char *text, size_t length) {
    const char *end = text + length;
    struct member m;
    *b = (struct batch){.rising = true, .events = b->events, .room = b->room, .text = b->text};
    for (const char *p = text + 1; (p = next_member(p, end, &m));) {
        if (is(&m, "epoch") && m.value_end - m.value >= 2) {
            b->epoch = epoch_of(m.value + 1, (size_t)(m.value_end - m.value - 2));
        } else if (is(&m, "through")) {
            b->through = number(m.value, m.value_end);
        } else if (is(&m, "left_out")) {
            b->left_out = number(m.value, m.value_end);
        } else if (is(&m, "events")) {
            for (const char *e = m.value + 1; (e = skip_space(e, m.value_end)) < m.value_end && *e == '{';) {
                const char *event_end = after_value(e, m.value_end);
                read_event(b, e, event_end);
                e = event_end;
            }
        }
    }
}

static struct batch *batch_of(const char *text, size_t length) {
    uint64_t hash = length * 0x9E3779B97F4A7C15ull, word;
    for (size_t i = 0; i + 8 <= length; i += 8) {
        memcpy(&word, text + i, 8);
        hash = (hash ^ word) * 0xFF51AFD7ED558CCDull;
        hash ^= hash >> 32;
    }
    struct batch *b = &memory[hash % REMEMBERED];
    if (b->text && b->hash == hash && b->length == length && memcmp(b->text, text, length) == 0) return b;
    read_batch(b, text, length);
    free(b->text);
    b->text = NULL;
    if (length <= LARGEST_REMEMBERED && (b->text = malloc(length))) memcpy(b->text, text, length);
    b->hash = hash;
    b->length = length;
    return b;
}

static void follow(struct sock *s, const struct batch *b) {
    uint64_t start = s->seq;
    if (b->snapshot) {
        if (!s->beginning) figures.resets++;
        start = b->snapshot_seq;
    } else if (!b->logged && !b->through) {
        return;
    } else if (!s->placed || s->epoch != b->epoch) {
        figures.epoch_jumps++; /* another log, and nobody said where it begins */
        start = b->first ? b->first - 1 : b->through;
    }
    uint64_t end = start;
    if (b->logged && b->last > end) end = b->last;
    if (b->through > end) end = b->through;
    uint64_t again = 0;
    if (b->logged && b->first <= start) {
        again = start - b->first + 1;
        if (again > b->logged) again = b->logged;
    }
    uint64_t fresh = b->logged - again;
    int64_t missing = (int64_t)(end - start) - (int64_t)fresh - (int64_t)b->left_out;
    figures.log_events += fresh;
    figures.left_out += b->left_out;
    figures.doubled += again;
    if (missing > 0) figures.lost += (uint64_t)missing, s->broken = true;
    if (missing < 0) figures.doubled += (uint64_t)-missing;
    if (!b->rising) figures.disorder++;
    s->seq = end;
    s->epoch = b->epoch;
    s->placed = true;
}

static void measure(struct named *type, uint64_t stamp, uint64_t now) {
    if (stamp) {
        if (!type->times) type->times = calloc(1, sizeof *type->times);
        if (type->times) record(type->times, ((int64_t)now - (int64_t)stamp) / 1000);
    }
    if (mark_ns && strcmp(type->name, mark_type) == 0) record(&figures.marked, ((int64_t)now - (int64_t)mark_ns) / 1000);
    counted(type);
}

void take_batch(struct sock *s, const char *text, size_t length) {
    const struct batch *b = batch_of(text, length);
    bool personal = !b->snapshot && !b->logged && !b->through;
    follow(s, b);
    if (s->beginning && (s->placed || !personal)) {
        s->beginning = false; /* what it tells happened before this visit */
        became_ready(s);
        return;
    }
    uint64_t now = now_ns();
    for (int i = 0; i < b->count; i++) measure(b->events[i].type, b->events[i].stamp, now);
}

void measure_text(struct sock *s, const char *text, size_t length) {
    (void)s;
    measure(named(&figures.types, "message", 7), stamp_in(text, length), now_ns());
}
