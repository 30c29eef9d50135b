/*
 * Property: a state that is written under an option comes back from its reader as it was.
 *
 * Options that claim it (option.h, `exact`) must keep it, whatever the schema and the state. Of the others
 * every other outcome is a finding: option, owner, outcome. The engine must have decided each of them to be
 * possible at the very tail where it happened; otherwise the engine or the reader is wrong. What is accepted is
 * sound (sound.h), and after one known alteration the reader does exactly what the format prescribes (altered.h).
 */
#include "altered.h"
#include "findings.h"
#include "round.h"
#include "sound.h"
#include "target.h"

/* Of a shipped schema each owner is told apart, so that one that misleads often does not hide the others. */
static uint64_t key_of(const struct subject *subject, const struct stream *state,
                       const struct round *round)
{
    uint64_t key = fingerprint(bytes_of_string(subject->name));
    key = key * 31 + (uint64_t)(round->option - protocol_options);
    key = key * 31 + round->outcome;
    if (subject->drawn)
        return key;
    if (!round->read)
        return key ^ (fingerprint(bytes_of_string(round->error.path)) + round->error.kind);
    struct misled misled = round_misled(subject, state, round, NULL);
    return misled.owner ? key ^ fingerprint(bytes_of_string(misled.owner->name)) : key;
}

static void keep(const struct subject *subject, const struct stream *state,
                 const struct round *round, bool ask_engine)
{
    enum possible possible = NOT_DECIDED;
    const char *option = round->option->name, *outcome = outcome_name(round->outcome);
    struct misled misled = round_misled(subject, state, round, ask_engine ? &possible : NULL);
    const char *owner = misled.owner ? misled.owner->name : "none";
    fuzz_require(possible != IMPOSSIBLE,
                 "%s: %s at the tail of %s at %#llx under %s, which the engine says cannot be",
                 subject->name, outcome, owner, (unsigned long long)misled.offset, option);
    fuzz_require(misled.owner, "%s: %s under %s without a tail that was misread: %s", subject->name,
                 outcome, option, round->error.message);
    finding_show("%s under %s: the tail of %s at %#llx, %s \"%s\": %s: %s", subject->name, option,
                 owner, (unsigned long long)misled.offset,
                 misled.taken ? "taken for subsection" : "passed", misled.name, outcome,
                 round->read ? "accepted" : round->error.message);
    const char *const parts[] = {option, subject->drawn ? "(drawn)" : owner, outcome};
    finding_keep(subject, parts, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    const struct stream *state = subject_of(&subject, data, size) ? subject_state(&subject) : NULL;
    if (state)
        require_sound(&subject, subject.option, subject.bytes, state);
    for (size_t i = 0; state && i < protocol_option_count; i++) {
        if (!subject_has_turn(&subject, &protocol_options[i]))
            continue;
        struct round round = round_trip(&subject, state, &protocol_options[i]);
        if (round.read)
            require_sound(&subject, round.option, round.bytes, round.read);
        if (round.read)
            require_altered(&subject, round.option, round.bytes, round.read);
        if (!round.written || round.undecided || round.outcome == OUTCOME_EXACT)
            continue;
        fuzz_require(!subject_claims(&subject, round.option), "%s: %s under %s: %s", subject.name,
                     outcome_name(round.outcome), round.option->name, round.error.message);
        uint64_t key = key_of(&subject, state, &round);
        if (finding_is_news(&subject,
                            key)) /* a smaller input is, but for the engine it is the same */
            keep(&subject, state, &round, key_is_new(~key));
    }
    return 0;
}
