/* Readers against one another; see versus.h. */
#include "versus.h"

#include <string.h>

#include "findings.h"
#include "wire.h"

bool reads_today(const struct protocol_option *option)
{
    return option->stream_version == QEMU_VM_FILE_VERSION &&
           option->subsections == SUBSECTION_INLINE;
}

/* Whether a reader by this rule takes what stands at a tail for a subsection: the design, section 3. */
static bool takes(enum tail_look look, const struct structure *owner, struct bytes left)
{
    size_t length = strlen(owner->name);
    if (!left.length || left.data[0] != QEMU_VM_SUBSECTION)
        return false;
    if (look == LOOK_IF_DECLARED)
        return owner->subsection_count > 0;
    if (look == LOOK_IF_PLAUSIBLE)
        return left.length >= 2 && left.data[1] > length && left.length - 2 >= left.data[1] &&
               memcmp(left.data + 2, owner->name, length) == 0;
    return look == LOOK_ALWAYS;
}

/* Bytes that it looks at before it knows; those of what it takes are read afterwards. */
static uint64_t looked_ahead(enum tail_look look, const struct structure *owner, struct bytes left)
{
    if (look != LOOK_IF_PLAUSIBLE || !left.length || left.data[0] != QEMU_VM_SUBSECTION)
        return 0;
    if (left.length < 2 || left.data[1] <= strlen(owner->name) || left.length - 2 < left.data[1])
        return left.length < 2 ? left.length : 2;
    return 2 + (uint64_t)left.data[1];
}

/* What a reader has before it: in a package, what is left of that. */
static struct bytes left_at(struct bytes bytes, const struct stream *stream, uint64_t offset)
{
    uint64_t end = bytes.length;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct item *item = stream->items[i];
        uint64_t begin = (uint64_t)(item->raw.data - bytes.data) + item->raw.length;
        uint64_t package_end = begin + item->package_length;
        if (item->kind == ITEM_PACKAGE && begin <= offset && offset <= package_end &&
            package_end < end)
            end = package_end;
    }
    return (struct bytes){bytes.data + offset, (size_t)(end - offset)};
}

/* Whether there may be a package around it, of which a rejected stream does not tell. */
static bool may_be_packaged(struct bytes bytes, const struct stream *stream, uint64_t offset)
{
    static const uint8_t head[] = {QEMU_VM_COMMAND, 0, MIG_CMD_PACKAGED, 0, 4};
    return !stream && memmem(bytes.data, (size_t)offset, head, sizeof(head));
}

static void require_rule(const struct subject *subject, struct opponent *opponent)
{
    const struct stream *stream = opponent->checked.stream;
    for (size_t i = 0; i < opponent->decisions.count; i++) {
        const struct tail_event *event = &opponent->decisions.events[i];
        struct bytes left = left_at(subject->bytes, stream, event->offset);
        bool rule = takes(opponent->option->look, event->owner, left);
        bool less_left =
            rule && !event->taken && may_be_packaged(subject->bytes, stream, event->offset);
        fuzz_require(rule == event->taken || less_left, "%s at the tail of %s at %#llx",
                     opponent->option->name, event->owner->name, (unsigned long long)event->offset);
        opponent->ahead += looked_ahead(opponent->option->look, event->owner, left);
    }
}

static const char *fate_of(const struct checked *checked)
{
    if (!checked->stream)
        return checked->error.kind == ERROR_NO_LAYOUT ? NULL : outcome_name(OUTCOME_REJECT);
    return checked->cost.accounted[ACCOUNT_UNREAD] ? outcome_name(OUTCOME_TRUNCATED) : "accept";
}

struct opponent opponent_of(const struct subject *subject, const struct protocol_option *option)
{
    struct opponent opponent = {.option = option, .decisions = {.arena = subject->arena}};
    struct reading reading = {.option = option,
                              .observer = decisions_observer(&opponent.decisions)};
    put_version(subject, option);
    opponent.checked = checked_read(subject, reading);
    opponent.fate = fate_of(&opponent.checked);
    require_rule(subject, &opponent);
    return opponent;
}

static void require_agreement(const struct opponent *a, const struct opponent *b)
{
    const char *first = a->option->name, *second = b->option->name;
    bool rejected = !a->checked.stream;
    fuzz_require(rejected == !b->checked.stream, "%s and %s decide alike", first, second);
    if (rejected)
        fuzz_require(a->checked.error.kind == b->checked.error.kind &&
                         a->checked.error.offset == b->checked.error.offset,
                     "%s: %s; %s: %s", first, a->checked.error.message, second,
                     b->checked.error.message);
    else
        fuzz_require(stream_equal(a->checked.stream, b->checked.stream) &&
                         a->checked.cost.bytes_examined - a->ahead ==
                             b->checked.cost.bytes_examined - b->ahead,
                     "%s and %s decide alike", first, second);
}

const struct tail_event *versus(const struct subject *subject, const struct opponent *a,
                                const struct opponent *b)
{
    size_t part = decisions_part(&a->decisions, &b->decisions, false);
    if (part == a->decisions.count && part == b->decisions.count) {
        require_agreement(a, b);
        return NULL;
    }
    bool ends = part == a->decisions.count;
    const struct tail_event *event = &(ends ? b : a)->decisions.events[part];
    fuzz_require(subject->bytes.data[event->offset] == QEMU_VM_SUBSECTION, "%s and %s at %#llx",
                 a->option->name, b->option->name, (unsigned long long)event->offset);
    /* One that decides no more has rejected the header at the tail where the other one goes on. */
    if (ends || part == b->decisions.count)
        fuzz_require(!(ends ? a : b)->checked.stream, "%s and %s at %#llx", a->option->name,
                     b->option->name, (unsigned long long)event->offset);
    return event;
}
