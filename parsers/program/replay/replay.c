/* SPDX-License-Identifier: MIT */
/*
 * vmwire replay: goes through the folders and the entries of their manifests. Checks every entry of a
 * folder before it replays the first one.
 */
#include "program/replay/replay.h"

#include "program/replay/compare_readers.h"
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

static int replay_entry(struct replay *replay, const struct replay_entry *entry)
{
    const struct arguments *arguments = replay->arguments;
    struct replay_stream stream = {0};
    struct vmwire_error error = {0};
    show_progress(replay->row_count, "replayed", entry->name);
    int code = EXIT_BAD_INPUT;
    if (open_replay_stream(&stream, entry, arguments)) {
        struct replay_row *row = add_row(replay, entry);
        if (!read_under_options(row, &stream, replay->arena))
            vmwire_error_set(&error, VMWIRE_ERROR_STREAM_VERSION, 4,
                             "no option reads stream version %u",
                             read_stream_version(stream.bytes));
        else if (!arguments->qemu || compare_with_qemu(row, &stream, replay->arena, &error))
            code = row_differs(row) ? EXIT_FINDINGS : EXIT_CLEAN;
        if (code == EXIT_BAD_INPUT)
            report_error(arguments, error.kind == VMWIRE_ERROR_FILE ? arguments->qemu : entry->file,
                         &error);
    }
    close_replay_stream(&stream);
    return code;
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

static int replay_folder(struct replay *replay, const char *folder)
{
    const char *file = join_path(replay->arena, folder, "manifest.json");
    struct vmwire_error error = {0};
    json_t *manifest = load_manifest(file, &error);
    if (!manifest)
        return report_error(replay->arguments, file, &error);
    size_t count = json_array_size(manifest);
    struct replay_entry *entries = vmwire_arena_alloc(replay->arena, count * sizeof(*entries));
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < count && code == EXIT_CLEAN; i++) {
        entries[i] = (struct replay_entry){.folder = folder, .json = json_array_get(manifest, i)};
        if (!check_entry(&entries[i], file, i, replay->arguments, replay->arena))
            code = EXIT_BAD_INPUT;
    }
    if (code == EXIT_CLEAN)
        code = replay_all(replay, entries, count);
    json_decref(manifest);
    return code;
}

int run_replay(const struct arguments *arguments)
{
    struct replay replay = {.arena = vmwire_arena_create(), .arguments = arguments};
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count && worst != EXIT_BAD_INPUT; i++) {
        int code = replay_folder(&replay, arguments->files[i]);
        worst = code > worst ? code : worst;
    }
    clear_progress();
    if (worst != EXIT_BAD_INPUT && !arguments->json)
        print_replay_text(&replay);
    vmwire_arena_destroy(replay.arena);
    return worst;
}
