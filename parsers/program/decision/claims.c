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
                                       [VERDICT_FAILS] = "does not hold",
                                       [VERDICT_OPEN] = "is open"};

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

static struct guest_count guests_of(const struct decision *decision, const char *column)
{
    return count_guests(decision->table->guests, decision->table->guest_count, column_of(column));
}

/* A sentence on them; "" if there are none. */
static const char *say_guests(const struct decision *decision)
{
    const struct guest_count count = guests_of(decision, "heuristic");
    return count.all
               ? say(decision,
                     " Of %zu guests that ran on real QEMUs %zu made it refuse and %zu misled "
                     "it in silence.",
                     count.all, count.refused, count.silent)
               : "";
}

/* Grammars on bytes of today's wire that have an input with two parses. */
static size_t count_two_parses(const struct decision *decision)
{
    size_t i, count = 0;
    json_t *each;
    json_array_foreach(json_object_get(decision->byte_grammars, "results"), i, each)
    {
        const char *verdict = json_string_value(json_object_get(each, "verdict"));
        count += verdict && strcmp(verdict, "ambiguous") == 0;
    }
    return count;
}

/* What is known of tails: that some mislead, that none does, or neither. */
static enum verdict verdict_on_tails(const struct decision *decision, const struct variant_sum *sum,
                                     enum verdict some, enum verdict none)
{
    if (sum->reject + sum->silent)
        return some;
    return sum->undecided || sum->decided < decision->table->row_count ? VERDICT_OPEN : none;
}

/* Of all differences. */
static struct difference_sum sum_differences(const struct variant_sum *sum)
{
    struct difference_sum all = {0};
    for (int i = 0; i < RELEASE_DIFFERENCES; i++) {
        all.silent += sum->differences[i].silent;
        all.refused += sum->differences[i].refused;
        all.undecided += sum->differences[i].undecided;
    }
    return all;
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
    const size_t parses = count_two_parses(decision);
    const char *grammars =
        parses ? say(decision, " %zu grammars on bytes have an input with two parses.", parses)
               : "";
    if (!today->ambiguous)
        return FOUND(parses ? VERDICT_HOLDS : VERDICT_OPEN,
                     "In these streams no two states with the same bytes were found (%zu tails are "
                     "undecided).%s",
                     today->ambiguity_undecided, grammars);
    return FOUND(VERDICT_HOLDS,
                 "At %zu tails of the streams two different states have the same bytes, so no "
                 "reader can be right about both (%zu are undecided).%s",
                 today->ambiguous, today->ambiguity_undecided, grammars);
}

static struct finding_on_claim test_mistaken(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic");
    return FOUND(verdict_on_tails(decision, today, VERDICT_HOLDS, VERDICT_FAILS),
                 "Today's reader can be made to refuse at %zu of %zu tails, and is misled in "
                 "silence at %zu; %zu are undecided.%s",
                 today->reject, today->tails, today->silent, today->undecided,
                 say_guests(decision));
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
    const enum verdict verdict = verdict_on_tails(decision, today, VERDICT_PARTLY, VERDICT_HOLDS);
    const char *chance =
        say(decision,
            "By chance it does: with uniformly random fields a stream is misread "
            "with a probability of at most %.0e (the median of the streams; %.0e in "
            "the worst).",
            median_chance(decision), today->chance);
    if (verdict != VERDICT_PARTLY)
        return FOUND(verdict,
                     "%s Against intent: no tail is known to mislead it, %zu are undecided.",
                     chance, today->undecided);
    return FOUND(verdict,
                 "%s Against intent it does not: a state exists that makes it refuse at %zu tails, "
                 "and one that misleads it in silence at %zu.%s",
                 chance, today->reject, today->silent, say_guests(decision));
}

static struct finding_on_claim test_older_readers(const struct decision *decision)
{
    size_t legacy, guarded, all;
    count_to_old(sum_of(decision, "heuristic"), 0, &legacy, &all);
    count_to_old(sum_of(decision, "heuristic"), 1, &guarded, &all);
    return FOUND(
        !all                            ? VERDICT_OPEN
        : legacy < all || guarded < all ? VERDICT_HOLDS
                                        : VERDICT_FAILS,
        "Of %zu streams that send subsections the reader of 0.13 restores %zu, that of "
        "0.14 to 0.15 %zu. What the programs did is in corpus/eras/claims.json: a 05 alone "
        "in a field is refused by 0.13.0 only; of the subsections that 0.14.1 does not "
        "know it took one for fields and said nothing.",
        all, legacy, guarded);
}

static struct finding_on_claim test_bumped(const struct decision *decision)
{
    const struct variant_sum *today = sum_of(decision, "heuristic"),
                             *bumped = sum_of(decision, "bumped"),
                             *old = sum_of(decision, "older-guarded");
    const size_t saved = old->unknown_silent + old->unknown_can_be_silent;
    return FOUND(!bumped->refused_sections ? VERDICT_OPEN
                 : saved                   ? VERDICT_PARTLY
                                           : VERDICT_FAILS,
                 "%zu of %zu sections get another version, so the release before refuses %zu of "
                 "%zu streams; without that it read %zu rightly. No tail is mended: %zu can still "
                 "refuse, %zu are still misled in silence. What it saves: of the subsections that "
                 "a reader of 0.14 does not know, it would misread %zu in silence, and today's "
                 "reader %zu; all are refused.",
                 bumped->refused_sections, bumped->sections, bumped->before[VMWIRE_OUTCOME_REJECT],
                 bumped->streams, today->before[VMWIRE_OUTCOME_EXACT], bumped->reject,
                 bumped->silent, saved, today->unknown_silent + today->unknown_can_be_silent);
}

static struct finding_on_claim test_flag_day(const struct decision *decision)
{
    const struct variant_sum *flagday = sum_of(decision, "flagday"),
                             *some = sum_of(decision, "flagday-new");
    const enum verdict clean = verdict_on_tails(decision, flagday, VERDICT_FAILS, VERDICT_HOLDS);
    return FOUND(
        flagday->before[VMWIRE_OUTCOME_EXACT] && clean == VERDICT_HOLDS ? VERDICT_PARTLY : clean,
        "The release before refuses %zu of %zu streams; %zu tails mislead its own reader, "
        "%zu are undecided. With it for new machine types only, the release before reads "
        "%zu streams, those of old ones. Every format with another stream version costs "
        "such a day, so sentinel first and ASN.1 later are two.",
        flagday->before[VMWIRE_OUTCOME_REJECT], flagday->streams, flagday->reject + flagday->silent,
        flagday->undecided, some->before[VMWIRE_OUTCOME_EXACT]);
}

static struct finding_on_claim test_standalone(const struct decision *decision)
{
    const struct variant_sum *sum = sum_of(decision, "standalone");
    return FOUND(verdict_on_tails(decision, sum, VERDICT_FAILS, VERDICT_PARTLY),
                 "In the grammar it is small (rules and tokens that change: %s). It adds %+" PRId64
                 " bytes over all streams, and %zu tails mislead. The effort is in the loader: "
                 "whose subsection an item is has to be told by path and place.",
                 answer_of(decision, "changed_rules", "standalone").value, sum->added,
                 sum->reject + sum->silent);
}

static struct finding_on_claim test_asn1(const struct decision *decision)
{
    const struct variant_sum *sum = sum_of(decision, "asn1");
    const struct difference_sum all = sum_differences(sum),
                                today = sum_differences(sum_of(decision, "heuristic"));
    const enum verdict clean = verdict_on_tails(decision, sum, VERDICT_PARTLY, VERDICT_HOLDS);
    return FOUND(
        clean == VERDICT_HOLDS && all.silent + all.undecided ? VERDICT_PARTLY : clean,
        "%zu tails mislead it. Of %zu cases in which a release has a structure otherwise "
        "it refuses %zu, misreads %zu, and %zu are undecided; today's reader misreads %zu. "
        "The price: a flag day for all, another codec, a speed of %s (today's is 1), and "
        "bytes: %s of the state on average, %s at worst.",
        sum->reject + sum->silent, all.refused + all.silent + all.undecided, all.refused,
        all.silent, all.undecided, today.silent, answer_of(decision, "speed", "asn1").value,
        answer_of(decision, "added_mean", "asn1").value,
        answer_of(decision, "added_worst", "asn1").value);
}

static struct finding_on_claim test_toplevel(const struct decision *decision)
{
    const struct variant_sum *some = sum_of(decision, "toplevel-existing"),
                             *all = sum_of(decision, "toplevel");
    if (!some->streams)
        return FOUND(VERDICT_OPEN, "Of none of these streams it is known what the release before "
                                   "declares (--existing).");
    return FOUND(some->reject + some->silent || all->reject + all->silent ? VERDICT_PARTLY
                 : some->undecided || some->decided < some->streams       ? VERDICT_OPEN
                                                                          : VERDICT_HOLDS,
                 "What is sent as a section misleads nobody (%zu tails if all are). What stays "
                 "inline can: %zu tails can still refuse, %zu are misled in silence, %zu are "
                 "undecided. The release before refuses %zu of %zu streams: those that send a new "
                 "one.",
                 all->reject + all->silent, some->reject, some->silent, some->undecided,
                 some->before[VMWIRE_OUTCOME_REJECT], some->streams);
}

static struct finding_on_claim test_backported(const struct decision *decision)
{
    const struct variant_sum *old = sum_of(decision, "older-guarded"),
                             *updated = sum_of(decision, "backported");
    const size_t before = old->before[VMWIRE_OUTCOME_EXACT],
                 after = updated->before[VMWIRE_OUTCOME_EXACT];
    return FOUND(before == old->streams      ? VERDICT_OPEN
                 : after == updated->streams ? VERDICT_HOLDS
                                             : VERDICT_PARTLY,
                 "A release that reads as 0.14 restores %zu of %zu of today's streams; with the "
                 "heuristic in a stable update %zu. The price of the update: %zu tails can make it "
                 "refuse, where %zu could (of the streams that each reads).",
                 before, old->streams, after, updated->reject, old->reject);
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
    const char *
        only_new; /* the column that has the choice for new machine types only; NULL: there is none */
    const char *price[6]; /* what speaks against the choice; it does not decide */
    const char *would_change;
} situations[RECOMMENDATIONS] = {
    {"new machine types with one release train",
     {"read_back", "reject", "silent", "undecided", "ambiguous"},
     {"added_mean", "changed_rules"},
     {"flagday", "standalone", "framed", "asn1"},
     "flagday-new",
     {"field_more", "field_fewer", "skip"},
     "The figures are those of the new machine types; old ones keep today's format, and its "
     "faults. standalone "
     "adds fewer bytes, but it has to find the owner of each subsection by its path, and refuses a "
     "renamed "
     "field. If readers must also notice fields that differ, take asn1 or framed."},
    {"files kept for years",
     {"read_back", "reject", "silent", "undecided", "field_more", "field_fewer", "structure_more"},
     {"unknown_reader"},
     {"framed", "asn1"},
     NULL,
     {"flag_day", "added_worst", "speed", "loader"},
     "It refuses what differs, it does not convert it: keep a release that reads the files. If it "
     "is certain that "
     "the releases have the same fields, flagday will do: it is read faster, and a file grows less "
     "at worst."},
    {"a fleet with backward migration",
     {"read_back", "new_old2_without", "new_old2_with", "old2_new_with"},
     {"silent"},
     {"consistent", "combined", "heuristic"},
     NULL,
     {"reject", "undecided", "unknown", "held", "exponent", "speed"},
     "It is a change of readers alone, and mends only those that are updated. A release that lacks "
     "a subsection can be "
     "misled by it, where heuristic refuses: bump the version of a device that gets one, or take "
     "heuristic. If "
     "sections cannot be held before they are loaded, take combined: it refuses less often than "
     "heuristic, and is "
     "misled in silence as often. For new machine types, flagday ends the question."},
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

/* Adds "streams read back: 34 of 34; ..." of the questions. */
static const char *add_reasons(const struct decision *decision, const char *text,
                               const char *const *asked, size_t count, const char *column)
{
    for (size_t i = 0; i < question_count; i++)
        for (size_t j = 0; j < count; j++)
            if (asked[j] && strcmp(asked[j], questions[i].id) == 0)
                text = say(decision, "%s%s%s: %s", text, text[0] ? "; " : "", questions[i].question,
                           answer_question(decision, &questions[i], column_of(column)).value);
    return text;
}

#define REASONS(text, list)                                                                        \
    add_reasons(decision, text, situation->list,                                                   \
                sizeof(situation->list) / sizeof(situation->list[0]), column)

static const char *give_reasons(const struct decision *decision, const struct situation *situation,
                                const char *column)
{
    return say(decision, "For it: %s. Against it: %s.", REASONS(REASONS("", good), fair),
               REASONS("", price));
}

struct recommendation recommend(const struct decision *decision, size_t number)
{
    const struct situation *situation = &situations[number];
    struct recommendation made = {.situation = situation->name,
                                  .choose = "none",
                                  .because = "No option or variant fulfils what this needs.",
                                  .would_change = "The table has what each lacks."};
    for (size_t i = 0; i < sizeof(situation->order) / sizeof(situation->order[0]); i++) {
        if (!situation->order[i] || !fulfils(decision, situation, situation->order[i]))
            continue;
        made.choose = i == 0 && situation->only_new ? situation->only_new : situation->order[i];
        made.because = give_reasons(decision, situation, situation->order[i]);
        made.would_change = situation->would_change;
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
        if (sum->decided == decision->table->row_count &&
            !(sum->reject + sum->silent + sum->undecided))
            text = say(decision, "%s%s%s", text, text[0] ? ", " : "", vmwire_options[i].name);
    }
    return text[0] ? text : "none";
}

static const char *conclude_differences(const struct decision *decision)
{
    const char *const options[] = {"asn1", "framed", "flagday"};
    const char *text = "";
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const struct difference_sum *sum =
            &sum_of(decision, options[i])->differences[RELEASE_FIELD_FEWER];
        text = say(decision, "%s%s%s misreads %zu of %zu structures in silence (%zu undecided)",
                   text, text[0] ? ", " : "", options[i], sum->silent,
                   sum->silent + sum->refused + sum->undecided + sum->harmless, sum->undecided);
    }
    return say(decision,
               "If the reader's release lacks a field that was sent, %s. Without lengths or tags "
               "only versions "
               "protect from that.",
               text);
}

const char *conclude_decision(const struct decision *decision, size_t number)
{
    const struct variant_sum *today = sum_of(decision, "heuristic"),
                             *consistent = sum_of(decision, "consistent");
    switch (number) {
    case 0:
        return today->ambiguous
                   ? say(decision,
                         "Today's format is ambiguous: at %zu tails of these streams two states "
                         "have the same bytes, so no reader, however clever, is right about both.",
                         today->ambiguous)
                   : say(decision,
                         "In these streams no two states with the same bytes were found (%zu tails "
                         "are undecided); proofs/bytes has structures with such states.",
                         today->ambiguity_undecided);
    case 1:
        return say(decision,
                   "Today's reader (heuristic) can be made to refuse at %zu of %zu tails, and is "
                   "misled in silence at %zu.%s",
                   today->reject, today->tails, today->silent, say_guests(decision));
    case 2:
        return say(decision,
                   "Another reader of the same bytes helps only so far: consistent can be made to "
                   "refuse at %zu tails and is misled in silence at %zu (%zu are undecided).",
                   consistent->reject, consistent->silent, consistent->undecided);
    case 3:
        return say(decision,
                   "At no tail is the reader of these options misled, and each reads every stream "
                   "back: %s.",
                   list_exact(decision));
    default:
        return conclude_differences(decision);
    }
}

void judge_all(struct decision *decision)
{
    struct vmwire_arena *arena = decision->arena;
    decision->findings = vmwire_arena_alloc(arena, claim_count * sizeof(*decision->findings));
    decision->recommendations =
        vmwire_arena_alloc(arena, RECOMMENDATIONS * sizeof(*decision->recommendations));
    decision->conclusions = vmwire_arena_alloc(arena, CONCLUSIONS * sizeof(*decision->conclusions));
    for (size_t i = 0; i < claim_count; i++)
        decision->findings[i] = claims[i].test(decision);
    for (size_t i = 0; i < RECOMMENDATIONS; i++)
        decision->recommendations[i] = recommend(decision, i);
    for (size_t i = 0; i < CONCLUSIONS; i++)
        decision->conclusions[i] = conclude_decision(decision, i);
}
