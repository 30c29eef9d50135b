/* SPDX-License-Identifier: MIT */
/*
 * Feeds a stream to a real QEMU and hears it: QMP on one socket, trace events and messages on
 * another.
 */
#include "program/replay/ask_qemu.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "program/replay/qemu_messages.h"
#include "program/replay/qmp.h"

enum { LONGEST_LINE = 1 << 24 /* bytes; a longer one is no QEMU's */ };

/* Collects what a socket delivers until a line is complete. */
struct line_buffer {
    char *text;
    size_t length, room;
    bool ended;
};

struct conversation {
    const struct qemu_question *question;
    struct vmwire_arena *arena;
    struct qemu_answer *answer;
    struct vmwire_error *error;
    struct qemu_process process;
    struct standby *standby; /* that the process is a copy of; NULL: it is none */
    struct qmp qmp;
    struct qemu_trace trace;
    struct line_buffer output, errors;
    size_t written; /* bytes of the stream */
    size_t message; /* index of the best message so far */
    bool refused;   /* QEMU said that the load failed */
    bool in_time;   /* it has closed its outputs */
};

/* ---- Hearing ----------------------------------------------------------------------------------- */

static void hear_output_line(struct conversation *talk, const char *line)
{
    hear_qmp_line(&talk->qmp, line);
}

/* Keeps the message that stands first in the table, or else the first line. */
static void hear_error_line(struct conversation *talk, const char *line)
{
    if (hear_trace_line(&talk->trace, line) || strstr(line, "warning: "))
        return;
    talk->refused |= strstr(line, "load of migration failed") != NULL;
    size_t message = find_qemu_message(line, talk->message);
    const char *text = NULL;
    if (message < talk->message) {
        const char *colon = strstr(line, ": ");
        text = colon ? colon + 2 : line;
        talk->message = message;
    } else if (!talk->answer->message[0] && line[0]) {
        text = line;
    }
    if (text)
        talk->answer->message = vmwire_arena_string(talk->arena, text, strlen(text));
}

static void make_room(struct line_buffer *lines, struct vmwire_arena *arena)
{
    if (lines->room >= lines->length + 65536)
        return;
    lines->room = 2 * lines->length + 131072;
    char *larger = vmwire_arena_alloc(arena, lines->room);
    if (lines->length)
        memcpy(larger, lines->text, lines->length);
    lines->text = larger;
}

static void receive_lines(struct conversation *talk, struct line_buffer *lines, int descriptor,
                          void (*hear)(struct conversation *talk, const char *line))
{
    make_room(lines, talk->arena);
    ssize_t got = recv(descriptor, lines->text + lines->length, lines->room - lines->length - 1,
                       MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || lines->length > LONGEST_LINE) {
        lines->ended = true;
        return;
    }
    lines->length += (size_t)got;
    char *begin = lines->text, *end;
    char *limit = lines->text + lines->length;
    while ((end = memchr(begin, '\n', (size_t)(limit - begin)))) {
        *end = '\0';
        hear(talk, begin);
        begin = end + 1;
    }
    lines->length = (size_t)(limit - begin);
    memmove(lines->text, begin, lines->length);
}

/* ---- Both ways at once ------------------------------------------------------------------------- */

static void send_stream(struct conversation *talk)
{
    struct vmwire_bytes stream = talk->question->stream;
    ssize_t sent = send(talk->process.stream, stream.data + talk->written,
                        stream.length - talk->written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    talk->written += sent > 0 ? (size_t)sent : 0;
    if (sent < 0 || talk->written == stream.length)
        close_qemu_stream(&talk->process);
}

static long long read_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Talks until QEMU has closed both outputs, or a copy has loaded the stream, or it takes too long. Returns false with the error set when memory runs out. */
static bool converse(void *context)
{
    struct conversation *talk = context;
    long long deadline = read_clock() + (long long)talk->question->patience * 1000;
    while ((!talk->output.ended || !talk->errors.ended) && !talk->trace.completed) {
        struct pollfd polled[] = {
            {.fd = talk->output.ended ? -1 : talk->process.qmp_output, .events = POLLIN},
            {.fd = talk->errors.ended ? -1 : talk->process.errors, .events = POLLIN},
            {.fd = talk->qmp.step == QMP_LOADING ? talk->process.stream : -1, .events = POLLOUT},
        };
        if (talk->qmp.foreign)
            return true;
        if (talk->qmp.out_of_memory)
            return vmwire_error_set_memory(talk->error, 0);
        long long left = deadline - read_clock();
        if (left <= 0)
            return true;
        if (poll(polled, 3, (int)left) < 0)
            continue;
        if (polled[0].revents)
            receive_lines(talk, &talk->output, talk->process.qmp_output, hear_output_line);
        if (polled[1].revents)
            receive_lines(talk, &talk->errors, talk->process.errors, hear_error_line);
        if (polled[2].revents)
            send_stream(talk);
    }
    talk->in_time = true;
    return true;
}

/* ---- The answer -------------------------------------------------------------------------------- */

static void set_refusal(struct conversation *talk)
{
    struct qemu_answer *answer = talk->answer;
    const struct qemu_decision *last =
        answer->decision_count ? &answer->decisions[answer->decision_count - 1] : NULL;
    answer->verdict = QEMU_SEMANTIC;
    if (last && !last->known) {
        answer->verdict = QEMU_REJECT;
        answer->rule = qemu_messages[0].rule;
    } else if (talk->message < qemu_message_count) {
        answer->verdict = qemu_messages[talk->message].verdict;
        answer->rule = qemu_messages[talk->message].rule;
    }
}

/* Derives the verdict from how QEMU ended and from its messages. */
static void set_verdict(struct conversation *talk, bool in_time, int status)
{
    struct qemu_answer *answer = talk->answer;
    if (talk->qmp.completed || talk->trace.completed) {
        answer->verdict = QEMU_ACCEPT;
        answer->message = "";
        answer->rule = "";
    } else if (talk->qmp.foreign) {
        answer->verdict = QEMU_UNABLE;
        answer->message = "its first line is no QMP greeting";
    } else if (talk->standby && status == -1) {
        answer->verdict = QEMU_UNABLE;
        answer->message = "the QEMU that stood by has ended";
    } else if (!in_time) {
        answer->verdict = QEMU_HANG;
    } else if (WIFSIGNALED(status) && !talk->refused) {
        answer->verdict = QEMU_CRASH;
    } else if (talk->qmp.step != QMP_LOADING || answer->verdict == QEMU_UNABLE) {
        answer->verdict = QEMU_UNABLE;
    } else {
        set_refusal(talk);
    }
}

static void prepare(struct conversation *talk)
{
    const struct qemu_question *question = talk->question;
    talk->message = qemu_message_count;
    talk->qmp = (struct qmp){.socket = talk->process.qmp_input,
                             .capabilities = question->capabilities,
                             .seekable = question->launch.seekable,
                             .inherited = talk->process.inherited,
                             .arena = talk->arena,
                             .answer = talk->answer};
    talk->trace.arena = talk->arena;
    talk->trace.answer = talk->answer;
    talk->trace.private_encodings = question->private_encodings;
}

/* A copy has no QMP: it waits for the stream already. */
static bool begin_with_copy(struct conversation *talk)
{
    const struct qemu_question *question = talk->question;
    if (!start_copy(&talk->standby, &talk->process, question->standbys, &question->launch,
                    talk->arena, talk->error))
        return false;
    prepare(talk);
    talk->answer->version = question->standbys->version;
    talk->qmp.step = QMP_LOADING;
    talk->output.ended = true;
    return true;
}

static bool begin(struct conversation *talk)
{
    const struct qemu_question *question = talk->question;
    if (question->standbys)
        return begin_with_copy(talk);
    if (!start_qemu(&talk->process, &question->launch, talk->arena, talk->error))
        return false;
    prepare(talk);
    return true;
}

bool ask_qemu(const struct qemu_question *question, struct vmwire_arena *arena,
              struct qemu_answer *answer, struct vmwire_error *error)
{
    struct conversation *talk = vmwire_arena_alloc(arena, sizeof(*talk));
    *talk = (struct conversation){
        .question = question, .arena = arena, .answer = answer, .error = error};
    *answer =
        (struct qemu_answer){.verdict = QEMU_ACCEPT, .version = "", .message = "", .rule = ""};
    if (!begin(talk))
        return false;
    if (question->standbys && !talk->standby) {
        answer->verdict = QEMU_UNABLE;
        answer->message = "it does not stand by";
        return true;
    }
    bool talked = vmwire_arena_attempt(arena, converse, talk, error);
    int status = talk->standby ? end_copy(talk->standby, &talk->process)
                               : end_qemu(&talk->process, !talk->in_time);
    set_verdict(talk, talk->in_time, status);
    return talked;
}
