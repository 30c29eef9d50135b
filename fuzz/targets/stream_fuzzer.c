/* SPDX-License-Identifier: MIT */
/*
 * Property: every reader accepts any bytes, or rejects them with an error and its place, within bounds of work and
 * memory (bounded_read.h).
 *
 * An accepted stream is stable: written and read again it is equal, and written again it has the same bytes. The
 * target also checks every accepted stream (accepted_stream_check.h), and one alteration of it
 * (single_alteration.h).
 */
#include "properties/accepted_stream_check.h"
#include "properties/bounded_read.h"
#include "properties/findings.h"
#include "properties/roundtrip.h"
#include "properties/single_alteration.h"
#include "targets/target.h"

static bool same_bytes(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static void require_stable(const struct test_case *test_case, const struct vmwire_option *option,
                           const struct vmwire_stream *stream)
{
    struct vmwire_bytes once, twice;
    struct vmwire_error error = {0};
    if (!write_state(test_case, stream, option, &once, &error)) {
        fuzz_require(error.kind == VMWIRE_ERROR_CANNOT_WRITE, "%s: %s", option->name,
                     error.message);
        return;
    }
    if (same_bytes(once, test_case->bytes))
        return; /* reading the same bytes again gives the same stream */
    fuzz_require(option->subsections != VMWIRE_SUBSECTION_INLINE,
                 "%s: the stream is written differently than it was read", option->name);
    struct read_result again =
        read_within_bounds(test_case, (struct vmwire_reading){.option = option, .input = once});
    fuzz_require(again.stream, "%s: the written stream is not accepted: %s", option->name,
                 again.error.message);
    fuzz_require(vmwire_stream_equal(stream, again.stream),
                 "%s: the stream changed when it was written and read", option->name);
    fuzz_require(write_state(test_case, again.stream, option, &twice, &error), "%s: %s",
                 option->name, error.message);
    fuzz_require(same_bytes(once, twice), "%s: the second write differs from the first",
                 option->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    if (!parse_test_case(&test_case, data, size))
        return 0;
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct vmwire_option *option = &vmwire_options[i];
        if (!covers_option(&test_case, option))
            continue;
        struct vmwire_arena_mark mark = vmwire_arena_mark(test_case.arena);
        set_stream_version(&test_case, option);
        struct read_result result =
            read_within_bounds(&test_case, (struct vmwire_reading){.option = option});
        if (result.stream)
            require_accepted_stream(&test_case, option, test_case.bytes, result.stream);
        /* An alteration leaves the description as it is. */
        if (result.stream && option->look != VMWIRE_LOOK_DESCRIBED)
            require_alteration_handled(&test_case, option, test_case.bytes, result.stream);
        if (result.stream && !has_mapped_blocks(result.stream))
            require_stable(&test_case, option, result.stream);
        vmwire_arena_reset(test_case.arena, mark);
    }
    return 0;
}
