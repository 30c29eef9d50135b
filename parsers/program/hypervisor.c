/*
 * Driving a real QEMU. It waits for the stream ("-incoming defer") until it is told over QMP, which
 * it speaks on its standard input and output, where the stream is: at a socket that it inherited, so
 * that nothing has to be visible in the folder that it is shut in. Its trace events and its errors
 * come on its standard error, in order.
 */
#include "hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *answer_name(enum answer answer)
{
    static const char *const names[] = {
        [ANSWER_ACCEPT] = "accept", [ANSWER_TRUNCATED] = "truncated",
        [ANSWER_REJECT] = "reject", [ANSWER_SEMANTIC] = "semantic",
        [ANSWER_CRASH] = "crash",   [ANSWER_HANG] = "hang",
        [ANSWER_UNABLE] = "unable",
    };
    return names[answer];
}

/* ---- What it says ------------------------------------------------------------------------------ */

/*
 * A line that QEMU says of a migration that failed, and the rule of its loader behind it. QEMU names
 * the cause and then what it failed, up to "load of migration failed"; so the first rule that any
 * line fits is the one, and those at the end are for causes that it did not name.
 */
static const struct saying {
    const char *pattern; /* as of fnmatch(3) */
    enum answer answer;
    const char *rule;
} sayings[] = {
    /* The format: migration/vmstate.c */
    {"*VM subsection '*", ANSWER_REJECT, "vmstate_subsection_load: no subsection of that name"},
    {"*: incoming version_id * is too new*", ANSWER_REJECT, "vmstate_load_state: version_id"},
    {"*: incoming version_id * is too old*", ANSWER_REJECT, "vmstate_load_state: version_id"},
    {"*expected VMS_NULLPTR_MARKER*", ANSWER_REJECT, "get_nullptr: the marker of a null pointer"},
    /* migration/savevm.c */
    {"*Missing section footer for *", ANSWER_REJECT, "check_section_footer"},
    {"*Mismatched section id in footer for *", ANSWER_REJECT, "check_section_footer"},
    {"*Unknown savevm section type *", ANSWER_REJECT, "qemu_loadvm_state_main: type of a section"},
    {"*Unknown section type *", ANSWER_REJECT, "qemu_loadvm_state_main: type of a section"},
    {"*Unknown savevm section [0-9]*", ANSWER_REJECT, "qemu_loadvm_section_part_end: section_id"},
    {"*Unknown section [0-9]*", ANSWER_REJECT, "qemu_loadvm_section_part_end: section_id"},
    {"*nsupported version * for *", ANSWER_REJECT, "qemu_loadvm_section_start_full: version_id"},
    {"*Unable to read ID string*", ANSWER_REJECT, "qemu_loadvm_section_start_full: the input ends"},
    {"*Not a migration stream*", ANSWER_REJECT, "qemu_loadvm_state_header: the magic"},
    {"*SaveVM v2 format is obsolete*", ANSWER_REJECT, "qemu_loadvm_state_header: the version"},
    {"*nsupported migration stream version*", ANSWER_REJECT,
     "qemu_loadvm_state_header: the version"},
    {"*Configuration section missing*", ANSWER_REJECT, "qemu_loadvm_state_header: configuration"},
    {"*MIG_CMD 0x* unknown*", ANSWER_REJECT, "loadvm_process_command: the command"},
    {"*Unknown MIG_CMD*", ANSWER_REJECT, "loadvm_process_command: the command"},
    {"*received with bad length*", ANSWER_REJECT, "loadvm_process_command: the length"},
    {"*nreasonably large packaged state*", ANSWER_REJECT, "loadvm_handle_cmd_packaged: the length"},
    {"*nknown combination of migration flags*", ANSWER_REJECT, "ram_load: the flags"},
    /* Its own reasons */
    {"*Unknown savevm section or instance *", ANSWER_SEMANTIC, "find_se: it has no such device"},
    {"*Unknown section or instance *", ANSWER_SEMANTIC, "find_se: it has no such device"},
    {"*Machine type received is *", ANSWER_SEMANTIC, "configuration_post_load: the machine"},
    {"*but received capability is *", ANSWER_SEMANTIC, "configuration_validate_capabilities"},
    {"*Received unknown capability *", ANSWER_SEMANTIC, "get_capability: no such capability"},
    {"*received page size*", ANSWER_SEMANTIC, "vmstate_target_page_bits: the page's size"},
    {"*nknown ramblock *", ANSWER_SEMANTIC, "ram_load: it has no such block"},
    {"*Size mismatch: *", ANSWER_SEMANTIC, "parse_ramblock: the block's size"},
    {"*Length mismatch: *", ANSWER_SEMANTIC, "parse_ramblock: the block's size"},
    {"*Illegal RAM offset *", ANSWER_SEMANTIC, "ram_load: outside of the block"},
    {"*Mismatched RAM page size *", ANSWER_SEMANTIC, "parse_ramblock: the page's size"},
    {"*Mismatched GPAs for block *", ANSWER_SEMANTIC, "parse_ramblock: the block's address"},
    {"*Input validation failed: *", ANSWER_SEMANTIC, "VMSTATE_VALIDATE: the device's own test"},
    {"*: [0-9a-f]* != [0-9a-f]*", ANSWER_SEMANTIC,
     "vmstate_info_..._equal: not the reader's value"},
    {"*Invalid IRQ * on load*", ANSWER_SEMANTIC, "the device's post_load"},
    {"*Bad config data: *", ANSWER_SEMANTIC,
     "get_pci_config_device: a byte the device cannot have"},
    /* No cause named. The first tells an end of the input, that every field looks for. */
    {"*stream error: -5*", ANSWER_REJECT, "qemu_file_get_error: the input ends"},
    {"*load of migration failed: Input/output error*", ANSWER_REJECT,
     "qemu_file_get_error: the input ends"},
    {"*Failed to load element of type *", ANSWER_SEMANTIC, "the field's own loading function"},
    {"*Failed to load *", ANSWER_SEMANTIC, "the field's own loading function, or a post_load"},
    {"*error while loading state *", ANSWER_SEMANTIC, "the device's post_load or pre_load"},
    {"*load of migration failed*", ANSWER_SEMANTIC, "no reason given"},
};

static const struct saying *saying_of(const char *line, size_t i)
{
    return fnmatch(sayings[i].pattern, line, 0) == 0 ? &sayings[i] : NULL;
}

/* ---- What it is told to do ----------------------------------------------------------------------- */

static const char *const traced[] = {"vmstate_subsection_load*", "vmstate_load_state*",
                                     "qemu_loadvm_state_section*", "vmstate_n_elems"};

struct child {
    pid_t pid;
    int in, out, errors; /* of QMP, and of what it says */
    int stream;          /* the end that the stream is written to; -1 when it is all written */
    int inherited;       /* the number of the other end, as it knows it */
};

/* The capture's own command with another program, that waits for the stream and traces. */
static const char **command_line(const struct hypervisor *hypervisor, const struct trial *trial,
                                 int inherited, struct arena *arena)
{
    size_t count = json_array_size(trial->command), traces = sizeof(traced) / sizeof(traced[0]);
    const char **arguments = arena_alloc(arena, (count + 2 * traces + 5) * sizeof(*arguments));
    size_t used = 0;
    arguments[used++] = hypervisor->program;
    for (size_t i = 1; i < count; i++)
        arguments[used++] = json_string_value(json_array_get(trial->command, i));
    arguments[used++] = "-incoming";
    arguments[used++] = "defer";
    for (size_t i = 0; i < traces; i++) {
        arguments[used++] = "-trace";
        arguments[used++] = traced[i];
    }
    if (trial->seekable) {
        char *text = arena_alloc(arena, 32);
        snprintf(text, 32, "fd=%d,set=1", inherited);
        arguments[used++] = "-add-fd";
        arguments[used++] = text;
    }
    arguments[used] = NULL;
    return arguments;
}

/* In the new process: never comes back. A failure is told through `status`. */
static void become(const struct hypervisor *hypervisor, const char **arguments, const int ends[3],
                   int inherited, int status)
{
    bool ready = dup2(ends[0], STDIN_FILENO) >= 0 && dup2(ends[1], STDOUT_FILENO) >= 0 &&
                 dup2(ends[2], STDERR_FILENO) >= 0 && fcntl(inherited, F_SETFD, 0) == 0;
    if (ready && (!hypervisor->root || (chroot(hypervisor->root) == 0 && chdir("/") == 0)))
        execvp(hypervisor->program, (char *const *)arguments);
    int problem = errno;
    ssize_t told = write(status, &problem, sizeof(problem));
    _exit(told == sizeof(problem) ? 127 : 126);
}

/* Whether the new process became the program: it says nothing then. */
static int why_not_started(int status)
{
    int problem = 0;
    ssize_t length;
    do
        length = read(status, &problem, sizeof(problem));
    while (length < 0 && errno == EINTR);
    return length == sizeof(problem) ? problem : 0;
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Two connected ends. */
struct pair {
    int ours, theirs;
};

enum { IN, OUT, ERRORS, STATUS, STREAM, PAIRS };

static void close_pairs(struct pair pairs[PAIRS])
{
    for (int i = 0; i < PAIRS; i++) {
        close_one(&pairs[i].ours);
        close_one(&pairs[i].theirs);
    }
}

static bool open_pair(struct pair *pair)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    *pair = (struct pair){ends[0], ends[1]};
    return true;
}

static bool open_pairs(struct pair pairs[PAIRS], const struct trial *trial)
{
    for (int i = 0; i < PAIRS; i++)
        pairs[i] = (struct pair){-1, -1};
    for (int i = 0; i < STREAM; i++)
        if (!open_pair(&pairs[i]))
            return false;
    if (!trial->seekable)
        return open_pair(&pairs[STREAM]);
    pairs[STREAM].theirs = open(trial->file, O_RDONLY | O_CLOEXEC);
    return pairs[STREAM].theirs >= 0;
}

/* Its ends are closed here; of those that stay open, the child has the numbers. */
static bool start(struct child *child, const struct hypervisor *hypervisor,
                  const struct trial *trial, struct arena *arena, struct error *error)
{
    struct pair pairs[PAIRS];
    if (!open_pairs(pairs, trial)) {
        error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot connect to %s: %s",
                  hypervisor->program, strerror(errno));
        close_pairs(pairs);
        return false;
    }
    const int theirs[3] = {pairs[IN].theirs, pairs[OUT].theirs, pairs[ERRORS].theirs};
    int inherited = pairs[STREAM].theirs;
    const char **arguments = command_line(hypervisor, trial, inherited, arena);
    pid_t pid = fork();
    if (pid == 0)
        become(hypervisor, arguments, theirs, inherited, pairs[STATUS].theirs);
    for (int i = 0; i < PAIRS; i++)
        close_one(&pairs[i].theirs);
    int problem = pid < 0 ? errno : why_not_started(pairs[STATUS].ours);
    close_one(&pairs[STATUS].ours);
    *child = (struct child){
        pid, pairs[IN].ours, pairs[OUT].ours, pairs[ERRORS].ours, pairs[STREAM].ours, inherited};
    if (!problem)
        return true;
    close_pairs(pairs);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot run \"%s\"%s%s: %s",
                     hypervisor->program, hypervisor->root ? " in " : "",
                     hypervisor->root ? hypervisor->root : "", strerror(problem));
}

/* ---- The conversation ------------------------------------------------------------------------------ */

/* Lines as they come in pieces. */
struct lines {
    char *text;
    size_t length, room;
    bool ended;
};

/* A record that it is loading, as its trace tells. */
struct loading {
    const char *structure;
    const char *field; /* the one it is at */
    uint64_t fields;   /* as of struct decision_made */
    bool at_tail;
    bool hidden; /* within a private encoding */
};

enum { LOADING_LIMIT = 256 };

struct conversation {
    const struct trial *trial;
    struct arena *arena;
    struct testimony *testimony;
    struct child child;
    struct lines out, errors;
    size_t written; /* bytes of the stream */
    int step;       /* how far QMP has come */
    bool completed; /* as query-migrate says */
    bool refused;   /* as it says itself */
    bool traced;    /* an event was heard */
    bool ended;     /* it was told to quit, or has quit */
    struct loading loading[LOADING_LIMIT];
    size_t depth;
    size_t decision_room;
    size_t saying;     /* the best so far */
    const char *begun; /* an event whose name holds ends of lines; NULL: none */
};

static const char *copy(struct conversation *talk, const char *text)
{
    return arena_string(talk->arena, text, strlen(text));
}

static void tell(struct conversation *talk, const char *text)
{
    size_t length = strlen(text);
    /* A few short lines fit into an empty socket; one that is closed tells by its own end. */
    if (send(talk->child.in, text, length, MSG_NOSIGNAL) != (ssize_t)length)
        talk->ended = true;
}

static void tell_to_set_capabilities(struct conversation *talk)
{
    json_t *list = json_array();
    size_t i;
    json_t *name;
    json_array_append_new(list, json_pack("{s:s, s:b}", "capability", "events", "state", 1));
    json_array_foreach(talk->trial->capabilities, i, name) json_array_append_new(
        list, json_pack("{s:s, s:b}", "capability", json_string_value(name), "state", 1));
    json_t *command = json_pack("{s:s, s:{s:o}}", "execute", "migrate-set-capabilities",
                                "arguments", "capabilities", list);
    char *text = command ? json_dumps(command, JSON_COMPACT) : NULL;
    if (text)
        tell(talk, text);
    free(text);
    json_decref(command);
}

static void tell_where_the_stream_is(struct conversation *talk)
{
    char text[128];
    snprintf(text, sizeof(text),
             "{\"execute\": \"migrate-incoming\", \"arguments\": {\"uri\": \"%s%d\"}}",
             talk->trial->seekable ? "file:/dev/fdset/" : "fd:",
             talk->trial->seekable ? 1 : talk->child.inherited);
    tell(talk, text);
}

/* The commands in order; each is sent when the one before it was answered. */
static void next_step(struct conversation *talk)
{
    switch (talk->step++) {
    case 0:
        tell(talk, "{\"execute\": \"qmp_capabilities\"}");
        break;
    case 1:
        tell_to_set_capabilities(talk);
        break;
    case 2:
        tell_where_the_stream_is(talk);
        break;
    default: /* it loads; an event tells when it is done */
        break;
    }
}

static void greet(struct conversation *talk, const json_t *greeting)
{
    const json_t *version = json_object_get(greeting, "version");
    const json_t *number = json_object_get(version, "qemu");
    const char *package = json_string_value(json_object_get(version, "package"));
    char text[256];
    snprintf(text, sizeof(text), "%d.%d.%d%s%s",
             (int)json_integer_value(json_object_get(number, "major")),
             (int)json_integer_value(json_object_get(number, "minor")),
             (int)json_integer_value(json_object_get(number, "micro")),
             package && *package ? " " : "", package ? package : "");
    talk->testimony->version = copy(talk, text);
    next_step(talk);
}

static void hear_status(struct conversation *talk, const json_t *status, bool asked)
{
    const char *name = json_string_value(status);
    bool completed = name && strcmp(name, "completed") == 0;
    bool failed = name && strcmp(name, "failed") == 0;
    if (!completed && !failed)
        return;
    if (!asked) {
        tell(talk, "{\"execute\": \"query-migrate\"}");
        return;
    }
    talk->completed = completed;
    talk->ended = true;
    tell(talk, "{\"execute\": \"quit\"}");
}

static void hear_qmp(struct conversation *talk, const char *line)
{
    json_t *message = json_loads(line, 0, NULL);
    const json_t *greeting = json_object_get(message, "QMP");
    const json_t *answer = json_object_get(message, "return");
    const json_t *problem = json_object_get(message, "error");
    const json_t *data = json_object_get(message, "data");
    const char *event = json_string_value(json_object_get(message, "event"));
    if (greeting)
        greet(talk, greeting);
    else if (json_object_get(answer, "status"))
        hear_status(talk, json_object_get(answer, "status"), true);
    else if (answer)
        next_step(talk);
    else if (event && strcmp(event, "MIGRATION") == 0)
        hear_status(talk, json_object_get(data, "status"), false);
    else if (problem && !talk->ended) {
        const char *text = json_string_value(json_object_get(problem, "desc"));
        talk->testimony->message = copy(talk, text ? text : "");
        talk->testimony->answer = ANSWER_UNABLE;
        talk->ended = true;
        tell(talk, "{\"execute\": \"quit\"}");
    }
    json_decref(message);
}

/* ---- Its trace ----------------------------------------------------------------------------------- */

static struct loading *innermost(struct conversation *talk)
{
    return talk->depth ? &talk->loading[talk->depth - 1] : NULL;
}

static void decided(struct conversation *talk, const char *name, bool known)
{
    const struct loading *record = innermost(talk);
    struct testimony *testimony = talk->testimony;
    if (record->hidden) {
        testimony->hidden++;
        return;
    }
    testimony->decisions = arena_grow(talk->arena, testimony->decisions, testimony->decision_count,
                                      &talk->decision_room, sizeof(*testimony->decisions));
    testimony->decisions[testimony->decision_count++] =
        (struct decision_made){record->structure, name, known, record->fields};
}

/* The rest of the line up to `end`, or NULL where that is not in it. */
static const char *up_to(struct conversation *talk, const char *text, const char *end)
{
    const char *found = NULL;
    for (const char *each = text; (each = strstr(each, end)); each++)
        found = each;
    return found ? arena_string(talk->arena, text, (size_t)(found - text)) : NULL;
}

/* "STRUCTURE vVERSION": a record begins. Where the one around it is at its tail, it is that of a
 * subsection, which was taken thereby. */
static void trace_begins(struct conversation *talk, const char *rest)
{
    const char *name = up_to(talk, rest, " v");
    const struct loading *around = innermost(talk);
    if (!name || talk->depth == LOADING_LIMIT)
        return;
    bool hidden = around && around->hidden;
    if (around && around->at_tail)
        decided(talk, name, true);
    else if (around && around->field)
        hidden |= talk->trial->is_private(talk->trial->context, around->structure, around->field);
    talk->loading[talk->depth++] = (struct loading){.structure = name, .hidden = hidden};
}

static void trace_ends(struct conversation *talk, const char *rest)
{
    (void)rest;
    talk->depth -= talk->depth > 0;
}

/* "STRUCTURE:FIELD", and in newer releases " exists=N" */
static void trace_field(struct conversation *talk, const char *rest)
{
    struct loading *record = innermost(talk);
    size_t length = record ? strlen(record->structure) : 0;
    if (!record || strncmp(rest, record->structure, length) != 0 || rest[length] != ':')
        return;
    const char *field = up_to(talk, rest + length + 1, " exists=");
    record->field = field ? field : copy(talk, rest + length + 1);
}

/* "FIELD: ELEMENTS", of a field that is there. */
static void trace_elements(struct conversation *talk, const char *rest)
{
    struct loading *record = innermost(talk);
    for (const char *each = rest; record && *each; each++) /* FNV-1a */
        record->fields = (record->fields ^ (uint8_t)*each) * 0x100000001b3;
}

static void trace_tail(struct conversation *talk, const char *rest)
{
    (void)rest;
    if (talk->depth)
        innermost(talk)->at_tail = true;
}

static void trace_good(struct conversation *talk, const char *rest)
{
    (void)rest;
    if (talk->depth)
        decided(talk, NULL, true);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* How "STRUCTURE: NAME/(REASON)" ends, and whether the record ends there. Where the name is unknown
 * it was taken for one, and a child's failure is no decision of its own. */
static const struct {
    const char *reason;
    bool record_ends;
} reasons[] = {
    {": (short)/", true}, {": (peek fail)/", true}, {"/(prefix)", true},
    {"/(lookup)", false}, {"/(child)", false},
};

/* A name is any bytes, also those that end a line. */
static bool is_whole(const char *rest)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (ends_with(rest, reasons[i].reason))
            return true;
    return false;
}

static void trace_bad(struct conversation *talk, const char *rest)
{
    const struct loading *record = innermost(talk);
    if (!record)
        return;
    size_t name = strlen(record->structure) + strlen(": ");
    if (ends_with(rest, "/(lookup)") && strlen(rest) >= name)
        decided(talk, up_to(talk, rest + name, "/(lookup)"), false);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].record_ends && ends_with(rest, reasons[i].reason)) {
            decided(talk, NULL, true);
            return;
        }
}

static void trace_section(struct conversation *talk, const char *rest)
{
    (void)rest;
    talk->depth = 0;
    talk->testimony->sections++;
}

static const char bad_event[] = "vmstate_subsection_load_bad ";

static const struct {
    const char *event;
    void (*heard)(struct conversation *talk, const char *rest);
} events[] = {
    {"vmstate_load_state ", trace_begins},
    {"vmstate_load_state_end ", trace_ends},     /* to QEMU 10 */
    {"vmstate_load_state_success ", trace_ends}, /* from QEMU 11 */
    {"vmstate_load_state_field ", trace_field},
    {"vmstate_n_elems ", trace_elements},
    {"vmstate_subsection_load ", trace_tail},
    {"vmstate_subsection_load_good ", trace_good},
    {bad_event, trace_bad},
    {"qemu_loadvm_state_section_startfull ", trace_section},
};

/* QEMU before 6.1 puts "PID@SECONDS.MICROSECONDS:" before an event. */
static const char *without_time(const char *line)
{
    size_t digits = strspn(line, "0123456789@.");
    return digits && line[digits] == ':' ? line + digits + 1 : line;
}

/* The line, with those before it whose name it continues; NULL where it goes on in the next. */
static const char *whole_line(struct conversation *talk, const char *line)
{
    if (talk->begun) {
        size_t size = strlen(talk->begun) + 1 + strlen(line) + 1;
        char *joined = arena_alloc(talk->arena, size);
        snprintf(joined, size, "%s\n%s", talk->begun, line);
        line = joined;
    }
    bool goes_on = strncmp(line, bad_event, strlen(bad_event)) == 0 && !is_whole(line);
    talk->begun = goes_on ? copy(talk, line) : NULL;
    return goes_on ? NULL : line;
}

static bool hear_event(struct conversation *talk, const char *line)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strncmp(line, events[i].event, strlen(events[i].event)) == 0) {
            talk->traced = true;
            events[i].heard(talk, line + strlen(events[i].event));
            return true;
        }
    return strncmp(line, "vmstate_", 8) == 0 || strncmp(line, "qemu_loadvm_", 12) == 0;
}

/* Some of its warnings do not end their line, so that the first event stands behind one. */
static bool hear_trace(struct conversation *talk, const char *line)
{
    line = whole_line(talk, without_time(line));
    if (!line || hear_event(talk, line))
        return true;
    const char *first = talk->traced ? NULL : strstr(line, "vmstate_load_state ");
    return first && hear_event(talk, first);
}

/* What it says that is no event: the saying that is first in the table is kept. */
static void hear_line(struct conversation *talk, const char *line)
{
    if (hear_trace(talk, line) || strstr(line, "warning: "))
        return;
    talk->refused |= strstr(line, "load of migration failed") != NULL;
    for (size_t i = 0; i < talk->saying; i++)
        if (saying_of(line, i)) {
            const char *text = strstr(line, ": ");
            talk->saying = i;
            talk->testimony->message = copy(talk, text ? text + 2 : line);
            return;
        }
    if (!talk->testimony->message[0] && line[0])
        talk->testimony->message = copy(talk, line);
}

/* ---- Both ways at once ------------------------------------------------------------------------------ */

static void take_lines(struct conversation *talk, struct lines *lines, int descriptor,
                       void (*heard)(struct conversation *talk, const char *line))
{
    if (lines->room < lines->length + 65536) {
        lines->room = 2 * lines->length + 131072;
        char *larger = realloc(lines->text, lines->room);
        if (!larger)
            abort();
        lines->text = larger;
    }
    ssize_t got = recv(descriptor, lines->text + lines->length, lines->room - lines->length - 1,
                       MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lines->ended = true;
        return;
    }
    lines->length += (size_t)got;
    char *begin = lines->text, *end;
    char *limit = lines->text + lines->length;
    while ((end = memchr(begin, '\n', (size_t)(limit - begin)))) {
        *end = '\0';
        heard(talk, begin);
        begin = end + 1;
    }
    lines->length = (size_t)(limit - begin);
    memmove(lines->text, begin, lines->length);
}

static void feed(struct conversation *talk)
{
    struct bytes stream = talk->trial->stream;
    ssize_t sent = send(talk->child.stream, stream.data + talk->written,
                        stream.length - talk->written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    talk->written += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || talk->written == stream.length) {
        shutdown(talk->child.stream, SHUT_WR);
        close_one(&talk->child.stream);
    }
}

static long long milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Until it has ended, both its outputs. False when its time ran out. */
static bool converse(struct conversation *talk, int patience)
{
    long long deadline = milliseconds() + (long long)patience * 1000;
    while (!talk->out.ended || !talk->errors.ended) {
        struct pollfd polled[] = {
            {.fd = talk->out.ended ? -1 : talk->child.out, .events = POLLIN},
            {.fd = talk->errors.ended ? -1 : talk->child.errors, .events = POLLIN},
            {.fd = talk->step > 2 ? talk->child.stream : -1, .events = POLLOUT},
        };
        long long left = deadline - milliseconds();
        if (left <= 0)
            return false;
        if (poll(polled, 3, (int)left) < 0)
            continue;
        if (polled[0].revents)
            take_lines(talk, &talk->out, talk->child.out, hear_qmp);
        if (polled[1].revents)
            take_lines(talk, &talk->errors, talk->child.errors, hear_line);
        if (polled[2].revents)
            feed(talk);
    }
    return true;
}

/* What it answered, from how it ended and what it said. */
static void conclude(struct conversation *talk, bool in_time, int status)
{
    struct testimony *testimony = talk->testimony;
    const size_t count = sizeof(sayings) / sizeof(sayings[0]);
    const struct decision_made *last =
        testimony->decision_count ? &testimony->decisions[testimony->decision_count - 1] : NULL;
    if (talk->completed)
        *testimony = (struct testimony){ANSWER_ACCEPT,
                                        testimony->version,
                                        "",
                                        "",
                                        testimony->decisions,
                                        testimony->decision_count,
                                        testimony->hidden,
                                        testimony->sections};
    else if (!in_time)
        testimony->answer = ANSWER_HANG;
    else if (WIFSIGNALED(status) && !talk->refused)
        testimony->answer = ANSWER_CRASH;
    else if (talk->step < 3 || testimony->answer == ANSWER_UNABLE)
        testimony->answer = ANSWER_UNABLE;
    else if (last && !last->known) {
        testimony->answer = ANSWER_REJECT;
        testimony->rule = sayings[0].rule;
    } else if (talk->saying < count) {
        testimony->answer = sayings[talk->saying].answer;
        testimony->rule = sayings[talk->saying].rule;
    } else
        testimony->answer = ANSWER_SEMANTIC;
}

static int end_child(struct child *child, bool in_time)
{
    int status = 0;
    if (!in_time)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_one(&child->in);
    close_one(&child->out);
    close_one(&child->errors);
    close_one(&child->stream);
    return status;
}

bool hypervisor_ask(const struct hypervisor *hypervisor, const struct trial *trial,
                    struct arena *arena, struct testimony *testimony, struct error *error)
{
    struct conversation *talk = arena_alloc(arena, sizeof(*talk));
    *testimony =
        (struct testimony){.answer = ANSWER_ACCEPT, .version = "", .message = "", .rule = ""};
    *talk = (struct conversation){.trial = trial,
                                  .arena = arena,
                                  .testimony = testimony,
                                  .saying = sizeof(sayings) / sizeof(sayings[0])};
    if (!start(&talk->child, hypervisor, trial, arena, error))
        return false;
    bool in_time = converse(talk, hypervisor->patience);
    int status = end_child(&talk->child, in_time);
    conclude(talk, in_time, status);
    free(talk->out.text);
    free(talk->errors.text);
    return true;
}
