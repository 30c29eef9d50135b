/*
 * Property: whatever the bytes, every reader accepts them or says what is wrong and where, within stated
 * bounds of work and memory (checked.c); and what one accepts is stable: written and read again it is the
 * same, and written again the same bytes; and after one known alteration the reader does exactly what the format
 * prescribes (altered.h).
 */
#include "altered.h"
#include "checked.h"
#include "findings.h"
#include "round.h"
#include "sound.h"
#include "target.h"

static bool same_bytes(struct bytes a, struct bytes b)
{
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static void require_stable(const struct subject *subject, const struct protocol_option *option,
                           const struct stream *stream)
{
    struct bytes once, twice;
    struct error error = {0};
    if (!write_state(subject, stream, option, &once, &error)) {
        fuzz_require(error.kind == ERROR_CANNOT_WRITE, "%s: %s", option->name, error.message);
        return;
    }
    if (same_bytes(once, subject->bytes))
        return; /* to read the same is to do the same */
    fuzz_require(option->subsections != SUBSECTION_INLINE, "%s: not written as it came",
                 option->name);
    struct checked again = checked_read(subject, (struct reading){.option = option, .input = once});
    fuzz_require(again.stream, "%s: written, and not accepted: %s", option->name,
                 again.error.message);
    fuzz_require(stream_equal(stream, again.stream), "%s: written and read again", option->name);
    fuzz_require(write_state(subject, again.stream, option, &twice, &error), "%s: %s", option->name,
                 error.message);
    fuzz_require(same_bytes(once, twice), "%s: written again", option->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!subject_of(&subject, data, size))
        return 0;
    for (size_t i = 0; i < protocol_option_count; i++) {
        const struct protocol_option *option = &protocol_options[i];
        if (!subject_has_turn(&subject, option))
            continue;
        struct arena_mark mark = arena_mark(subject.arena);
        put_version(&subject, option);
        struct checked checked = checked_read(&subject, (struct reading){.option = option});
        if (checked.stream)
            require_sound(&subject, option, subject.bytes, checked.stream);
        if (checked.stream)
            require_altered(&subject, option, subject.bytes, checked.stream);
        if (checked.stream && !has_mapped_blocks(checked.stream))
            require_stable(&subject, option, checked.stream);
        arena_reset(subject.arena, mark);
    }
    return 0;
}
