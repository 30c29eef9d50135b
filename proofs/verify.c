/*
 * vmwire-verify: checks a certificate of `vmwire check --certificate` against the stream that it is of.
 * It is meant to be trusted by reading it: it searches nothing and is linked without the engine. The
 * tails are listed in tails.c; here each line of the certificate is held against the bytes at its tail.
 * proofs/README.md says what each claim means and why it is enough.
 */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/program.h"
#include "program/text.h"
#include "tails.h"

enum { CERTIFICATE_VERSION = 1 };
enum { EXIT_ACCEPTED = 0, EXIT_REFUSED = 1 };

struct checker {
    struct tails tails;
    uint8_t *changed; /* a copy of the stream's bytes, for findings to be put in place */
    size_t line;      /* of the certificate, from 1 */
    char why[512];
    size_t clean, findings, found_in, undecided;
};

static bool refuse(struct checker *checker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(struct checker *checker, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(checker->why, sizeof(checker->why), format, arguments);
    va_end(arguments);
    return false;
}

/* ---- Why a tail is clean ------------------------------------------------------------------------ */

/* The reader takes nothing for a subsection here. */
static bool never_looks(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    return !tail->sent && tails_look_at(tails, tail->owner) == LOOK_NEVER;
}

/* A subsection is sent here. That the reader takes it was seen when it read the stream; it does so in
 * every state, because no byte of the header is a field's. */
static bool is_sent(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    uint64_t end = tail->sent ? tails_end_of(tails, tail->sent->name) + 4 : 0;
    for (uint64_t i = tail->offset; i < end; i++)
        if (tails->classes[i] != BYTE_OF_FRAMING)
            return false;
    return tail->sent;
}

/* Whether the byte can be the length of a name of `least` bytes or more that are all there. */
static bool can_be_length(const struct tails *tails, uint64_t offset, size_t least)
{
    for (size_t i = least; i <= UINT8_MAX && offset + 1 + i <= tails->bytes.length; i++)
        if (tails_byte_can_be(tails, offset, (uint8_t)i, true))
            return true;
    return false;
}

/* The byte `at` cannot be what it is in every header that the reader takes here: the marker, and where
 * it must be plausible, a length and the owner's name. */
static bool blocked(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    const char *name = tail->owner->name;
    if (tail->sent || at < tail->offset)
        return false;
    if (at == tail->offset)
        return !tails_byte_can_be(tails, at, QEMU_VM_SUBSECTION, true);
    if (tails_look_at(tails, tail->owner) != LOOK_IF_PLAUSIBLE)
        return false;
    if (at == tail->offset + 1)
        return !can_be_length(tails, at, strlen(name) + 1);
    uint64_t place = at - tail->offset - 2;
    return place < strlen(name) && !tails_byte_can_be(tails, at, (uint8_t)name[place], true);
}

/* One of the tails before this one at the same offset, which is about the same bytes, takes every header
 * that this one would. (flagday: a subsection's record does not take all.) */
static bool taken_before(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    enum tail_look look = tails_look_at(tails, tail->owner);
    if (tail->sent || tails->option->sentinel)
        return false;
    for (const struct tail *inner = tail;
         inner > tails->list && inner[-1].offset == tail->offset;) {
        const char *name = (--inner)->owner->name;
        enum tail_look inner_look = tails_look_at(tails, inner->owner);
        if (inner_look == LOOK_ALWAYS || (inner_look == LOOK_IF_PLAUSIBLE && look == inner_look &&
                                          strncmp(tail->owner->name, name, strlen(name)) == 0))
            return true;
    }
    return false;
}

/* An owner's tail at the same offset sends what is here. The reader passed it by at this tail when it
 * read the stream; as above, it does so in every state. */
static bool sent_by_owner(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    const struct tail *outer = tail, *last = tails->list + tails->count - 1;
    while (outer < last && outer[1].offset == tail->offset)
        outer++;
    return !tail->sent && is_sent(tails, outer, at);
}

static const struct reason {
    const char *name;
    bool at; /* has an offset beside it */
    bool (*holds)(const struct tails *tails, const struct tail *tail, uint64_t at);
} reasons[] = {
    {"never looks", false, never_looks},
    {"sent", false, is_sent},
    {"blocked", true, blocked},
    {"taken before", false, taken_before},
    {"sent by owner", false, sent_by_owner},
};

/* ---- The lines of a certificate ----------------------------------------------------------------- */

/* Takes a number out of an object, so that what is left can be seen to be nothing. */
static bool take_number(json_t *object, const char *key, uint64_t limit, uint64_t *number)
{
    const json_t *value = json_object_get(object, key);
    *number = (uint64_t)json_integer_value(value);
    bool right = json_is_integer(value) && json_integer_value(value) >= 0 && *number < limit;
    json_object_del(object, key);
    return right;
}

static bool check_clean(struct checker *checker, const struct tail *tail, json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "clean"));
    const struct reason *reason = NULL;
    uint64_t at = 0;
    for (size_t i = 0; name && i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(reasons[i].name, name) == 0)
            reason = &reasons[i];
    if (!reason)
        return refuse(checker, "\"clean\" gives no reason that there is");
    if (reason->at && !take_number(line, "at", INT64_MAX, &at))
        return refuse(checker, "\"at\" is no offset");
    if (!reason->holds(&checker->tails, tail, at))
        return refuse(checker, "it is not so that this tail is clean by \"%s\"", reason->name);
    checker->clean++;
    json_object_del(line, "clean");
    return true;
}

static bool put_byte(struct checker *checker, json_t *byte)
{
    uint64_t offset, value;
    if (!take_number(byte, "offset", checker->tails.bytes.length, &offset) ||
        !take_number(byte, "value", UINT8_MAX + 1, &value) || json_object_size(byte))
        return refuse(checker, "not a byte of the stream in \"bytes\"");
    if (!tails_byte_can_be(&checker->tails, offset, (uint8_t)value, false))
        return refuse(checker, "the byte at %" PRIu64 " cannot be %02x", offset, (unsigned)value);
    checker->changed[offset] = (uint8_t)value;
    return true;
}

/* The reader reads what is in `changed`. */
static bool check_outcome(struct checker *checker, const struct tail *tail, const char *outcome)
{
    struct misreading found = tails_read_changed(&checker->tails, checker->changed);
    if (found.tail != (size_t)(tail - checker->tails.list))
        return refuse(checker, "with these bytes the reader is not misled first at this tail");
    if (strcmp(outcome_name(found.outcome), outcome) != 0)
        return refuse(checker, "the reader's outcome is %s, not %s", outcome_name(found.outcome),
                      outcome);
    return true;
}

static bool check_finding(struct checker *checker, const struct tail *tail, json_t *finding)
{
    const char *outcome = json_string_value(json_object_get(finding, "outcome"));
    const json_t *bytes = json_object_get(finding, "bytes");
    if (!outcome || !json_is_array(bytes) || json_object_size(finding) != 2)
        return refuse(checker, "a finding is an \"outcome\" and \"bytes\"");
    bool right = true;
    for (size_t i = 0; right && i < json_array_size(bytes); i++)
        right = put_byte(checker, json_array_get(bytes, i));
    right = right && check_outcome(checker, tail, outcome);
    memcpy(checker->changed, checker->tails.bytes.data, checker->tails.bytes.length);
    return right;
}

static bool check_findings(struct checker *checker, const struct tail *tail, json_t *line)
{
    const json_t *findings = json_object_get(line, "findings");
    size_t count = json_array_size(findings);
    if (!count)
        return refuse(checker, "\"findings\" has none");
    for (size_t i = 0; i < count; i++)
        if (!check_finding(checker, tail, json_array_get(findings, i)))
            return false;
    checker->findings += count;
    checker->found_in++;
    json_object_del(line, "findings");
    return true;
}

/* The keys of a line that say which tail it is of, each to be what is expected; takes them out. */
static bool check_keys(struct checker *checker, json_t *line, json_t *expected)
{
    const char *key;
    json_t *value;
    bool right = true;
    json_object_foreach(expected, key, value)
    {
        if (right && !json_equal(json_object_get(line, key), value)) {
            char *text = json_dumps(value, JSON_ENCODE_ANY);
            right = refuse(checker, "\"%s\" is not %s", key, text ? text : "as expected");
            free(text);
        }
        json_object_del(line, key);
    }
    json_decref(expected);
    return right;
}

/* A name that is not UTF-8 cannot be in JSON: section and offset say which one it is. */
static json_t *expected_of(const struct tail *tail, json_t *line)
{
    json_t *expected = json_object();
    json_object_set_new(expected, "offset", json_integer((json_int_t)tail->offset));
    json_object_set_new(expected, "section", json_integer(tail->item->section_id));
    json_object_set_new(expected, "instance", json_integer(tail->item->instance_id));
    json_object_set_new(expected, "path", json_string(tail->path));
    json_object_set_new(expected, "owner", json_string(tail->owner->name));
    json_t *idstr = json_stringn((const char *)tail->item->idstr.data, tail->item->idstr.length);
    if (idstr) {
        json_object_set_new(expected, "idstr", idstr);
    } else {
        json_object_del(line, "idstr");
        json_object_del(line, "idstr_hex");
    }
    return expected;
}

/* All keys that were understood have been taken out: another one could change what a line says. */
static bool nothing_left(struct checker *checker, json_t *line)
{
    const char *key = json_object_iter_key(json_object_iter(line));
    return !key || refuse(checker, "\"%s\" does not belong to it", key);
}

static bool check_tail(struct checker *checker, const struct tail *tail, json_t *line)
{
    bool right = check_keys(checker, line, expected_of(tail, line));
    if (right && json_object_get(line, "clean")) {
        right = check_clean(checker, tail, line);
    } else if (right && json_object_get(line, "findings")) {
        right = check_findings(checker, tail, line);
    } else if (right && json_is_string(json_object_get(line, "undecided"))) {
        json_object_del(line, "undecided");
        checker->undecided++;
    } else if (right) {
        right = refuse(checker, "neither \"clean\" nor \"findings\" nor \"undecided\"");
    }
    return right && nothing_left(checker, line);
}

/* What the certificate is of. The size and the hash only make the message clearer: each line is held
 * against this stream. */
static bool check_head(struct checker *checker, json_t *line)
{
    const struct tails *tails = &checker->tails;
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, fingerprint(tails->bytes));
    json_t *expected =
        json_pack("{s:i, s:s, s:I, s:s, s:I}", "certificate", CERTIFICATE_VERSION, "option",
                  tails->option->name, "size", (json_int_t)tails->bytes.length, "fnv1a", hash,
                  "tails", (json_int_t)tails->count);
    return check_keys(checker, line, expected) && nothing_left(checker, line);
}

/* The next line, which the caller ends; NULL at the end of the file. */
static bool next_line(struct checker *checker, FILE *file, json_t **line)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getline(&text, &size, file);
    json_error_t error;
    bool right = true;
    *line = NULL;
    checker->line++;
    if (length > 0 && text[length - 1] != '\n') {
        right = refuse(checker, "it is cut off");
    } else if (length > 0) {
        *line = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        right = *line || refuse(checker, "not JSON: %s", error.text);
    }
    free(text);
    return right;
}

/* The head names the option, so that it comes before the stream is read. */
static bool begin(struct checker *checker, FILE *file)
{
    struct tails *tails = &checker->tails;
    json_t *head;
    if (!next_line(checker, file, &head))
        return false;
    const char *name = json_string_value(json_object_get(head, "option"));
    tails->option = name ? protocol_option_find(name) : NULL;
    const char *wrong = tails->option ? tails_of(tails) : "not the head of a certificate";
    bool right = wrong ? refuse(checker, "%s", wrong) : check_head(checker, head);
    json_decref(head);
    checker->changed = arena_alloc(tails->arena, tails->bytes.length + 1);
    memcpy(checker->changed, tails->bytes.data, tails->bytes.length);
    return right;
}

static bool check(struct checker *checker, FILE *file)
{
    json_t *line;
    bool right = begin(checker, file);
    for (size_t i = 0; right && i < checker->tails.count; i++) {
        right = next_line(checker, file, &line);
        if (right && !line)
            return refuse(checker, "%zu tails have no line", checker->tails.count - i);
        right = right && check_tail(checker, &checker->tails.list[i], line);
        json_decref(line);
    }
    if (!right || !next_line(checker, file, &line))
        return false;
    json_decref(line);
    return !line || refuse(checker, "more lines than the stream has tails");
}

/* ---- The program -------------------------------------------------------------------------------- */

static void print_verdict(const struct checker *checker, bool accepted, bool json)
{
    if (json) {
        json_t *verdict =
            accepted
                ? json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "verdict", "accepted", "tails",
                            (json_int_t)checker->tails.count, "clean", (json_int_t)checker->clean,
                            "findings", (json_int_t)checker->findings, "tails_with_findings",
                            (json_int_t)checker->found_in, "undecided",
                            (json_int_t)checker->undecided)
                : json_pack("{s:s, s:I, s:s}", "verdict", "refused", "line",
                            (json_int_t)checker->line, "why", checker->why);
        json_dumpf(verdict, stdout, 0);
        json_decref(verdict);
        putchar('\n');
    } else if (accepted) {
        printf("accepted: %zu tails: %zu clean, %zu findings in %zu tails, %zu undecided\n",
               checker->tails.count, checker->clean, checker->findings, checker->found_in,
               checker->undecided);
    } else {
        printf("refused: line %zu: ", checker->line);
        print_text(stdout, bytes_of_string(checker->why));
        putchar('\n');
    }
}

static int verify(const struct arguments *arguments, const struct loaded *loaded)
{
    FILE *file = fopen(arguments->certificate, "r");
    if (!file) {
        struct error error;
        error_set(&error, ERROR_FILE, ERROR_NO_OFFSET, "cannot read the certificate");
        return report(arguments, arguments->certificate, &error);
    }
    struct checker checker = {
        .tails = {.schema = loaded->schema, .bytes = loaded->input.bytes, .arena = loaded->arena}};
    bool accepted = check(&checker, file);
    fclose(file);
    print_verdict(&checker, accepted, arguments->json);
    return accepted ? EXIT_ACCEPTED : EXIT_REFUSED;
}

static const char usage[] =
    "vmwire-verify [--schema FILE]... [--existing DUMP] [--json] CERTIFICATE STREAM\n"
    "  checks what `vmwire check --certificate` wrote about a stream; --schema and --existing\n"
    "  as they were given there. Exit status: 0 accepted, 1 refused, 2 bad input or usage.\n";

static int run(struct arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {{"schema", required_argument, NULL, 's'},
                                            {"existing", required_argument, NULL, 'e'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int taken; (taken = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (taken == 's')
            arguments->schemas[arguments->schema_count++] = optarg;
        else if (taken == 'e')
            arguments->existing = optarg;
        else if (taken == 'j')
            arguments->json = true;
        else
            return fputs(usage, taken == 'h' ? stdout : stderr),
                   taken == 'h' ? EXIT_ACCEPTED : EXIT_BAD_INPUT;
    }
    if (argc - optind != 2)
        return fputs(usage, stderr), EXIT_BAD_INPUT;
    arguments->certificate = argv[optind];
    struct loaded loaded = {0};
    bool right = load(&loaded, argv[optind + 1], arguments);
    int code = right ? verify(arguments, &loaded) : EXIT_BAD_INPUT;
    unload(&loaded);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.schemas = calloc((size_t)argc, sizeof(char *))};
    int code = arguments.schemas ? run(&arguments, argc, argv) : EXIT_BAD_INPUT;
    free(arguments.schemas);
    return fflush(stdout) == 0 ? code : EXIT_BAD_INPUT;
}
