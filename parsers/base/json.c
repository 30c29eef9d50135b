/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON with jansson, and finds out whether memory has run out. Knows nothing of what the JSON is about.
 *
 * jansson does not say that memory has run out: it returns NULL, and malloc(3) has set errno. But where its buffer for one
 * token cannot grow, it leaves out a character and goes on; without the closing quote it reads on behind the buffer. So the
 * buffer gets its full size first, with a member that is added to the text: its name is longer than any token of the text.
 * This name is given byte by byte, and errno is looked at before each.
 */
#include "vmwire/json.h"

#include <errno.h>
#include <string.h>

/* Bytes to give to jansson. */
struct piece {
    const char *data;
    size_t length;
    bool repeats; /* `data` is one byte, so many times */
};

enum { PIECES = 5 };

struct reading {
    struct piece pieces[PIECES];
    size_t piece; /* the one that is given */
    bool out_of_memory;
};

static size_t give_bytes(void *buffer, size_t size, void *context)
{
    struct reading *reading = context;
    reading->out_of_memory |= errno == ENOMEM;
    if (reading->out_of_memory)
        return (size_t)-1;
    while (reading->piece < PIECES && reading->pieces[reading->piece].length == 0)
        reading->piece++;
    if (reading->piece == PIECES)
        return 0;
    struct piece *piece = &reading->pieces[reading->piece];
    size_t length = piece->repeats ? 1 : piece->length < size ? piece->length : size;
    memcpy(buffer, piece->data, length);
    piece->data += piece->repeats ? 0 : length;
    piece->length -= length;
    return length;
}

static size_t count_space(struct vmwire_bytes text)
{
    size_t length = 0;
    while (length < text.length && text.data[length] != '\0' &&
           strchr(" \t\r\n", text.data[length]))
        length++;
    return length;
}

/* No token is longer than the longest distance of two quotes that have no backslash before them. */
static size_t limit_token(struct vmwire_bytes text)
{
    const uint8_t *begin = text.data, *end = text.data + text.length, *at = begin;
    size_t limit = 0;
    while (at < end) {
        const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
        at = quote ? quote + 1 : end;
        if (quote && quote > text.data && quote[-1] == '\\')
            continue;
        limit = (size_t)(at - begin) > limit ? (size_t)(at - begin) : limit;
        begin = at;
    }
    return limit;
}

/* jansson doubles its buffer, from 16 bytes on. Behind a power of two, two bytes follow: so the buffer does not grow at the
 * closing quote. */
static size_t choose_name_length(size_t token_limit)
{
    size_t length = 16;
    while (length < token_limit + 2) /* the quotes, and a byte that is looked at behind a number */
        length *= 2;
    return length;
}

/* Adds a member behind the text's first bracket, and returns the number of bytes that are added. */
static size_t add_member(struct reading *reading, struct vmwire_bytes text, size_t bracket)
{
    const char *data = (const char *)text.data;
    size_t begin = bracket + 1, length = text.length - begin;
    struct vmwire_bytes inner = {text.data + begin, length};
    size_t name = choose_name_length(limit_token(inner)), next = count_space(inner);
    bool object = data[bracket] == '{';
    bool alone = next < length && inner.data[next] == (object ? '}' : ']');
    struct vmwire_bytes behind = vmwire_bytes_of_string(object  ? alone ? "\":0" : "\":0,"
                                                        : alone ? "\""
                                                                : "\",");
    reading->pieces[0] = (struct piece){.data = data, .length = begin};
    reading->pieces[1] = (struct piece){.data = "\"", .length = 1};
    reading->pieces[2] = (struct piece){.data = "x", .length = name, .repeats = true};
    reading->pieces[3] = (struct piece){(const char *)behind.data, behind.length, false};
    reading->pieces[4] = (struct piece){.data = data + begin, .length = length};
    return 1 + name + behind.length;
}

static void remove_member(json_t *root)
{
    if (json_is_array(root))
        json_array_remove(root, 0);
    else
        json_object_del(root, json_object_iter_key(json_object_iter(root)));
}

/* Returns NULL with the error set. */
static json_t *fail(struct vmwire_error *error, uint64_t offset, const char *what)
{
    vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, offset, "not JSON: %s", what);
    return NULL;
}

json_t *vmwire_json_parse(struct vmwire_bytes text, size_t flags, struct vmwire_error *error)
{
    size_t bracket = count_space(text);
    if (bracket == text.length || (text.data[bracket] != '{' && text.data[bracket] != '['))
        return fail(error, bracket, "'[' or '{' expected");
    struct reading reading = {.piece = 0};
    size_t added = add_member(&reading, text, bracket);
    json_error_t problem;
    errno = 0;
    json_t *root = json_load_callback(give_bytes, &reading, flags, &problem);
    if (root == NULL && (reading.out_of_memory || errno == ENOMEM)) {
        vmwire_error_set(error, VMWIRE_ERROR_MEMORY, VMWIRE_ERROR_NO_OFFSET,
                         "out of memory: cannot parse %zu bytes of JSON", text.length);
        return NULL;
    }
    if (root == NULL)
        return fail(error,
                    problem.position >= 0 && (size_t)problem.position >= added
                        ? (size_t)problem.position - added
                        : VMWIRE_ERROR_NO_OFFSET,
                    problem.text);
    remove_member(root);
    return root;
}
