/* SPDX-License-Identifier: MIT */
/*
 * Adds up what the options of a manifest use, and compares it with the limits. A capture needs little: those of the corpus
 * have at most 256 MiB and two processors. Knows no option but those that tell an amount.
 */
#include "program/replay/amount_limits.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((double)(1 << 20))
#define GIB ((double)(1 << 30))

/* How the amounts of one command make a total. */
enum total { LARGEST, SUM, PRODUCT };

enum { MEMORY, LATER_MEMORY, SLOTS, VIDEO_MEMORY, PROCESSORS, TOPOLOGY, QUEUES, PIXELS };

static const struct limit {
    double most;
    enum total total;
    const char *name;
} limits[AMOUNT_LIMITS] = {
    [MEMORY] = {16 * GIB, SUM, "16 GiB of memory in all"},
    [LATER_MEMORY] = {16 * GIB, LARGEST, "16 GiB of memory"},
    [SLOTS] = {256, LARGEST, "256 slots"},
    [VIDEO_MEMORY] = {64 * MIB, LARGEST, "64 MiB of video memory"},
    [PROCESSORS] = {255, LARGEST, "255 processors"},
    [TOPOLOGY] = {255, PRODUCT, "255 processors"},
    [QUEUES] = {2048, LARGEST, "2048 queues, vectors or ports"},
    [PIXELS] = {8192, LARGEST, "8192 pixels"},
};

static const struct amount {
    const char *options, *keys;
    double unit; /* of a number without a suffix */
    int limit;
    bool bare; /* stands for a value without a key, too */
} counted[] = {
    {"m", "size", MIB, MEMORY, true},
    {"m", "maxmem", 1, LATER_MEMORY, false},
    {"m", "slots", 1, SLOTS, false},
    {"object", "size", 1, MEMORY, false},
    {"device", "vgamem_mb", MIB, MEMORY, false},
    {"device global", "vgamem_mb", MIB, VIDEO_MEMORY, false},
    {"device global", "dma_win_size", 1, LATER_MEMORY, false},
    {"device global", "requested-size", 1, LATER_MEMORY, false},
    {"device global", "max_ports num-queues vectors", 1, QUEUES, false},
    {"device global", "xres yres", 1, PIXELS, false},
    {"smp", "cpus maxcpus", 1, PROCESSORS, true},
    {"smp", "books clusters cores dies drawers modules sockets threads", 1, TOPOLOGY, false},
    {"M machine", "max-cpus", 1, PROCESSORS, false},
};

/* Returns the number of the value, at least as large as QEMU takes it; infinity if it is none. */
static double read_amount(struct word value, double unit)
{
    static const char suffixes[] = "bkmgtpe"; /* each 1024 times the one before */
    char text[40];
    char *rest;
    if (!value.length || value.length >= sizeof(text))
        return INFINITY;
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    double number = strtod(text, &rest);
    if (rest == text)
        return INFINITY;
    if (!*rest)
        return number * unit;
    const char *suffix = strchr(suffixes, tolower((unsigned char)*rest));
    if (!suffix || rest[1])
        return INFINITY;
    return number * (double)(UINT64_C(1) << (10 * (suffix - suffixes)));
}

static double add_to_total(enum total kind, double total, double amount)
{
    /* QEMU takes a zero for the default. */
    return kind == SUM       ? total + amount
           : kind == PRODUCT ? total * (amount > 1 ? amount : 1)
                             : (amount > total ? amount : total);
}

void begin_amounts(struct amounts *amounts)
{
    for (int i = 0; i < AMOUNT_LIMITS; i++)
        amounts->totals[i] = limits[i].total == PRODUCT ? 1 : 0;
}

const char *exceed_limit(struct amounts *amounts, const char *option, struct word key,
                         struct word value)
{
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        const struct amount *each = &counted[i];
        if (!is_listed(each->options, make_word(option)) ||
            !(key.length ? is_listed(each->keys, key) : each->bare))
            continue;
        double amount = read_amount(value, each->unit);
        double *total = &amounts->totals[each->limit];
        *total = isnan(amount) ? INFINITY : add_to_total(limits[each->limit].total, *total, amount);
        if (*total > limits[each->limit].most)
            return limits[each->limit].name;
    }
    return NULL;
}
