/* SPDX-License-Identifier: MIT */
/*
 * Makes a mutator available to AFL++. Two things are done here that libFuzzer does itself:
 *
 * - A result is changed a few more times before AFL++'s input is used again. It takes several changes to mislead a
 *   reader, and the first of them reach nothing new, so AFL++ would not keep them.
 * - Every kind of input gets its share (input_kind). AFL++ prefers small, quick and new inputs, and in a minute does not
 *   reach most of the others. So half of the time the input that is changed is not the one that AFL++ asks for.
 */
#include "mutator/fuzzing_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHANGES = 5,       /* of an input, each on the result of the last */
    KEPT = 8,          /* inputs of a kind: the smallest ones */
    LEAST_WORK = 2000, /* counted for each use of an input, besides its bytes */
};

struct input {
    uint8_t *data; /* owned by the mutator */
    size_t size;
};

struct kind {
    struct input inputs[KEPT];
    unsigned count;
    uint64_t work; /* spent on it so far: bytes of the inputs that were used */
};

struct afl_mutator {
    struct chooser chooser;
    struct input out; /* the last result */
    size_t room;      /* for it */
    unsigned changes_left;
    struct kind kinds[INPUT_KINDS];
};

void *afl_custom_init(void *afl, unsigned seed);
unsigned char afl_custom_queue_get(struct afl_mutator *mutator, const uint8_t *path);
unsigned char afl_custom_queue_new_entry(struct afl_mutator *mutator, const uint8_t *path,
                                         const uint8_t *path_of_origin);
size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t max_size);
void afl_custom_deinit(struct afl_mutator *mutator);

void *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    struct afl_mutator *mutator = calloc(1, sizeof(*mutator));
    if (mutator)
        mutator->chooser.state = seed;
    return mutator;
}

void afl_custom_deinit(struct afl_mutator *mutator)
{
    for (unsigned i = 0; i < INPUT_KINDS; i++)
        for (unsigned j = 0; j < mutator->kinds[i].count; j++)
            free(mutator->kinds[i].inputs[j].data);
    free(mutator->out.data);
    free(mutator);
}

/* ---- Kinds ----------------------------------------------------------------------------------------- */

static struct input read_input(const char *path)
{
    struct input input = {NULL, 0};
    FILE *file = fopen(path, "rb");
    long size = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    if (size > 0 && fseek(file, 0, SEEK_SET) == 0)
        input = (struct input){malloc((size_t)size), (size_t)size};
    if (input.data && fread(input.data, 1, input.size, file) != input.size)
        input.size = 0;
    if (file)
        fclose(file);
    return input;
}

/* Returns a free place of a kind, or the place of its largest input if the new one is smaller. */
static struct input *place_for(struct kind *kind, size_t size)
{
    if (kind->count < KEPT)
        return &kind->inputs[kind->count++];
    struct input *largest = kind->inputs;
    for (unsigned i = 1; i < KEPT; i++)
        if (kind->inputs[i].size > largest->size)
            largest = &kind->inputs[i];
    return size < largest->size ? largest : NULL;
}

unsigned char afl_custom_queue_new_entry(struct afl_mutator *mutator, const uint8_t *path,
                                         const uint8_t *path_of_origin)
{
    (void)path_of_origin;
    struct input input = read_input((const char *)path);
    unsigned number = input.data ? input_kind(input.data, input.size) : INPUT_KINDS;
    struct input *place =
        number < INPUT_KINDS ? place_for(&mutator->kinds[number], input.size) : NULL;
    if (place) {
        struct input replaced = *place;
        *place = input;
        input = replaced;
    }
    free(input.data);
    return 0; /* the file was not changed */
}

/* Returns an input of the kind with the least work; `otherwise`: there are no kinds. */
static struct input input_in_turn(struct afl_mutator *mutator, struct input otherwise)
{
    struct kind *least = NULL;
    for (unsigned i = 0; i < INPUT_KINDS; i++) {
        struct kind *kind = &mutator->kinds[i];
        if (kind->count && (!least || kind->work < least->work))
            least = kind;
    }
    if (!least)
        return otherwise;
    struct input input = least->inputs[choose(&mutator->chooser, least->count)];
    least->work += LEAST_WORK + input.size;
    return input;
}

/* ---- Changes --------------------------------------------------------------------------------------- */

/* AFL++ changes to another input. */
unsigned char afl_custom_queue_get(struct afl_mutator *mutator, const uint8_t *path)
{
    (void)path;
    mutator->changes_left = 0;
    return 1;
}

static void begin(struct afl_mutator *mutator, struct input input, size_t max_size)
{
    if (!choose(&mutator->chooser, 2))
        input = input_in_turn(mutator, input);
    mutator->out.size = input.size < max_size ? input.size : max_size;
    memcpy(mutator->out.data, input.data, mutator->out.size);
    mutator->changes_left = CHANGES;
}

size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t max_size)
{
    struct input *made = &mutator->out;
    if (mutator->room < max_size) {
        free(made->data);
        made->data = malloc(max_size);
        mutator->room = made->data ? max_size : 0;
        mutator->changes_left = 0;
    }
    *out = made->data;
    if (!made->data)
        return 0;
    unsigned seed = choose(&mutator->chooser, UINT32_MAX);
    if (other && LLVMFuzzerCustomCrossOver && !choose(&mutator->chooser, 8)) {
        mutator->changes_left = CHANGES;
        return made->size = LLVMFuzzerCustomCrossOver(data, size, other, other_size, made->data,
                                                      max_size, seed);
    }
    if (!mutator->changes_left || made->size > max_size)
        begin(mutator, (struct input){data, size}, max_size);
    mutator->changes_left--;
    return made->size = LLVMFuzzerCustomMutator(made->data, made->size, max_size, seed);
}
