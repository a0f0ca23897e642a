/* Handshake and frames (RFC 6455), as much as a client needs that talks to a server it trusts. */
#define _GNU_SOURCE
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "crowd.h"

static const unsigned char MASK[4] = {0x37, 0xfa, 0x21, 0x3d};

void send_handshake(struct sock *s) {
    static char request[8192];
    char since[80] = "";
    if (s->placed)
        snprintf(since, sizeof since, "%csince=%s:%lu", strchr(options.path, '?') ? '&' : '?',
                 epoch_name(s->epoch), (unsigned long)s->seq);
    const char *ticket = ticket_of(s);
    int length = snprintf(request, sizeof request,
                          "GET %s%s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s",
                          options.path, since, options.host, options.port, options.headers);
    if (options.protocol[0])
        length += snprintf(request + length, sizeof request - (size_t)length,
                           "Sec-WebSocket-Protocol: %s%s%s\r\n", options.protocol,
                           ticket ? ", ticket." : "", ticket ? ticket : "");
    length += snprintf(request + length, sizeof request - (size_t)length, "\r\n");
    s->state = SHAKING;
    if (!send_all(s, request, (size_t)length)) fail_sock(s, "handshake not sent");
}

/* Bytes used of the answer, 0 when it is not complete. */
size_t take_handshake(struct sock *s, char *data, size_t length) {
    char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end) return 0;
    if (length < 12 || memcmp(data + 8, " 101", 4) != 0) {
        char why[24];
        snprintf(why, sizeof why, "status %.3s", length > 12 ? data + 9 : "?");
        fail_sock(s, why);
        return length;
    }
    record(&figures.handshake, (int64_t)(now_ns() - s->since) / 1000);
    s->state = UPGRADED;
    s->beginning = options.mode == LIVESTORE;
    if (options.mode == TEXT) became_ready(s);
    return (size_t)(end + 4 - data);
}

static bool send_frame(struct sock *s, int opcode, const char *payload, size_t length) {
    static unsigned char frame[70000];
    size_t head = 2;
    if (length > sizeof frame - 16) return false;
    frame[0] = (unsigned char)(0x80 | opcode);
    if (length < 126) {
        frame[1] = (unsigned char)(0x80 | length);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(length >> 8);
        frame[3] = (unsigned char)length;
        head = 4;
    }
    memcpy(frame + head, MASK, 4);
    head += 4;
    for (size_t i = 0; i < length; i++) frame[head + i] = (unsigned char)payload[i] ^ MASK[i & 3];
    return send_all(s, (char *)frame, head + length);
}

bool send_text(struct sock *s, const char *text, size_t length) { return send_frame(s, 1, text, length); }

static void take_close(struct sock *s, const char *payload, size_t length) {
    int code = length >= 2 ? ((unsigned char)payload[0] << 8 | (unsigned char)payload[1]) : 1005;
    int wait = 0;
    const char *asked = length > 2 ? memmem(payload + 2, length - 2, "\"retry_after_ms\":", 17) : NULL;
    if (asked)
        for (const char *p = asked + 17; p < payload + length && (isdigit((unsigned char)*p) || *p == ' '); p++)
            if (*p != ' ') wait = wait * 10 + (*p - '0');
    send_frame(s, 8, payload, length >= 2 ? 2 : 0);
    close_sock(s, code, wait);
}

static void take_text(struct sock *s, const char *text, size_t length) {
    if (options.mode == LIVESTORE) {
        if (length > 8 && memcmp(text, "{\"epoch\"", 8) == 0)
            take_batch(s, text, length);
        else if (length > 6 && memcmp(text, "{\"ref\"", 6) == 0)
            take_answer(s, text, length);
        else
            figures.odd++;
    } else if (options.mode == TEXT) {
        if (length > 6 && memcmp(text, "{\"ref\"", 6) == 0)
            take_answer(s, text, length);
        else
            measure_text(s, text, length);
    } else if (text[0] == '0') { /* Engine.IO: opened, now the namespace is asked for */
        send_text(s, "40", 2);
    } else if (text[0] == '2') {
        figures.pings++;
        send_text(s, "3", 1);
    } else if (length > 1 && text[0] == '4' && text[1] == '0') {
        became_ready(s);
    } else {
        measure_text(s, text, length);
    }
}

/* Bytes used; what is left is the beginning of a frame. */
size_t take_frames(struct sock *s, char *data, size_t length) {
    size_t used = 0;
    while (s->state >= UPGRADED && s->state <= READY && length - used >= 2) {
        unsigned char *head = (unsigned char *)data + used;
        uint64_t size = head[1] & 127;
        size_t skip = 2;
        if (size == 126) {
            if (length - used < 4) break;
            size = (uint64_t)head[2] << 8 | head[3];
            skip = 4;
        } else if (size == 127) {
            if (length - used < 10) break;
            size = 0;
            for (int i = 2; i < 10; i++) size = size << 8 | head[i];
            skip = 10;
        }
        if (length - used < skip + size) {
            if (skip + size > sizeof inbox) fail_sock(s, "frame too long");
            break;
        }
        const char *payload = data + used + skip;
        int opcode = head[0] & 15;
        used += skip + size;
        figures.frames++;
        if (opcode == 1 && (head[0] & 0x80) && size) {
            take_text(s, payload, size);
        } else if (opcode == 8) {
            take_close(s, payload, size);
        } else if (opcode == 9) {
            figures.pings++;
            send_frame(s, 10, payload, size);
        } else if (opcode != 10) {
            figures.odd++;
        }
    }
    return used;
}
