/* SPDX-License-Identifier: MIT */
/*
 * What the tests are written in: streams as readable text, schemas as JSON in single quotes, trees
 * as text. Knows the public header of the library and nothing behind it.
 *
 * The text of a stream (assemble):
 *
 *     7e 00000001     bytes in hex, blanks anywhere between them
 *     'QEVM'          the bytes of a text
 *     .'dev'          the same behind a length byte
 *     4096*00         what follows, many times; (...) makes one of several
 *     [4 ...]         what is inside, behind its length in 4 bytes (or 1, 2, 8), big-endian
 *     version         the stream version of the option that the text is for
 *     sentinel        the 00 behind an embedded record, where the option has one
 *     ^               no byte: the offset that the error must name
 */
#ifndef VMWIRE_TESTS_BUILD_H
#define VMWIRE_TESTS_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/must.h"
#include "vmwire/vmwire.h"

/* Ends the test program: a test that is wrong in itself, or out of memory. */
#define TEST_BROKEN(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), abort())

static inline void *must(void *memory)
{
    if (!memory)
        TEST_BROKEN("out of memory");
    return memory;
}

/* ---- Streams as text ------------------------------------------------------------------------- */

/* Bytes that a test made. Exactly as long as they are, so that ASan sees a read beyond them. */
struct made {
    struct vmwire_bytes bytes;
    uint64_t mark; /* where the ^ stood, or VMWIRE_ERROR_NO_OFFSET */
};

struct assembler {
    const char *text; /* what is left of it */
    const struct vmwire_option *option;
    uint8_t *data;
    size_t length, size;
    uint64_t mark;
};

static inline void assemble_byte(struct assembler *assembler, unsigned value)
{
    if (assembler->length == assembler->size) {
        assembler->size = assembler->size ? 2 * assembler->size : 256;
        assembler->data = must(realloc(assembler->data, assembler->size));
    }
    assembler->data[assembler->length++] = (uint8_t)value;
}

static inline void assemble_integer(struct assembler *assembler, unsigned width, uint64_t value)
{
    for (unsigned i = width; i > 0; i--)
        assemble_byte(assembler, (unsigned)(value >> 8 * (i - 1)) & 0xff);
}

static inline void assemble_items(struct assembler *assembler, char closing);

static inline void assemble_quoted(struct assembler *assembler)
{
    while (*++assembler->text != '\'') {
        if (!*assembler->text)
            TEST_BROKEN("a quote without an end");
        assemble_byte(assembler, (unsigned char)*assembler->text);
    }
    assembler->text++;
}

/* Puts the length of what `items` assembles before it. */
static inline void assemble_counted(struct assembler *assembler, unsigned width, char closing)
{
    size_t begin = assembler->length;
    assemble_integer(assembler, width, 0);
    if (closing)
        assemble_items(assembler, closing);
    else
        assemble_quoted(assembler);
    size_t end = assembler->length;
    assembler->length = begin;
    assemble_integer(assembler, width, end - begin - width);
    assembler->length = end;
}

static inline void assemble_hex(struct assembler *assembler, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i += 2) {
        char pair[3] = {word[i], i + 1 < length ? word[i + 1] : '?', '\0'}, *end;
        unsigned long value = strtoul(pair, &end, 16);
        if (end != pair + 2)
            TEST_BROKEN("not hex: %.*s", (int)length, word);
        assemble_byte(assembler, (unsigned)value);
    }
}

static inline void assemble_item(struct assembler *assembler);

static inline void assemble_many(struct assembler *assembler, unsigned long count)
{
    size_t begin = assembler->length;
    assemble_item(assembler);
    size_t end = assembler->length;
    if (!count)
        assembler->length = begin;
    for (unsigned long i = 1; i < count; i++)
        for (size_t j = begin; j < end; j++)
            assemble_byte(assembler, assembler->data[j]);
}

static inline void assemble_word(struct assembler *assembler)
{
    const char *word = assembler->text;
    size_t length = 0;
    while (isalnum((unsigned char)word[length]))
        length++;
    assembler->text += length;
    if (*assembler->text == '*') {
        assembler->text++;
        assemble_many(assembler, strtoul(word, NULL, 10));
    } else if (length == 7 && strncmp(word, "version", length) == 0) {
        assemble_integer(assembler, 4, assembler->option->stream_version);
    } else if (length == 8 && strncmp(word, "sentinel", length) == 0) {
        if (assembler->option->sentinel)
            assemble_byte(assembler, 0);
    } else {
        assemble_hex(assembler, word, length);
    }
}

static inline void assemble_item(struct assembler *assembler)
{
    char first = *assembler->text;
    if (isalnum((unsigned char)first)) {
        assemble_word(assembler);
    } else if (first == '\'') {
        assemble_quoted(assembler);
    } else if (first == '.') {
        assembler->text++;
        assemble_counted(assembler, 1, 0);
    } else if (first == '(') {
        assembler->text++;
        assemble_items(assembler, ')');
    } else if (first == '[') {
        unsigned width = (unsigned)(assembler->text[1] - '0');
        assembler->text += 2;
        assemble_counted(assembler, width, ']');
    } else if (first == '^') {
        assembler->text++;
        assembler->mark = assembler->length;
    } else {
        TEST_BROKEN("not the text of a stream: %s", assembler->text);
    }
}

static inline void assemble_items(struct assembler *assembler, char closing)
{
    for (;;) {
        while (isspace((unsigned char)*assembler->text))
            assembler->text++;
        if (*assembler->text == closing) {
            assembler->text += closing ? 1 : 0;
            return;
        }
        if (!*assembler->text)
            TEST_BROKEN("expected %c at the end", closing);
        assemble_item(assembler);
    }
}

/* The caller ends it with made_free(). */
static inline struct made assemble(const struct vmwire_option *option, const char *text)
{
    struct assembler assembler = {.text = text, .option = option, .mark = VMWIRE_ERROR_NO_OFFSET};
    assemble_items(&assembler, '\0');
    uint8_t *exact = must(malloc(assembler.length ? assembler.length : 1));
    if (assembler.length)
        memcpy(exact, assembler.data, assembler.length);
    free(assembler.data);
    return (struct made){{exact, assembler.length}, assembler.mark};
}

static inline void made_free(struct made *made)
{
    free((void *)(uintptr_t)made->bytes.data);
    made->bytes = (struct vmwire_bytes){NULL, 0};
}

/* ---- Schemas as text ------------------------------------------------------------------------- */

/* JSON as QEMU writes it, with ' for ". Macros of the parts that the tests have in common. */
#define FIELD(name, type, size) "{'name':'" name "','type':'" type "','size':" #size "}"
#define U8(name)                FIELD(name, "uint8", 1)
#define U32(name)               FIELD(name, "uint32", 4)
#define INNER(vmsd, fields)     "'vmsd_name':'" vmsd "','version':1,'fields':[" fields "]"
#define STRUCT(name, size, inner)                                                                  \
    "{'name':'" name "','type':'struct','size':" #size ",'struct':{" inner "}}"
#define STRUCTS(name, count, size, inner)                                                          \
    "{'name':'" name "','array_len':" #count ",'type':'struct','size':" #size ",'struct':{" inner  \
    "}}"
#define SENDS(subsections)  ",'subsections':[" subsections "]"
#define SUB(inner)          "{" inner "}"
#define DEVICE(idstr, body) "{'name':'" idstr "','instance_id':0," body "}"
#define LAYOUT(devices)     "{'page_size':4096,'devices':[" devices "]}"

/* The JSON of a text in single quotes, in `arena`. */
static inline struct vmwire_bytes json_of(struct vmwire_arena *arena, const char *text)
{
    size_t length = strlen(text);
    char *json = vmwire_arena_string(arena, text, length);
    for (size_t i = 0; i < length; i++)
        if (json[i] == '\'')
            json[i] = '"';
    return (struct vmwire_bytes){(const uint8_t *)json, length};
}

static inline void add_source(struct vmwire_schema *schema, const char *text)
{
    struct vmwire_error error = {0};
    if (text && !vmwire_schema_add(schema, json_of(schema->arena, text), &error))
        TEST_BROKEN("%s\npath %s: %s", text, error.path, error.message);
}

/* A schema of a description and a dump; either may be NULL. */
static inline struct vmwire_schema *schema_of(struct vmwire_arena *arena, const char *description,
                                              const char *dump)
{
    struct vmwire_schema *schema = must_create_schema(arena);
    add_source(schema, description);
    add_source(schema, dump);
    must_finish_schema(schema);
    return schema;
}

/* What a section may hold, as text in `option`'s list of names: "heuristic toplevel"; NULL: all. */
static inline bool listed(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; at && (at = strstr(at, name)); at += length)
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return !names;
}

static inline const struct vmwire_option *option_named(const char *name)
{
    return must((void *)(uintptr_t)vmwire_option_find(name));
}

/* ---- Trees as text --------------------------------------------------------------------------- */

/*
 * One line: items with "; " between them.
 *
 *     full 1 dev {a=05 in[0]{x=01 +in/s:1{w=02}}} ~
 *     start 2 ram (RAM_MEM_SIZE 1000, BLOCK_NAME 1000 pc.ram, RAM_EOS 0) ~
 *
 * A value is name=hex, an embedded record name{...}, an element of a list name[i]=marker{...}, a
 * subsection +name:version{...}, and ~ a footer.
 */
static inline void print_name(FILE *text, struct vmwire_bytes name)
{
    for (size_t i = 0; i < name.length; i++)
        fprintf(text, isprint(name.data[i]) ? "%c" : "\\%02x", name.data[i]);
}

static inline void print_hex(FILE *text, struct vmwire_bytes bytes)
{
    size_t same = 1;
    while (same < bytes.length && bytes.data[same] == bytes.data[0])
        same++;
    if (bytes.length > 16 && same == bytes.length) {
        fprintf(text, "%zu*%02x", same, bytes.data[0]);
        return;
    }
    for (size_t i = 0; i < bytes.length; i++)
        fprintf(text, "%02x", bytes.data[i]);
}

static inline void print_value_name(FILE *text, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    const struct vmwire_dependence *dependence = field->dependence;
    bool each = dependence && (dependence->pointers || dependence->markers);
    bool counted = field->count > 1 || (dependence && dependence->count);
    fputs(field->name, text);
    if (field->index >= 0)
        fprintf(text, "[%d]", field->index);
    else if (each || (value->record && (counted || field->class == VMWIRE_FIELD_LIST)))
        fprintf(text, "[%u]", value->element);
}

/* What is printed before a step's bracket. */
static inline void print_step(FILE *text, enum vmwire_record_step step,
                              const struct vmwire_record_walk *walk)
{
    switch (step) {
    case VMWIRE_RECORD_BEGIN:
        if (walk->value && !walk->value->data.length)
            print_value_name(text, walk->value);
        break;
    case VMWIRE_RECORD_VALUE:
        print_value_name(text, walk->value);
        fputc('=', text);
        print_hex(text, walk->value->data);
        break;
    case VMWIRE_RECORD_SUBSECTION:
        fputc('+', text);
        print_name(text, walk->subsection->name);
        fprintf(text, ":%u", walk->subsection->version_id);
        break;
    default:
        break;
    }
}

static inline void print_tree(FILE *text, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    bool separate = false; /* a blank comes before the next name */
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (separate && step != VMWIRE_RECORD_END)
            fputc(' ', text);
        print_step(text, step, &walk);
        if (step == VMWIRE_RECORD_BEGIN || step == VMWIRE_RECORD_END)
            fputc(step == VMWIRE_RECORD_BEGIN ? '{' : '}', text);
        /* Behind a subsection's name and the byte of a list's element comes the record's
         * bracket. */
        separate =
            step == VMWIRE_RECORD_END || (step == VMWIRE_RECORD_VALUE && !walk.value->record);
    }
}

static inline void print_entries(FILE *text, const struct vmwire_entry *entry)
{
    fputs(" (", text);
    for (; entry; entry = entry->next) {
        fprintf(text, "%s %" PRIx64, vmwire_entry_kind_name(entry), entry->value);
        if (entry->name.length) {
            fputc(' ', text);
            print_name(text, entry->name);
        }
        if (entry->data.length) {
            fputs(" =", text);
            print_hex(text, entry->data);
        }
        fputs(entry->next ? ", " : ")", text);
    }
}

static inline void print_item(FILE *text, const struct vmwire_item *item)
{
    fputs(vmwire_item_kind_name(item->kind), text);
    if (item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_PART ||
        item->kind == VMWIRE_ITEM_SECTION_END || item->kind == VMWIRE_ITEM_SECTION_FULL) {
        fprintf(text, " %u ", item->section_id);
        print_name(text, item->idstr);
    }
    if (item->instance_id)
        fprintf(text, ".%u", item->instance_id);
    if (item->kind == VMWIRE_ITEM_COMMAND) {
        fprintf(text, " %s", vmwire_command_name(item->command));
        if (item->payload.length)
            fputs(" =", text);
        print_hex(text, item->payload);
    }
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        fprintf(text, " %zu", item->package.length);
    if (item->kind == VMWIRE_ITEM_UNREAD || item->kind == VMWIRE_ITEM_DESCRIPTION) {
        fputs(" =", text);
        print_hex(text, item->content);
    }
    if (item->record) {
        fputc(' ', text);
        print_tree(text, item->record);
    }
    if (item->entries)
        print_entries(text, item->entries);
    if (item->footer)
        fputs(" ~", text);
}

/* The caller frees it. */
static inline char *tree_text(const struct vmwire_stream *stream)
{
    char *tree = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&tree, &size));
    for (size_t i = 0; i < stream->item_count; i++) {
        fputs(i ? "; " : "", text);
        print_item(text, stream->items[i]);
    }
    fclose(text);
    return tree;
}

/* Likewise bytes in hex. */
static inline char *hex_text(struct vmwire_bytes bytes)
{
    char *hex = must(malloc(2 * bytes.length + 1));
    for (size_t i = 0; i < bytes.length; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes.data[i]);
    hex[2 * bytes.length] = '\0';
    return hex;
}

/* ---- Reading and writing --------------------------------------------------------------------- */

static inline bool has_footers(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

/* Writes a whole stream; NULL with `error` set where that is refused. Ended by vmwire_writer_destroy(). */
static inline struct vmwire_writer *write_whole(const struct vmwire_stream *stream,
                                                const struct vmwire_option *option, bool drop_ram,
                                                struct vmwire_error *error)
{
    struct vmwire_writing writing = {
        .option = option, .footers = has_footers(stream), .drop_ram = drop_ram};
    struct vmwire_writer *writer = must_create_writer(&writing);
    for (size_t i = 0; i < stream->item_count; i++)
        if (!vmwire_writer_item(writer, stream->items[i], error)) {
            vmwire_writer_destroy(writer);
            return NULL;
        }
    return writer;
}

static inline void assert_same_bytes(struct vmwire_bytes found, struct vmwire_bytes expected)
{
    size_t same = 0;
    while (same < found.length && same < expected.length && found.data[same] == expected.data[same])
        same++;
    if (same == found.length && same == expected.length)
        return;
    size_t from = same < 16 ? 0 : same - 16;
    struct vmwire_bytes a = {found.data + from, found.length - from};
    struct vmwire_bytes b = {expected.data + from, expected.length - from};
    a.length = a.length > 48 ? 48 : a.length;
    b.length = b.length > 48 ? 48 : b.length;
    char *found_hex = hex_text(a), *expected_hex = hex_text(b);
    print_error("%zu bytes, expected %zu; they differ at %zu; from %zu:\n%s, expected\n%s\n",
                found.length, expected.length, same, from, found_hex, expected_hex);
    free(found_hex);
    free(expected_hex);
    fail();
}

#endif
