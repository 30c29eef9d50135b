/* SPDX-License-Identifier: MIT */
/*
 * Tests claims. A verdict follows from the sums alone, so other streams can give another one.
 */
#include "program/decision/claims.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "program/decision/questions.h"

static const char *const verdicts[] = {[VERDICT_HOLDS] = "holds",
                                       [VERDICT_PARTLY] = "holds partly",
                                       [VERDICT_FAILS] = "does not hold"};

const char *verdict_name(enum verdict verdict)
{
    return verdicts[verdict];
}

/* ---- Helpers ------------------------------------------------------------------------------------------ */

static size_t column_of(const char *name)
{
    for (size_t i = 0; i < count_variants(); i++)
        if (strcmp(variant_at(i).name, name) == 0)
            return i;
    assert(!"the column exists");
    return 0;
}

static const struct variant_sum *sum_of(const struct decision *decision, const char *name)
{
    return &decision->sums[column_of(name)];
}

static struct answer answer_of(const struct decision *decision, const char *id, const char *column)
{
    for (size_t i = 0; i < question_count; i++)
        if (strcmp(questions[i].id, id) == 0)
            return answer_question(decision, &questions[i], column_of(column));
    assert(!"the question exists");
    return (struct answer){0};
}

/* Streams with subsections that the old option's reader restores, and all of them. */
static void count_to_old(const struct variant_sum *sum, size_t old, size_t *exact, size_t *all)
{
    const struct crossing *crossing = &sum->crossings.all[NEW_TO_OLD][old][WITH_SUBSECTIONS];
    *exact = crossing->outcomes[VMWIRE_OUTCOME_EXACT];
    *all = *exact;
    for (int i = VMWIRE_OUTCOME_REJECT; i <= VMWIRE_OUTCOME_CORRUPT; i++)
        *all += crossing->outcomes[i];
}

static size_t count_guests(const struct decision *decision, const char *column, bool silent)
{
    size_t count = 0;
    for (size_t i = 0; i < decision->table->guest_count; i++) {
        const struct guest *guest = &decision->table->guests[i];
        const enum vmwire_outcome outcome = guest->outcomes[column_of(column)];
        count += !guest->is_control &&
                 (silent ? outcome > VMWIRE_OUTCOME_REJECT : outcome == VMWIRE_OUTCOME_REJECT);
    }
    return count;
}

#define FOUND(verdict, ...)                                                                        \
    (struct finding_on_claim)                                                                      \
    {                                                                                              \
        verdict, say(decision, __VA_ARGS__)                                                        \
    }

/* ---- The claims ---------------------------------------------------------------------------------------- */

static struct finding_on_claim test_ambiguous(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic");
    return FOUND(today->ambiguous ? VERDICT_HOLDS : VERDICT_PARTLY,
                 "At %zu tails of the streams two different states have the same bytes, so no "
                 "reader can be right "
                 "about both (%zu undecided). The grammar on bytes of small structures has inputs "
                 "with two parses.",
                 today->ambiguous, today->ambiguity_undecided);
}

static struct finding_on_claim test_mistaken(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic");
    return FOUND(today->reject + today->silent ? VERDICT_HOLDS : VERDICT_FAILS,
                 "Today's reader can be made to do so at %zu of %zu tails; at %zu it notices "
                 "nothing. Of the guests "
                 "that were run on real QEMUs %zu made it refuse and %zu misled it in silence.",
                 today->reject, today->tails, today->silent,
                 count_guests(decision, "heuristic", false),
                 count_guests(decision, "heuristic", true));
}

static int compare_chances(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The chance that random fields mislead today's reader, of the stream in the middle when they are sorted by it. */
static double median_chance(const struct decision *decision)
{
    const struct table *table = decision->table;
    double *chances = vmwire_arena_alloc(decision->arena, table->row_count * sizeof(*chances));
    for (size_t i = 0; i < table->row_count; i++)
        chances[i] = table->rows[i].variants[column_of("heuristic")].chance;
    qsort(chances, table->row_count, sizeof(*chances), compare_chances);
    return chances[table->row_count / 2];
}

static struct finding_on_claim test_practically_all(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic");
    return FOUND(today->reject + today->silent ? VERDICT_PARTLY : VERDICT_HOLDS,
                 "By chance it does: with uniformly random fields a stream is misread with a "
                 "probability of at most %.0e "
                 "(the median of the streams; %.0e in the worst). Against intent it does not: at "
                 "%zu tails a state exists "
                 "that misleads it, and guests bring about such states.",
                 median_chance(decision), today->chance, today->reject);
}

static struct finding_on_claim test_older_readers(const struct decision *decision)
{
    size_t legacy, guarded, all;
    count_to_old(sum_of(decision, "heuristic"), 0, &legacy, &all);
    count_to_old(sum_of(decision, "heuristic"), 1, &guarded, &all);
    return FOUND(legacy < all || guarded < all ? VERDICT_HOLDS : VERDICT_FAILS,
                 "Of %zu streams that send subsections the reader of 0.13 restores %zu, that of "
                 "0.14 to 0.15 %zu. "
                 "corpus/eras/claims.json has what the programs did: a 05 alone is refused by "
                 "0.13.0 only; a subsection "
                 "that 0.14.1 and 0.15.1 do not know is taken as fields.",
                 all, legacy, guarded);
}

static struct finding_on_claim test_bumped(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic"),
                             *bumped = sum_of(decision, "bumped");
    return FOUND(bumped->reject + bumped->silent >= today->reject + today->silent ? VERDICT_FAILS
                                                                                  : VERDICT_PARTLY,
                 "%zu of %zu sections get another version. The release before then refuses %zu of "
                 "%zu streams, of which "
                 "it read %zu rightly. No tail is mended: %zu still can refuse, %zu still are "
                 "misled in silence. What it "
                 "saves is the subsection that an older reader does not know: always refused.",
                 bumped->refused_sections, bumped->sections, bumped->before[VMWIRE_OUTCOME_REJECT],
                 bumped->streams, today->before[VMWIRE_OUTCOME_EXACT], bumped->reject,
                 bumped->silent);
}

static struct finding_on_claim test_flag_day(const struct decision *decision)
{
    const struct variant_sum *flagday = sum_of(decision, "flagday"),
                             *some = sum_of(decision, "flagday-new");
    return FOUND(flagday->before[VMWIRE_OUTCOME_EXACT] ? VERDICT_PARTLY : VERDICT_HOLDS,
                 "The release before refuses %zu of %zu streams; %zu tails mislead its own reader. "
                 "For new machine types "
                 "only, the release before still reads the %zu streams of old ones. Every format "
                 "with another stream version "
                 "costs the same day, so sentinel first and ASN.1 later are two.",
                 flagday->before[VMWIRE_OUTCOME_REJECT], flagday->streams,
                 flagday->reject + flagday->silent, some->before[VMWIRE_OUTCOME_EXACT]);
}

static struct finding_on_claim test_standalone(const struct decision *decision)
{
    const struct variant_sum *sum = sum_of(decision, "standalone");
    return FOUND(sum->reject + sum->silent ? VERDICT_FAILS : VERDICT_PARTLY,
                 "In the grammar it is small: %s rules change, %+" PRId64
                 " bytes over all streams, and %zu tails mislead. "
                 "The effort is in the loader: whose subsection an item is has to be told by path "
                 "and place, so a "
                 "renamed field is refused.",
                 answer_of(decision, "changed_rules", "standalone").value, sum->added,
                 sum->reject + sum->silent);
}

static struct finding_on_claim test_asn1(const struct decision *decision)
{
    const struct variant_sum *sum = sum_of(decision, "asn1");
    size_t silent = 0, refused = 0;
    for (int i = 0; i < RELEASE_DIFFERENCES; i++) {
        silent += sum->differences[i].silent;
        refused += sum->differences[i].refused;
    }
    return FOUND(sum->reject + sum->silent + silent ? VERDICT_PARTLY : VERDICT_HOLDS,
                 "%zu tails mislead it, and of %zu structures that a release had otherwise it "
                 "refuses %zu and misreads %zu. "
                 "The price: a flag day for all, another codec, %s of today's reading speed, and "
                 "%s of the state at "
                 "worst (%s on average).",
                 sum->reject + sum->silent, refused + silent, refused, silent,
                 answer_of(decision, "speed", "asn1").value,
                 answer_of(decision, "added_worst", "asn1").value,
                 answer_of(decision, "added_mean", "asn1").value);
}

static struct finding_on_claim test_toplevel(const struct decision *decision)
{
    const struct variant_sum *some = sum_of(decision, "toplevel-existing"),
                             *all = sum_of(decision, "toplevel");
    return FOUND(some->reject + some->silent ? VERDICT_PARTLY : VERDICT_HOLDS,
                 "What is sent as a section misleads nobody (%zu tails if all are). What stays "
                 "inline does: %zu tails "
                 "can still refuse, %zu are misled in silence. A release before refuses each "
                 "stream that sends a new one: "
                 "%zu of %zu.",
                 all->reject + all->silent, some->reject, some->silent,
                 some->before[VMWIRE_OUTCOME_REJECT], some->streams);
}

static struct finding_on_claim test_backported(const struct decision *decision)
{
    const struct variant_sum *old = sum_of(decision, "older-guarded"),
                             *updated = sum_of(decision, "backported");
    return FOUND(updated->before[VMWIRE_OUTCOME_EXACT] == updated->streams ? VERDICT_HOLDS
                                                                           : VERDICT_PARTLY,
                 "A release that reads as 0.14 restores %zu of %zu of today's streams; with the "
                 "heuristic in a stable "
                 "update %zu. The update also makes it refuse states that it took rightly: %zu "
                 "tails can refuse instead "
                 "of %zu.",
                 old->before[VMWIRE_OUTCOME_EXACT], old->streams,
                 updated->before[VMWIRE_OUTCOME_EXACT], updated->reject, old->reject);
}

#define CALL_OF_2011 "qemu-devel and the call of October 2011"

const struct claim claims[] = {
    {"ambiguous-encoding", "The encoding of subsections within embedded structures is ambiguous.",
     CALL_OF_2011, "ambiguous,byte_grammar", test_ambiguous},
    {"mistaken-parse", "A reader may mistakenly parse the field that follows as a subsection.",
     CALL_OF_2011, "reject,silent,guest", test_mistaken},
    {"practically-all-cases",
     "(1) The heuristic is not 100% perfect, but handles practically all possible cases.",
     CALL_OF_2011, "reject,silent,guest", test_practically_all},
    {"not-in-older-readers", "(1) is not in older readers, so migration to them could fail.",
     CALL_OF_2011, "new_old0_with,new_old1_with", test_older_readers},
    {"bumped-versions", "Bumping the version of every device that has subsections mitigates that.",
     CALL_OF_2011, "new_old2_without,reject,unknown", test_bumped},
    {"flag-day", "(2) The sentinel is unambiguous, but a flag day.",
     "Paolo Bonzini, qemu-devel, 2011", "flag_day,reject,silent", test_flag_day},
    {"standalone-effort", "(3) Stand-alone sections are a more drastic change.", CALL_OF_2011,
     "changed_rules,loader,added_mean", test_standalone},
    {"asn1-better", "(4) A new protocol based on ASN.1 handles it better.", CALL_OF_2011,
     "reject,silent,field_more,field_fewer,added_worst,speed", test_asn1},
    {"toplevel-intended",
     "(5) New subsections as top-level sections, as originally intended, with (1) for the existing "
     "ones.",
     CALL_OF_2011, "reject,silent,new_old2_with", test_toplevel},
    {"backward-to-stable",
     "(5) Backward migration only to a fully updated stable release, or with (1) backported.",
     CALL_OF_2011, "read_back,new_old1_with", test_backported},
};

const size_t claim_count = sizeof(claims) / sizeof(claims[0]);

/* ---- What to choose ------------------------------------------------------------------------------------ */

/* A situation asks for answers of at least these grades. The first column that has them is chosen. */
static const struct situation {
    const char *name;
    const char *good[8]; /* ids of questions that must be good, */
    const char *fair[4]; /* or at least fair */
    const char *order[6];
    const char *would_change;
} situations[RECOMMENDATIONS] = {
    {"new machine types with one release train",
     {"read_back", "reject", "silent", "undecided", "ambiguous"},
     {"added_mean", "changed_rules"},
     {"flagday", "standalone", "framed", "asn1"},
     "Give it to new machine types only (the column flagday-new), so old ones migrate as before. "
     "If readers "
     "must also notice fields that differ, take framed or asn1; if a subsection more in each "
     "stream has to be "
     "cheap, standalone."},
    {"files kept for years",
     {"read_back", "reject", "silent", "undecided", "field_more", "field_fewer", "structure_more"},
     {"unknown_reader"},
     {"framed", "asn1"},
     "If the releases that read the files have the same fields for sure (a test holds them), "
     "flagday will do, "
     "for a fraction of the bytes."},
    {"a fleet with backward migration",
     {"read_back", "new_old2_without", "new_old2_with", "old2_new_with"},
     {"silent"},
     {"consistent", "combined", "heuristic"},
     "It is a change of readers alone, and mends only those that are updated. Once no reader of "
     "today is left, "
     "flagday for new machine types ends the question. If sections cannot be held before they are "
     "loaded, "
     "combined refuses less than heuristic, but is misled in silence as often."},
};

static bool fulfils(const struct decision *decision, const struct situation *situation,
                    const char *column)
{
    for (size_t i = 0; i < sizeof(situation->good) / sizeof(situation->good[0]); i++)
        if (situation->good[i] &&
            answer_of(decision, situation->good[i], column).grade != GRADE_GOOD)
            return false;
    for (size_t i = 0; i < sizeof(situation->fair) / sizeof(situation->fair[0]); i++)
        if (situation->fair[i] &&
            answer_of(decision, situation->fair[i], column).grade == GRADE_BAD)
            return false;
    return true;
}

/* "read back: 34 of 34; ..." of the questions that the situation asks. */
static const char *give_reasons(const struct decision *decision, const struct situation *situation,
                                const char *column)
{
    const char *text = "";
    for (size_t i = 0; i < question_count; i++) {
        bool asked = false;
        for (size_t j = 0; j < sizeof(situation->good) / sizeof(situation->good[0]); j++)
            asked |= situation->good[j] && strcmp(situation->good[j], questions[i].id) == 0;
        for (size_t j = 0; j < sizeof(situation->fair) / sizeof(situation->fair[0]); j++)
            asked |= situation->fair[j] && strcmp(situation->fair[j], questions[i].id) == 0;
        if (asked)
            text = say(decision, "%s%s%s: %s", text, text[0] ? "; " : "", questions[i].question,
                       answer_question(decision, &questions[i], column_of(column)).value);
    }
    return text;
}

struct recommendation recommend(const struct decision *decision, size_t number)
{
    const struct situation *situation = &situations[number];
    struct recommendation made = {.situation = situation->name,
                                  .choose = "none",
                                  .because = "No option or variant fulfils what this needs.",
                                  .would_change = situation->would_change};
    for (size_t i = 0; i < sizeof(situation->order) / sizeof(situation->order[0]); i++) {
        if (!situation->order[i] || !fulfils(decision, situation, situation->order[i]))
            continue;
        made.choose = situation->order[i];
        made.because = say(decision, "It has what this needs. %s.",
                           give_reasons(decision, situation, situation->order[i]));
        break;
    }
    return made;
}

/* ---- The conclusion ------------------------------------------------------------------------------------ */

/* The options at whose tails nothing misleads and nothing is undecided, and that read all streams back. */
static const char *list_exact(const struct decision *decision)
{
    const char *text = "";
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct variant_sum *sum = &decision->sums[i];
        if (sum->own_reads == sum->streams && sum->decided == sum->streams &&
            !(sum->reject + sum->silent + sum->undecided))
            text = say(decision, "%s%s%s", text, text[0] ? ", " : "", vmwire_options[i].name);
    }
    return text[0] ? text : "none";
}

const char *conclude_decision(const struct decision *decision, size_t number)
{
    const struct variant_sum *today = sum_of(decision, "heuristic"),
                             *consistent = sum_of(decision, "consistent");
    switch (number) {
    case 0:
        return today->ambiguous ? say(decision,
                                      "Today's format is ambiguous: at %zu tails of these streams "
                                      "two states have the same bytes, so no "
                                      "reader, however clever, is right about both.",
                                      today->ambiguous)
                                : say(decision,
                                      "In these streams no two states with the same bytes were "
                                      "found (%zu tails undecided); design "
                                      "and proofs/bytes show structures that have such states.",
                                      today->ambiguity_undecided);
    case 1:
        return say(decision,
                   "Today's reader, heuristic, can be made to refuse at %zu of %zu tails, and is "
                   "misled in silence at %zu. "
                   "%zu guests did it, on real QEMUs.",
                   today->reject, today->tails, today->silent,
                   count_guests(decision, "heuristic", false) +
                       count_guests(decision, "heuristic", true));
    case 2:
        return say(decision,
                   "Another reader of the same bytes helps only so far: consistent can refuse at "
                   "%zu tails and is misled in "
                   "silence at %zu (%zu undecided).",
                   consistent->reject, consistent->silent, consistent->undecided);
    case 3:
        return say(decision, "These mislead at no tail, and read every stream back: %s.",
                   list_exact(decision));
    default:
        return say(decision,
                   "Of fields that two releases have otherwise, asn1 misreads %zu of %zu cases, "
                   "framed %zu, flagday %zu: "
                   "without lengths or tags only versions tell.",
                   sum_of(decision, "asn1")->differences[RELEASE_FIELD_FEWER].silent,
                   sum_of(decision, "asn1")->differences[RELEASE_FIELD_FEWER].silent +
                       sum_of(decision, "asn1")->differences[RELEASE_FIELD_FEWER].refused,
                   sum_of(decision, "framed")->differences[RELEASE_FIELD_FEWER].silent,
                   sum_of(decision, "flagday")->differences[RELEASE_FIELD_FEWER].silent);
    }
}
