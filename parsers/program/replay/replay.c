/* SPDX-License-Identifier: MIT */
/*
 * vmwire replay: goes through the folders and the entries of their manifests. Checks every entry of a
 * folder before it replays the first one.
 */
#include "program/replay/replay.h"

#include "program/replay/compare_readers.h"
#include "program/replay/identify_qemu.h"
#include "program/replay/manifest_entry.h"
#include "program/replay/read_under_options.h"
#include "program/replay/replay_result.h"
#include "program/replay/replay_stream.h"
#include "program/replay/report_json.h"
#include "program/replay/report_text.h"
#include "program/shared/exit_status.h"
#include "program/shared/manifest.h"
#include "program/shared/progress.h"
#include "program/shared/report_error.h"

static struct replay_row *add_row(struct replay *replay, const struct replay_entry *entry)
{
    struct vmwire_arena *arena = replay->arena;
    replay->rows = vmwire_arena_grow(arena, replay->rows, replay->row_count, &replay->row_room,
                                     sizeof(struct replay_row));
    struct replay_row *row = &replay->rows[replay->row_count++];
    *row = (struct replay_row){
        .folder = entry->folder,
        .name = entry->name,
        .file = entry->file,
        .cells = vmwire_arena_alloc(arena, vmwire_option_count * sizeof(struct replay_cell)),
    };
    return row;
}

/* An entry while it is replayed, for an attempt. */
struct entry_replay {
    struct replay *replay;
    const struct replay_entry *entry;
    struct replay_stream stream;
    struct vmwire_error error;
    int code;
};

/* Returns false with the error set if the stream cannot be replayed. */
static bool replay_stream(struct entry_replay *each)
{
    struct replay *replay = each->replay;
    struct replay_row *row = add_row(replay, each->entry);
    if (!read_under_options(row, &each->stream, replay->arena, &each->error) ||
        (replay->arguments->qemu &&
         !compare_with_qemu(row, &each->stream, replay->arena, &each->error)))
        return false;
    each->code = row_differs(row) ? EXIT_FINDINGS : EXIT_CLEAN;
    return true;
}

static bool replay_within_attempt(void *context)
{
    struct entry_replay *each = context;
    /* The rows and the stream's arena have one owner. So one attempt is for both. */
    each->stream.loaded.arena = vmwire_arena_create_within(each->replay->arena);
    each->code = EXIT_BAD_INPUT;
    return !open_replay_stream(&each->stream, each->entry, each->replay->arguments) ||
           replay_stream(each);
}

static int replay_entry(struct replay *replay, const struct replay_entry *entry)
{
    const struct arguments *arguments = replay->arguments;
    struct entry_replay each = {
        .replay = replay,
        .entry = entry,
        .stream = {.safeguards = replay->safeguards,
                   .standbys = arguments->standby ? &replay->standbys : NULL}};
    show_progress(replay->row_count, "replayed", entry->name);
    if (!vmwire_arena_attempt(replay->arena, replay_within_attempt, &each, &each.error))
        each.code = report_error(
            arguments, each.error.kind == VMWIRE_ERROR_FILE ? arguments->qemu : entry->file,
            &each.error);
    close_replay_stream(&each.stream);
    return each.code;
}

static int replay_all(struct replay *replay, const struct replay_entry *entries, size_t count)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < count && worst != EXIT_BAD_INPUT; i++) {
        int code = replay_entry(replay, &entries[i]);
        if (code != EXIT_BAD_INPUT && replay->arguments->json &&
            !print_row_json(&replay->rows[replay->row_count - 1]))
            code = report_out_of_memory(replay->arguments, entries[i].file);
        worst = code > worst ? code : worst;
    }
    return worst;
}

/* A folder while it is replayed, for an attempt. */
struct folder_replay {
    struct replay *replay;
    const char *folder;
    json_t *manifest;
    int code;
};

static int replay_folder(struct folder_replay *each)
{
    struct replay *replay = each->replay;
    const char *file = join_path(replay->arena, each->folder, "manifest.json");
    struct vmwire_error error = {0};
    each->manifest = load_manifest(replay->arguments, each->folder, file, &error);
    if (!each->manifest)
        return report_error(replay->arguments, file, &error);
    size_t count = json_array_size(each->manifest);
    struct replay_entry *entries = vmwire_arena_alloc(replay->arena, count * sizeof(*entries));
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct replay_entry){.folder = each->folder,
                                           .json = json_array_get(each->manifest, i)};
        if (!check_entry(&entries[i], file, i, replay->arguments, replay->arena))
            return EXIT_BAD_INPUT;
    }
    if (replay->arguments->qemu && !replay->safeguards &&
        !identify_qemu(&replay->safeguards, &replay->standbys.version, replay->arguments,
                       replay->arena, &error))
        return report_error(replay->arguments, replay->arguments->qemu, &error);
    return replay_all(replay, entries, count);
}

static bool replay_folder_within_attempt(void *context)
{
    struct folder_replay *each = context;
    each->code = replay_folder(each);
    return true;
}

static int replay_and_release(struct replay *replay, const char *folder)
{
    struct vmwire_error error;
    struct folder_replay each = {.replay = replay, .folder = folder};
    if (!vmwire_arena_attempt(replay->arena, replay_folder_within_attempt, &each, &error))
        each.code = report_error(replay->arguments, folder, &error);
    end_standbys(&replay->standbys); /* their command lines are the manifest's */
    json_decref(each.manifest);
    return each.code;
}

/* A QEMU that could begin with no stream was compared with nothing. Reports that as an error. */
static int check_ability(const struct replay *replay)
{
    struct vmwire_error error;
    if (!replay->row_count)
        return EXIT_CLEAN;
    for (size_t i = 0; i < replay->row_count; i++)
        if (!replay->rows[i].asked || replay->rows[i].answer.verdict != QEMU_UNABLE)
            return EXIT_CLEAN;
    if (!replay->row_count)
        return EXIT_CLEAN;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "unable to load any of the %zu streams; the first one: %s", replay->row_count,
                     replay->rows[0].answer.message);
    return report_error(replay->arguments, replay->arguments->qemu, &error);
}

int run_replay(const struct arguments *arguments)
{
    struct replay replay = {.arena = vmwire_arena_create(),
                            .arguments = arguments,
                            .standbys = {.library = arguments->standby}};
    struct vmwire_error error;
    int worst = EXIT_CLEAN;
    if (!replay.arena) {
        vmwire_error_set_memory(&error, 0);
        return report_error(arguments, arguments->files[0], &error);
    }
    for (size_t i = 0; i < arguments->file_count && worst != EXIT_BAD_INPUT; i++) {
        int code = replay_and_release(&replay, arguments->files[i]);
        worst = code > worst ? code : worst;
    }
    clear_progress();
    if (worst != EXIT_BAD_INPUT && arguments->qemu && check_ability(&replay) == EXIT_BAD_INPUT)
        worst = EXIT_BAD_INPUT;
    if (worst != EXIT_BAD_INPUT && !arguments->json)
        print_replay_text(&replay);
    vmwire_arena_destroy(replay.arena);
    return worst;
}
