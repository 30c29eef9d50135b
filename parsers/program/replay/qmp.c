/* SPDX-License-Identifier: MIT */
/*
 * The QMP side of a replay.
 */
#include "program/replay/qmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vmwire/json.h"

/* A few short lines always fit into the empty socket, so sending never waits. It fails only after QEMU
 * has ended. */
static void send_command(struct qmp *qmp, const char *text)
{
    size_t length = strlen(text);
    if (send(qmp->socket, text, length, MSG_NOSIGNAL) != (ssize_t)length)
        qmp->ended = true;
}

static void send_quit(struct qmp *qmp)
{
    qmp->ended = true;
    send_command(qmp, "{\"execute\": \"quit\"}");
}

static void send_capabilities(struct qmp *qmp)
{
    json_t *list = json_array();
    size_t i;
    json_t *name;
    json_array_append_new(list, json_pack("{s:s, s:b}", "capability", "events", "state", 1));
    json_array_foreach(qmp->capabilities, i, name)
    {
        json_array_append_new(
            list, json_pack("{s:s, s:b}", "capability", json_string_value(name), "state", 1));
    }
    json_t *command = json_pack("{s:s, s:{s:o}}", "execute", "migrate-set-capabilities",
                                "arguments", "capabilities", list);
    char *text = command ? json_dumps(command, JSON_COMPACT) : NULL;
    if (text)
        send_command(qmp, text);
    else
        qmp->out_of_memory = true;
    free(text);
    json_decref(command);
}

static void send_stream_address(struct qmp *qmp)
{
    char text[128];
    snprintf(text, sizeof(text),
             "{\"execute\": \"migrate-incoming\", \"arguments\": {\"uri\": \"%s%d\"}}",
             qmp->seekable ? "file:/dev/fdset/" : "fd:", qmp->seekable ? 1 : qmp->inherited);
    send_command(qmp, text);
}

static void send_next_command(struct qmp *qmp)
{
    switch (qmp->step) {
    case QMP_NEGOTIATE:
        send_command(qmp, "{\"execute\": \"qmp_capabilities\"}");
        break;
    case QMP_SET_CAPABILITIES:
        send_capabilities(qmp);
        break;
    case QMP_START_MIGRATION:
        send_stream_address(qmp);
        break;
    case QMP_LOADING:
        return;
    }
    qmp->step++;
}

static void hear_greeting(struct qmp *qmp, const json_t *greeting)
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
    qmp->answer->version = vmwire_arena_string(qmp->arena, text, strlen(text));
    send_next_command(qmp);
}

/* An event says that the migration ended, query-migrate says how. */
static void hear_status(struct qmp *qmp, const json_t *status, bool is_answer)
{
    const char *name = json_string_value(status);
    bool completed = name && strcmp(name, "completed") == 0;
    bool failed = name && strcmp(name, "failed") == 0;
    if (!completed && !failed)
        return;
    if (!is_answer) {
        send_command(qmp, "{\"execute\": \"query-migrate\"}");
        return;
    }
    qmp->completed = completed;
    send_quit(qmp);
}

static void hear_error(struct qmp *qmp, const json_t *problem)
{
    const char *text = json_string_value(json_object_get(problem, "desc"));
    qmp->answer->message =
        vmwire_arena_string(qmp->arena, text ? text : "", text ? strlen(text) : 0);
    qmp->answer->verdict = QEMU_UNABLE;
    send_quit(qmp);
}

void hear_qmp_line(struct qmp *qmp, const char *line)
{
    struct vmwire_error error = {0};
    json_t *message = vmwire_json_parse(vmwire_bytes_of_string(line), 0, &error);
    qmp->out_of_memory |= error.kind == VMWIRE_ERROR_MEMORY;
    const json_t *greeting = json_object_get(message, "QMP");
    const json_t *answer = json_object_get(message, "return");
    const json_t *problem = json_object_get(message, "error");
    const json_t *data = json_object_get(message, "data");
    const char *event = json_string_value(json_object_get(message, "event"));
    qmp->greeted |= greeting != NULL;
    qmp->foreign |= !qmp->greeted && !qmp->out_of_memory;
    if (greeting)
        hear_greeting(qmp, greeting);
    else if (json_object_get(answer, "status"))
        hear_status(qmp, json_object_get(answer, "status"), true);
    else if (answer)
        send_next_command(qmp);
    else if (event && strcmp(event, "MIGRATION") == 0)
        hear_status(qmp, json_object_get(data, "status"), false);
    else if (problem && !qmp->ended)
        hear_error(qmp, problem);
    json_decref(message);
}
