/* Counts of microseconds in buckets that are at most 1.6 % wide, so that histograms of several processes can be
 * added. Below 64 a bucket is one microsecond; above, every power of two has 64 of them. bench/histogram.py knows
 * the same rule. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS (64 * 32)

struct histogram {
    uint64_t count, sum, most;
    uint32_t buckets[BUCKETS];
};

static inline int bucket_of(uint64_t value) {
    if (value < 64) return (int)value;
    int top = 63 - __builtin_clzll(value);
    int place = (top - 5) * 64 + (int)((value >> (top - 6)) & 63);
    return place < BUCKETS ? place : BUCKETS - 1;
}

static inline void record(struct histogram *h, int64_t value) {
    if (value < 0) value = 0; /* a stamp of whole milliseconds may be a little ahead */
    h->count++;
    h->sum += (uint64_t)value;
    if ((uint64_t)value > h->most) h->most = (uint64_t)value;
    h->buckets[bucket_of((uint64_t)value)]++;
}

static inline void print_histogram(FILE *out, const struct histogram *h) {
    fprintf(out, "{\"count\":%lu,\"sum\":%lu,\"most\":%lu,\"buckets\":{", (unsigned long)h->count,
            (unsigned long)h->sum, (unsigned long)h->most);
    const char *comma = "";
    for (int i = 0; i < BUCKETS; i++)
        if (h->buckets[i]) {
            fprintf(out, "%s\"%d\":%u", comma, i, h->buckets[i]);
            comma = ",";
        }
    fputs("}}", out);
}

#endif
