/* SPDX-License-Identifier: MIT */
/*
 * vmwire-verify: checks a certificate of `vmwire check --certificate` against its stream. You are meant
 * to trust it because you can read it: it searches nothing and is linked without the engine. tails.c
 * lists the tails, clean_reasons.c tests the reason of a clean tail, and this file checks each line of
 * the certificate. proofs/README.md says what each claim means and why it is enough.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean_reasons.h"
#include "program/shared/exit_status.h"
#include "program/shared/json_line.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"
#include "program/shared/terminal_text.h"
#include "tails.h"
#include "vmwire/json.h"

enum { CERTIFICATE_VERSION = 1 };
enum { EXIT_ACCEPTED = 0, EXIT_REFUSED = 1 };

struct checker {
    struct tails tails;
    uint8_t *changed; /* a copy of the stream, which takes the bytes of a finding */
    size_t line;      /* of the certificate, from 1 */
    json_t *json;     /* that line; NULL: none, or the file has ended */
    char why[512];    /* the reason of a refusal */
    size_t clean, findings, found_in, undecided;
    struct loaded_file *loaded; /* the stream */
    const char *stream;         /* its name */
    const struct arguments *arguments;
};

/* Always returns false. */
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

/* ---- Claims ------------------------------------------------------------------------------------
 *
 * Each check removes the keys that it understands, so that unknown ones are left.
 */

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
    const struct clean_reason_test *reason = name ? find_clean_reason(name) : NULL;
    uint64_t at = 0;
    if (!reason)
        return refuse(checker, "\"clean\" gives no reason that there is");
    if (reason->has_offset && !take_number(line, "at", INT64_MAX, &at))
        return refuse(checker, "\"at\" is no offset");
    if (!reason->holds(&checker->tails, tail, at))
        return refuse(checker, "it is not so that this tail is clean by \"%s\"", reason->name);
    checker->clean++;
    json_object_del(line, "clean");
    return true;
}

/* Puts one byte of a finding into `changed`. */
static bool put_byte(struct checker *checker, json_t *byte)
{
    uint64_t offset, value;
    if (!take_number(byte, "offset", checker->tails.bytes.length, &offset) ||
        !take_number(byte, "value", UINT8_MAX + 1, &value) || json_object_size(byte))
        return refuse(checker, "not a byte of the stream in \"bytes\"");
    if (!can_byte_be(&checker->tails, offset, (uint8_t)value, false))
        return refuse(checker, "the byte at %" PRIu64 " cannot be %02x", offset, (unsigned)value);
    checker->changed[offset] = (uint8_t)value;
    return true;
}

/* Reads `changed` and checks where the reader is misled first and how it ends. */
static bool check_outcome(struct checker *checker, const struct tail *tail, const char *outcome)
{
    struct misreading found = read_changed(&checker->tails, checker->changed);
    checker->tails.out_of_memory = found.out_of_memory;
    if (found.out_of_memory)
        return false;
    if (found.tail != (size_t)(tail - checker->tails.list))
        return refuse(checker, "with these bytes the reader is not misled first at this tail");
    if (strcmp(vmwire_outcome_name(found.outcome), outcome) != 0)
        return refuse(checker, "the reader's outcome is %s, not %s",
                      vmwire_outcome_name(found.outcome), outcome);
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

/* ---- Lines ------------------------------------------------------------------------------------- */

/* Neither getline() nor jansson says that memory has run out; malloc(3) sets errno. read_line() clears it. */
static bool note_memory(struct checker *checker)
{
    checker->tails.out_of_memory |= errno == ENOMEM;
    return checker->tails.out_of_memory;
}

/* Checks that the line has the expected values, and frees `expected`, which the caller has just made. */
static bool check_keys(struct checker *checker, json_t *line, json_t *expected)
{
    const char *key;
    json_t *value;
    bool right = !note_memory(checker);
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

/* Returns the keys that say which tail the line is about. JSON cannot hold an idstr that is not UTF-8:
 * section and offset suffice then. */
static json_t *make_expected(const struct tail *tail, json_t *line)
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

/* Refuses unknown keys: one of them could change what the line claims. */
static bool check_nothing_left(struct checker *checker, json_t *line)
{
    const char *key = json_object_iter_key(json_object_iter(line));
    return !key || refuse(checker, "\"%s\" does not belong to it", key);
}

static bool check_tail(struct checker *checker, const struct tail *tail, json_t *line)
{
    bool right = check_keys(checker, line, make_expected(tail, line));
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
    return right && check_nothing_left(checker, line);
}

/* Checks the first line. The size and the hash only make the message clearer: the other lines are
 * checked against this stream anyway. */
static bool check_head(struct checker *checker, json_t *line)
{
    const struct tails *tails = &checker->tails;
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, vmwire_fingerprint(tails->bytes));
    json_t *expected =
        json_pack("{s:i, s:s, s:I, s:s, s:I}", "certificate", CERTIFICATE_VERSION, "option",
                  tails->option->name, "size", (json_int_t)tails->bytes.length, "fnv1a", hash,
                  "tails", (json_int_t)tails->count);
    return check_keys(checker, line, expected) && check_nothing_left(checker, line);
}

/* Reads the next line in place of the one before. */
static bool read_line(struct checker *checker, FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    errno = 0;
    ssize_t length = getline(&text, &size, file);
    struct vmwire_error error = {0};
    bool right = !note_memory(checker);
    json_decref(checker->json);
    checker->json = NULL;
    checker->line++;
    if (right && length > 0 && text[length - 1] != '\n') {
        right = refuse(checker, "it is cut off");
    } else if (right && length > 0) {
        checker->json =
            vmwire_json_parse((struct vmwire_bytes){(const uint8_t *)text, (size_t)length},
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        checker->tails.out_of_memory |= error.kind == VMWIRE_ERROR_MEMORY;
        right = checker->json || refuse(checker, "%s", error.message);
    }
    free(text);
    return right;
}

/* A certificate is of the stream without pages of RAM. */
static const char *list_tails_without_pages(struct tails *tails)
{
    struct paged_out out;
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct omitting omitting = {OMIT_RAM, tails->option, tails->bytes, tails->schema,
                                      tails->arena};
    if (!leave_out_pages(&out, &omitting, &cost, &error)) {
        tails->out_of_memory = error.kind == VMWIRE_ERROR_MEMORY;
        return "the option's reader does not accept the stream";
    }
    tails->bytes = out.bytes;
    return list_tails(tails);
}

/* Reads the stream and checks the first line. The line names the option, so it comes first. */
static bool check_begin(struct checker *checker, FILE *file)
{
    struct tails *tails = &checker->tails;
    if (!read_line(checker, file))
        return false;
    const char *name = json_string_value(json_object_get(checker->json, "option"));
    tails->option = name ? vmwire_option_find(name) : NULL;
    if (tails->option &&
        !describe_stream(checker->loaded, checker->stream, tails->option, checker->arguments))
        return refuse(checker, "the option's reader does not accept the stream");
    tails->schema = checker->loaded->schema;
    const char *wrong =
        tails->option ? list_tails_without_pages(tails) : "not the head of a certificate";
    bool right = wrong ? refuse(checker, "%s", wrong) : check_head(checker, checker->json);
    checker->changed = vmwire_arena_alloc(tails->arena, tails->bytes.length + 1);
    memcpy(checker->changed, tails->bytes.data, tails->bytes.length);
    return right;
}

static bool check_certificate(struct checker *checker, FILE *file)
{
    bool right = check_begin(checker, file);
    for (size_t i = 0; right && i < checker->tails.count; i++) {
        right = read_line(checker, file);
        if (right && !checker->json)
            return refuse(checker, "%zu tails have no line", checker->tails.count - i);
        right = right && check_tail(checker, &checker->tails.list[i], checker->json);
    }
    if (!right || !read_line(checker, file))
        return false;
    return !checker->json || refuse(checker, "more lines than the stream has tails");
}

/* ---- The program ------------------------------------------------------------------------------- */

static bool print_json_verdict(const struct checker *checker, bool accepted)
{
    json_t *line = json_object();
    put_json_string(&line, "verdict", accepted ? "accepted" : "refused");
    if (accepted) {
        put_json_unsigned(&line, "tails", checker->tails.count);
        put_json_unsigned(&line, "clean", checker->clean);
        put_json_unsigned(&line, "findings", checker->findings);
        put_json_unsigned(&line, "tails_with_findings", checker->found_in);
        put_json_unsigned(&line, "undecided", checker->undecided);
    } else {
        put_json_unsigned(&line, "line", checker->line);
        put_json_text(&line, "why", vmwire_bytes_of_string(checker->why));
    }
    return print_json_line(stdout, line);
}

/* Returns false when memory runs out. */
static bool print_verdict(const struct checker *checker, bool accepted, bool json)
{
    if (json)
        return print_json_verdict(checker, accepted);
    if (accepted) {
        printf("accepted: %zu tails: %zu clean, %zu findings in %zu tails, %zu undecided\n",
               checker->tails.count, checker->clean, checker->findings, checker->found_in,
               checker->undecided);
    } else {
        printf("refused: line %zu: ", checker->line);
        print_text(stdout, vmwire_bytes_of_string(checker->why));
        putchar('\n');
    }
    return true;
}

/* A certificate while it is checked, for an attempt. */
struct verification {
    struct checker checker;
    FILE *file;
    bool accepted;
};

static bool verify_within_attempt(void *context)
{
    struct verification *verification = context;
    verification->accepted = check_certificate(&verification->checker, verification->file);
    return true;
}

static int verify(const struct arguments *arguments, const char *stream, struct loaded_file *loaded)
{
    struct vmwire_error error;
    struct verification verification = {
        .checker = {.tails = {.schema = loaded->schema,
                              .bytes = loaded->input.bytes,
                              .arena = loaded->arena},
                    .loaded = loaded,
                    .stream = stream,
                    .arguments = arguments},
        .file = fopen(arguments->certificate, "r"),
    };
    if (!verification.file) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "cannot read the certificate: %s", strerror(errno));
        return report_error(arguments, arguments->certificate, &error);
    }
    bool checked =
        vmwire_arena_attempt(loaded->arena, verify_within_attempt, &verification, &error);
    fclose(verification.file);
    json_decref(verification.checker.json);
    if (checked && (verification.checker.tails.out_of_memory ||
                    !print_verdict(&verification.checker, verification.accepted, arguments->json)))
        checked = vmwire_error_set_memory(&error, 0);
    if (!checked)
        return report_error(arguments, arguments->certificate, &error);
    return verification.accepted ? EXIT_ACCEPTED : EXIT_REFUSED;
}

static const char usage[] =
    "vmwire-verify [--schema FILE]... [--existing DUMP] [--json] CERTIFICATE STREAM\n"
    "  checks a certificate that `vmwire check --certificate` wrote about the stream; give the "
    "same\n"
    "  --schema and --existing as there. Exit status: 0 accepted, 1 refused, 2 bad input or "
    "usage.\n";

/* Reads the options into `arguments`. Returns -1, or the exit status if the program is to end. */
static int read_options(struct arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {{"schema", required_argument, NULL, 's'},
                                            {"existing", required_argument, NULL, 'e'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int found; (found = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (found == 's') {
            arguments->schemas[arguments->schema_count++] = optarg;
        } else if (found == 'e' && !arguments->existing) {
            arguments->existing = optarg;
        } else if (found == 'j') {
            arguments->json = true;
        } else {
            fputs(usage, found == 'h' ? stdout : stderr);
            return found == 'h' ? EXIT_ACCEPTED : EXIT_BAD_INPUT;
        }
    }
    return -1;
}

static int run(struct arguments *arguments, int argc, char **argv)
{
    int code = read_options(arguments, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind != 2) {
        fputs(usage, stderr);
        return EXIT_BAD_INPUT;
    }
    arguments->certificate = argv[optind];
    struct loaded_file loaded = {0};
    bool good = load_stream(&loaded, argv[optind + 1], arguments);
    code = good ? verify(arguments, argv[optind + 1], &loaded) : EXIT_BAD_INPUT;
    unload(&loaded);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.schemas = calloc((size_t)argc, sizeof(char *))};
    if (!arguments.schemas) {
        struct vmwire_error error;
        vmwire_error_set_memory(&error, (size_t)argc * sizeof(char *));
        return report_error(&arguments, "command line", &error);
    }
    int code = run(&arguments, argc, argv);
    free(arguments.schemas);
    return fflush(stdout) == 0 ? code : EXIT_BAD_INPUT;
}
