/* SPDX-License-Identifier: MIT */
/*
 * vmwire_skew() against brute force. Of each pair of small plans (skew_plan.h) all states are written and read by a model of
 * QEMU's loader (skew_state.h); what vmwire says of the two must be what the readings show:
 *
 *     each state of a machine is refused      something is certain
 *     each state is read in wrong places      corrupt is certain
 *     none of this happens                    nothing is reported; nothing is undecided, where all is given
 *     only states with a subsection           `when` names the subsection; certain where the stream sends it
 *     some states                             something is reported
 *
 * Both sides are given in all forms: a program, a stream, a stream with its program, a description, a dump. A plan against
 * itself has no difference in any of them. The reference reader reads the streams, too, and must agree with the model.
 *
 * Arguments: --cases N, --seed S, --only N (one pair, by its number). A shorter form is VMWIRE_SHARE (share.h).
 */
#include "share.h"
#include "skew_forms.h"

#include "vmwire/skew.h"

#include <getopt.h>

enum {
    CASES = 600,
    MOST_STATES = 1200, /* of a pair; one that has more is left out */
};

enum form {
    FORM_PROGRAM,
    FORM_STREAM,
    FORM_BOTH,
    FORM_DESCRIPTION,
    FORM_DUMP,
    FORM_STREAM_AND_DUMP,
    FORMS
};

static const char *const form_names[FORMS] = {"program",     "stream", "stream+program",
                                              "description", "dump",   "stream+dump"};

static struct totals {
    size_t pairs, left_out, states, skews, effects[EFFECTS], readings, whole[EFFECTS];
    size_t reported[3];
    struct differences differences;
} totals;

/* A pair of plans. */
struct pair {
    uint64_t number;
    struct plan plans[2]; /* the writer's, the reader's */
    struct state given;   /* of the writer's stream */
    struct state own;     /* of the reader's stream */
    struct vmwire_arena *arena;
    struct vmwire_side sides[2][FORMS];
    struct made streams[2];
};

/* ---- States ---------------------------------------------------------------------------------------- */

/* What a section's states depend on. */
struct factors {
    unsigned conditions, sends; /* bits, as in a state */
    bool numbers[MOST_NUMBERS], lists;
    unsigned reader_conditions; /* those that only the reader asks */
    unsigned other;             /* bits: functions that can say something else at the reader */
    unsigned sent_numbers;      /* bits: those that the writer sends */
    bool repeats;               /* a function decides more than one field */
};

static void add_factors(const struct plan *plan, int part, struct factors *factors, bool writes)
{
    const struct part *of = &plan->parts[part];
    for (unsigned i = 0; i < of->member_count; i++) {
        const struct member *member = &of->members[i];
        factors->repeats |= member->condition && factors->conditions >> member->condition & 1;
        factors->conditions |= member->condition ? 1U << member->condition : 0;
        factors->lists |= member->holds == HOLDS_LIST;
        for (unsigned k = 0; k < plan->number_count; k++) {
            if (member->counts && writes && plan->numbers[k] == member->name)
                factors->sent_numbers |= 1U << k;
            factors->numbers[k] |=
                (member->counted_by != NONE && plan->numbers[k] == (unsigned)member->counted_by) ||
                (member->counts && plan->numbers[k] == member->name);
        }
        if (member->holds != HOLDS_BYTES)
            add_factors(plan, member->part, factors, writes);
    }
    for (unsigned i = 0; i < of->subsection_count; i++) {
        if (writes && plan->parts[of->subsections[i]].conditional)
            factors->sends |= 1U << of->subsections[i];
        add_factors(plan, of->subsections[i], factors, writes);
    }
}

/* The next state in which these factors have other values; false: that was the last. */
static bool next_state(struct state *state, const struct factors *factors)
{
    for (unsigned bit = 1; bit < 1U << 16; bit <<= 1)
        if (factors->sends & bit) {
            if ((state->sends ^= bit) & bit)
                return true;
        }
    for (unsigned bit = 1; bit < 1U << 16; bit <<= 1)
        if (factors->conditions & bit) {
            if ((state->conditions ^= bit) & bit)
                return true;
        }
    for (unsigned bit = 1; bit < 1U << 16; bit <<= 1)
        if (factors->other & bit) {
            if ((state->other ^= bit) & bit)
                return true;
        }
    for (unsigned i = 0; i < MOST_NUMBERS; i++)
        if (factors->numbers[i]) {
            if (state->numbers[i]++ < MOST_VALUE)
                return true;
            state->numbers[i] = 0;
        }
    if (factors->lists) {
        if (state->lists++ < MOST_VALUE)
            return true;
        state->lists = 0;
    }
    return false;
}

static struct state choose_state(struct chooser *chooser, const struct plan *plan)
{
    struct state state = {.conditions = choose(chooser, 1U << (MOST_CONDITIONS + 1)),
                          .lists = choose(chooser, MOST_VALUE + 1)};
    for (unsigned i = 0; i < plan->part_count; i++)
        state.sends |= choose(chooser, 2) << i;
    for (unsigned i = 0; i < MOST_NUMBERS; i++)
        state.numbers[i] = choose(chooser, MOST_VALUE + 1);
    return state;
}

static int part_of_section(const struct plan *plan, const char *idstr)
{
    for (unsigned i = 0; i < plan->section_count; i++)
        if (strcmp(plan->sections[i].idstr, idstr) == 0)
            return plan->sections[i].part;
    return NONE;
}

static enum effect effect_of(const struct pair *pair, const struct section *section,
                             const struct state *state)
{
    static struct record record;
    const int other = part_of_section(&pair->plans[1], section->idstr);
    totals.states++;
    if (other == NONE)
        return EFFECT_REFUSED;
    write_record(&record, &pair->plans[0], section->part, state);
    enum effect effect =
        read_record(&record, pair->plans[0].parts[section->part].version, &pair->plans[1], other);
    totals.effects[effect]++;
    return effect;
}

/* What states of one section do. */
struct effects {
    size_t count[EFFECTS];
    unsigned blamed; /* subsections with which a state fails that is read without */
};

static size_t all_of(const struct effects *effects)
{
    size_t all = 0;
    for (unsigned i = 0; i < EFFECTS; i++)
        all += effects->count[i];
    return all;
}

/* Reads all states that have these factors otherwise than the given one. */
static struct effects find_effects(const struct pair *pair, const struct section *section,
                                   struct state state, const struct factors *factors)
{
    struct effects effects = {{0}, 0};
    struct factors all = *factors;
    /* Begins with the first of all. */
    state.sends &= ~all.sends;
    state.conditions &= ~all.conditions;
    for (unsigned i = 0; i < MOST_NUMBERS; i++)
        state.numbers[i] = all.numbers[i] ? 0 : state.numbers[i];
    state.lists = all.lists ? 0 : state.lists;
    do {
        enum effect effect = effect_of(pair, section, &state);
        effects.count[effect]++;
        for (unsigned bit = 1; bit <= all.sends; bit <<= 1) {
            struct state without = state;
            without.sends &= ~bit;
            if (all.sends & state.sends & bit && effect == EFFECT_REFUSED &&
                effect_of(pair, section, &without) == EFFECT_NONE)
                effects.blamed |= bit;
        }
    } while (next_state(&state, &all));
    return effects;
}

static size_t count_states(const struct factors *factors)
{
    size_t count = factors->lists ? MOST_VALUE + 1 : 1;
    for (unsigned i = 0; i < 16; i++)
        count *= (factors->sends >> i & 1 ? 2 : 1) * (factors->conditions >> i & 1 ? 2 : 1);
    for (unsigned i = 0; i < MOST_NUMBERS; i++)
        count *= factors->numbers[i] ? MOST_VALUE + 1 : 1;
    return count;
}

static struct factors factors_of(const struct pair *pair, const struct section *section)
{
    struct factors factors = {.lists = false}, reader;
    add_factors(&pair->plans[0], section->part, &factors, true);
    const unsigned writers = factors.conditions;
    const int other = part_of_section(&pair->plans[1], section->idstr);
    reader = factors;
    if (other != NONE)
        add_factors(&pair->plans[1], other, &reader, false);
    reader.reader_conditions = reader.conditions & ~writers;
    return reader;
}

/* ---- Sides ----------------------------------------------------------------------------------------- */

static struct vmwire_schema *schema_of_text(struct vmwire_arena *arena, const char *text,
                                            const char *more)
{
    return schema_of(arena, text, more);
}

static void make_sides(struct pair *pair, int side)
{
    const struct plan *plan = &pair->plans[side];
    const struct state *state = side ? &pair->own : &pair->given;
    const struct vmwire_option *option = option_named("heuristic");
    struct vmwire_side *sides = pair->sides[side];
    char *declarations = declarations_of_plan(plan), *dump = dump_of_plan(plan);
    char *description = description_of_state(plan, state), *text = stream_of_state(plan, state);
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    pair->streams[side] = assemble(option, text);
    const struct vmwire_bytes bytes = pair->streams[side].bytes;
    const struct vmwire_schema *declared = schema_of_text(pair->arena, declarations, NULL);
    const struct vmwire_schema *described = schema_of_text(pair->arena, description, NULL);
    const struct vmwire_schema *both = schema_of_text(pair->arena, description, declarations);
    sides[FORM_PROGRAM] = (struct vmwire_side){.declared = declared};
    sides[FORM_DESCRIPTION] = (struct vmwire_side){.described = described};
    sides[FORM_DUMP] = (struct vmwire_side){.dumped = schema_of_text(pair->arena, dump, NULL)};
    sides[FORM_STREAM] = (struct vmwire_side){.described = described, .bytes = bytes};
    sides[FORM_BOTH] =
        (struct vmwire_side){.described = both, .declared = declared, .bytes = bytes};
    for (enum form form = FORM_STREAM; form <= FORM_BOTH; form++) {
        sides[form].stream = vmwire_stream_read_whole(option, bytes, sides[form].described,
                                                      pair->arena, &cost, &error);
        if (!sides[form].stream)
            TEST_BROKEN("--only %llu: %s\n%s\n%s", (unsigned long long)pair->number, error.message,
                        description, text);
    }
    sides[FORM_STREAM_AND_DUMP] = sides[FORM_STREAM];
    sides[FORM_STREAM_AND_DUMP].dumped = sides[FORM_DUMP].dumped;
    free(declarations);
    free(dump);
    free(description);
    free(text);
}

/* ---- What is wrong --------------------------------------------------------------------------------- */

static void put_found(FILE *text, const struct vmwire_differences *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct vmwire_difference *each = &found->list[i];
        fprintf(text, "\n  %s %s %s, section %s, path %s: %s | %s | %s",
                vmwire_certainty_name(each->certainty), vmwire_outcome_name(each->outcome),
                each->rule->id, each->section ? each->section : "-", each->path ? each->path : "-",
                each->writer ? each->writer : "-", each->reader ? each->reader : "-",
                each->when ? each->when : "-");
    }
}

static void put_members(FILE *text, const struct plan *plan, int part);

/* name:bytes, an array [elements] or [#number], a list [*]; ?function; >=version; - unused bytes. */
static void put_member(FILE *text, const struct plan *plan, const struct member *member)
{
    fprintf(text, " %sf%u", member->filler ? "-" : "", member->name);
    if (member->counted_by != NONE)
        fprintf(text, "[#%d]", member->counted_by);
    else if (member->holds == HOLDS_LIST || member->count != 1)
        fprintf(text, member->holds == HOLDS_LIST ? "[*]" : "[%u]", member->count);
    if (member->condition)
        fprintf(text, "?%u", member->condition);
    if (member->since)
        fprintf(text, ">=%u", member->since);
    if (member->holds == HOLDS_BYTES)
        fprintf(text, ":%u%s", member->size, member->counts ? "#" : "");
    else
        put_members(text, plan, member->part);
}

/* name (minimum to version) { fields +subsections }; +! is always sent. */
static void put_members(FILE *text, const struct plan *plan, int part)
{
    const struct part *of = &plan->parts[part];
    fprintf(text, " %s(%u-%u){", of->name, of->minimum, of->version);
    for (unsigned i = 0; i < of->member_count; i++)
        put_member(text, plan, &of->members[i]);
    for (unsigned i = 0; i < of->subsection_count; i++) {
        fputs(plan->parts[of->subsections[i]].conditional ? " +" : " +!", text);
        put_members(text, plan, of->subsections[i]);
    }
    fputs("}", text);
}

static void put_pair(FILE *text, const struct pair *pair)
{
    for (int side = 0; side < 2; side++) {
        const struct state *state = side ? &pair->own : &pair->given;
        fputs(side ? "\n  reader" : "\n  writer", text);
        for (unsigned i = 0; i < pair->plans[side].section_count; i++)
            put_members(text, &pair->plans[side], pair->plans[side].sections[i].part);
        fprintf(text, "\n    functions %x, lists %u, numbers", state->conditions, state->lists);
        for (unsigned i = 0; i < pair->plans[side].number_count; i++)
            fprintf(text, " #%u=%u", pair->plans[side].numbers[i], state->numbers[i]);
        fputs(", sends", text);
        for (unsigned i = 0; i < pair->plans[side].part_count; i++)
            if (pair->plans[side].parts[i].subsection && state->sends >> i & 1)
                fprintf(text, " %s", pair->plans[side].parts[i].name);
    }
}

struct answer {
    const struct pair *pair;
    enum form writes, reads;
    const struct vmwire_differences *found;
};

__attribute__((format(printf, 2, 3))) static void differ(const struct answer *answer,
                                                         const char *format, ...)
{
    char text[MOST_TEXT], where[64], *example = NULL;
    size_t size = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (answer->writes == FORM_DUMP || answer->reads == FORM_DUMP)
        strncat(text, ", with a dump", sizeof(text) - strlen(text) - 1);
    FILE *file = must(open_memstream(&example, &size));
    snprintf(where, sizeof(where), "%s>%s", form_names[answer->writes], form_names[answer->reads]);
    fprintf(file, "--only %llu, %s", (unsigned long long)answer->pair->number, where);
    put_pair(file, answer->pair);
    put_found(file, answer->found);
    fclose(file);
    add_difference(&totals.differences, text, where, example);
}

/* ---- What was found -------------------------------------------------------------------------------- */

struct found {
    size_t certainty[3], certain_reject, certain_corrupt;
    size_t undecided_numbers; /* of elements: of a machine whose stream does not show them */
    const char *rule;         /* of the first one */
};

static struct found found_in(const struct vmwire_differences *differences, const char *idstr)
{
    struct found found = {.rule = NULL};
    for (size_t i = 0; i < differences->count; i++) {
        const struct vmwire_difference *each = &differences->list[i];
        if (each->section && strcmp(each->section, idstr) != 0)
            continue;
        found.certainty[each->certainty]++;
        found.rule = found.rule ? found.rule : each->rule->id;
        totals.reported[each->certainty]++;
        found.undecided_numbers +=
            each->certainty == VMWIRE_NOT_DECIDED && strcmp(each->rule->id, "array-length") == 0;
        if (each->certainty != VMWIRE_CERTAIN)
            continue;
        found.certain_reject += each->outcome != VMWIRE_OUTCOME_CORRUPT;
        found.certain_corrupt += each->outcome == VMWIRE_OUTCOME_CORRUPT;
    }
    return found;
}

/* Whether a difference of the section is about the subsection: it, or something in it. */
static bool names_subsection(const struct vmwire_differences *differences, const char *idstr,
                             const char *name, bool only_when)
{
    for (size_t i = 0; i < differences->count; i++) {
        const struct vmwire_difference *each = &differences->list[i];
        if (!each->section || strcmp(each->section, idstr) != 0)
            continue;
        if ((each->path && strstr(each->path, name)) || (each->when && strstr(each->when, name)) ||
            (!only_when && each->certainty == VMWIRE_CERTAIN))
            return true;
    }
    return false;
}

static bool has_stream(enum form form)
{
    return form != FORM_PROGRAM && form != FORM_DUMP;
}

static bool has_program(enum form form)
{
    return form == FORM_PROGRAM || form == FORM_BOTH;
}

/* Which states are looked at: those of the very migration, or all that the writer's form tells of. `shown`: the functions of the
 * reader say what its stream shows. */
static struct factors free_factors(const struct answer *answer, const struct factors *all,
                                   bool at_hand, bool shown)
{
    struct factors factors = *all;
    if (has_stream(answer->reads) && has_stream(answer->writes))
        factors.reader_conditions = 0;
    if (has_stream(answer->reads) && shown)
        factors.conditions = 0;
    /* A number that is not sent is one of both machines: a stream of the reader's shows it. */
    for (unsigned i = 0; i < MOST_NUMBERS && has_stream(answer->reads) && shown; i++)
        factors.numbers[i] &= factors.sent_numbers >> i & 1;
    if (!has_stream(answer->writes))
        return factors;
    factors.conditions = factors.reader_conditions;
    for (unsigned i = 0; i < MOST_NUMBERS; i++) /* a machine does not change */
        factors.numbers[i] &= factors.sent_numbers >> i & 1;
    if (at_hand || answer->writes != FORM_BOTH) {
        factors.sends = 0;
        factors.lists = false;
        memset(factors.numbers, 0, sizeof(factors.numbers));
    }
    return factors;
}

/* A program or a dump writes all machines: one of them has the device. Which of them a stream's reader can be is not told. */
static void check_missing(const struct answer *answer, const struct found *found)
{
    const bool machine = has_stream(answer->writes) && answer->writes != FORM_DESCRIPTION;
    if (answer->reads == FORM_DUMP || (!has_stream(answer->writes) && has_stream(answer->reads)))
        return;
    if (!found->certain_reject && (machine || !found->certainty[VMWIRE_WHEN_NEEDED]))
        differ(answer, "a section that the reader lacks is not reported");
}

/* Whether elements that need not be there are named: no state has a subsection of theirs without them. */
static bool names_elements(const struct vmwire_differences *differences, const char *idstr)
{
    for (size_t i = 0; i < differences->count; i++) {
        const struct vmwire_difference *each = &differences->list[i];
        if (each->section && strcmp(each->section, idstr) == 0 && each->when &&
            strstr(each->when, " is sent"))
            return true;
    }
    return false;
}

static void check_blamed(const struct answer *answer, const struct section *section,
                         const struct effects *effects)
{
    const struct plan *plan = &answer->pair->plans[0];
    for (unsigned i = 0; i < plan->part_count; i++)
        if (effects->blamed >> i & 1 &&
            !names_subsection(answer->found, section->idstr, plan->parts[i].name, false) &&
            !names_elements(answer->found, section->idstr))
            differ(answer, "a subsection makes states fail, and is not named");
}

/* How many elements there can be is not known: more than are tried. */
static bool counts_elements(const struct factors *factors)
{
    bool counts = factors->lists;
    for (unsigned i = 0; i < MOST_NUMBERS; i++)
        counts |= factors->numbers[i];
    return counts;
}

/* Whether the fields of a stream are those of every other one. */
static bool is_steady_section(const struct factors *factors)
{
    return !factors->conditions && !counts_elements(factors);
}

/* A field of a dump without a number of elements can have any: such a plan differs from another one in ways that no dump tells. */
static bool has_arrays(const struct plan *plan)
{
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned k = 0; k < plan->parts[i].member_count; k++)
            if (plan->parts[i].members[k].count > 1 || plan->parts[i].members[k].counted_by != NONE)
                return true;
    return false;
}

static void check_section(const struct answer *answer, const struct section *section)
{
    const struct pair *pair = answer->pair;
    const struct factors all = factors_of(pair, section);
    const struct factors some = free_factors(answer, &all, true, true),
                         many = free_factors(answer, &all, false, true),
                         most =
                             has_program(answer->writes) || answer->writes == FORM_STREAM_AND_DUMP
                                 ? all
                                 : free_factors(answer, &all, false, false);
    struct factors doubted =
        free_factors(answer, &all, true, false); /* the reader's functions may be others */
    doubted.other = all.conditions;
    const struct effects given = find_effects(pair, section, pair->given, &some),
                         firm = find_effects(pair, section, pair->given, &doubted),
                         any = find_effects(pair, section, pair->given, &many),
                         every = find_effects(pair, section, pair->given, &most);
    const struct found found = found_in(answer->found, section->idstr);
    const size_t certain = found.certainty[VMWIRE_CERTAIN],
                 when = found.certainty[VMWIRE_WHEN_NEEDED],
                 undecided = found.certainty[VMWIRE_NOT_DECIDED];
    /* A dump does not tell how many elements an array has. */
    const bool dumps = answer->writes == FORM_DUMP || answer->reads == FORM_DUMP;
    const bool knows = has_program(answer->reads) && !dumps;
    const bool same = every.count[EFFECT_NONE] == all_of(&every);
    const bool refused = given.count[EFFECT_REFUSED] == all_of(&given),
               moved = given.count[EFFECT_MOVED] == all_of(&given);
    if (part_of_section(&pair->plans[1], section->idstr) == NONE) {
        check_missing(answer, &found);
        return;
    }
    /* Nothing of a dump tells for certain what is on the wire. */
    if (dumps && answer->writes != answer->reads) {
        if (certain && given.count[EFFECT_NONE])
            differ(answer, "certain (%s), but a state is read", found.rule);
        const bool tells = (has_program(answer->reads) || answer->reads == FORM_DUMP) &&
                           !has_arrays(&pair->plans[0]) && !has_arrays(&pair->plans[1]);
        if (firm.count[EFFECT_REFUSED] == all_of(&firm) && tells && !certain && !when && !undecided)
            differ(answer, "each state is refused, but nothing is said");
        return;
    }
    if (dumps && !is_steady_section(&all))
        return;
    /* Elements of a list can be taken for others by chance; elements that differ can make up for other fields. */
    if (certain && given.count[EFFECT_NONE] && !all.lists &&
        !((when || !has_program(answer->reads)) && counts_elements(&all)))
        differ(answer, "certain (%s), but a state is read", found.rule);
    if (found.certain_corrupt && refused && !found.certain_reject && !when && !undecided &&
        !dumps && !counts_elements(&all))
        differ(answer, "certainly corrupt, but each state is refused");
    if ((certain || when) && same && !all.repeats && !all.lists)
        differ(answer, "%s (%s), but each state is read", certain ? "certain" : "when", found.rule);
    if (undecided > found.undecided_numbers && knows && answer->writes != FORM_STREAM_AND_DUMP &&
        same && (has_program(answer->writes) || is_steady_section(&all)))
        differ(answer, "undecided, but each state is read");
    totals.whole[same ? EFFECT_NONE : refused || moved ? EFFECT_REFUSED : EFFECT_UNCLEAR]++;
    if (dumps)
        return;
    /* What the reader's stream has not sent, only its dump tells. */
    if (answer->reads == FORM_STREAM_AND_DUMP &&
        (has_arrays(&pair->plans[0]) || has_arrays(&pair->plans[1])))
        return;
    const size_t refuses = counts_elements(&all) ? certain : found.certain_reject;
    if (firm.count[EFFECT_REFUSED] == all_of(&firm) && !refuses && !undecided &&
        (has_program(answer->writes) || is_steady_section(&all)) &&
        !(when && counts_elements(&all)) && !all.repeats)
        differ(answer, "each state is refused, but that is not certain");
    if (firm.count[EFFECT_REFUSED] == all_of(&firm) && !found.certain_reject && knows &&
        !counts_elements(&all) && !all.repeats)
        differ(answer, "each state is refused, but that is undecided");
    if (firm.count[EFFECT_REFUSED] == all_of(&firm) && answer->reads == FORM_BOTH && !certain &&
        !when && !undecided && !all.repeats &&
        !(answer->writes == FORM_DESCRIPTION && counts_elements(&all)))
        differ(answer, "each state is refused, but nothing is said");
    if (moved && !certain && (knows || !undecided) && !all.conditions && !counts_elements(&all))
        differ(answer, "each state is read in wrong places, but that is not certain");
    if (knows && (has_program(answer->writes) || is_steady_section(&all)) &&
        any.count[EFFECT_REFUSED] + any.count[EFFECT_MOVED] && !certain && !when && !undecided)
        differ(answer, "some states fail, but nothing is reported");
    if (knows && !certain)
        check_blamed(answer, section, &any);
}

static struct vmwire_differences ask(const struct answer *answer)
{
    struct vmwire_differences found = {NULL, 0};
    struct vmwire_error error = {0};
    const struct pair *pair = answer->pair;
    must_succeed(vmwire_skew(&pair->sides[0][answer->writes], &pair->sides[1][answer->reads],
                             pair->arena, &found, &error),
                 &error);
    totals.skews++;
    return found;
}

/* A side against itself. */
static void check_itself(const struct pair *pair)
{
    for (int side = 0; side < 2; side++)
        for (enum form form = 0; form < FORMS; form++) {
            struct vmwire_differences found = {NULL, 0};
            struct vmwire_error error = {0};
            const struct vmwire_side *of = &pair->sides[side][form];
            must_succeed(vmwire_skew(of, of, pair->arena, &found, &error), &error);
            const struct answer answer = {pair, form, form, &found};
            if (found.count)
                differ(&answer, "a difference from itself");
        }
}

static bool has_all_footers(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL && !stream->items[i]->footer)
            return false;
    return true;
}

/* The reference reader reads the writer's stream by the reader's description: of the same state, where it depends on
 * nothing. */
static void check_reference(const struct pair *pair)
{
    const struct answer answer = {pair, FORM_STREAM, FORM_STREAM,
                                  &(struct vmwire_differences){NULL, 0}};
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct factors factors = {.lists = false};
    enum effect effect = EFFECT_NONE;
    for (unsigned i = 0; i < pair->plans[0].section_count; i++) {
        const struct section *section = &pair->plans[0].sections[i];
        struct factors own = factors_of(pair, section);
        factors.conditions |= own.conditions;
        factors.sends |= own.sends;
        factors.lists |= own.lists;
        for (unsigned k = 0; k < MOST_NUMBERS; k++)
            factors.lists |= own.numbers[k];
        enum effect each = effect_of(pair, section, &pair->given);
        effect = each > effect ? each : effect;
    }
    if (factors.conditions || factors.lists || factors.sends)
        return;
    const struct vmwire_stream *read =
        vmwire_stream_read_whole(option_named("heuristic"), pair->streams[0].bytes,
                                 pair->sides[1][FORM_BOTH].described, pair->arena, &cost, &error);
    if (!read && error.kind == VMWIRE_ERROR_NO_LAYOUT)
        return;
    totals.readings++;
    if (read && !has_all_footers(read)) /* the reader takes a stream of old releases, too */
        return;
    if ((read != NULL) != (effect != EFFECT_REFUSED))
        differ(&answer, "the model and the reference reader do not agree: %s", error.message);
}

static bool has_too_many_states(const struct pair *pair)
{
    for (unsigned i = 0; i < pair->plans[0].section_count; i++) {
        const struct factors factors = factors_of(pair, &pair->plans[0].sections[i]);
        if (count_states(&factors) > MOST_STATES)
            return true;
    }
    return false;
}

static void check_pair(struct pair *pair)
{
    check_itself(pair);
    check_reference(pair);
    for (enum form writes = 0; writes < FORMS; writes++)
        for (enum form reads = 0; reads < FORMS; reads++) {
            struct answer answer = {pair, writes, reads, NULL};
            const struct vmwire_differences found = ask(&answer);
            answer.found = &found;
            for (unsigned i = 0; i < pair->plans[0].section_count; i++)
                check_section(&answer, &pair->plans[0].sections[i]);
        }
}

static void try_pair(uint64_t seed, uint64_t number)
{
    struct chooser chooser = {seed ^ number * UINT64_C(0x9e3779b97f4a7c15)};
    static struct pair pair;
    pair = (struct pair){.number = number, .arena = must(vmwire_arena_create())};
    pair.plans[0] = choose_plan(&chooser);
    while (!is_sound(&pair.plans[0]))
        pair.plans[0] = choose_plan(&chooser);
    pair.plans[1] = pair.plans[0];
    for (unsigned edits = choose(&chooser, 4); edits; edits--)
        edit_plan(&pair.plans[1], &chooser);
    if (choose(&chooser, 2)) { /* from the later release to the earlier one */
        const struct plan later = pair.plans[1];
        pair.plans[1] = pair.plans[0];
        pair.plans[0] = later;
    }
    pair.given = choose_state(&chooser, &pair.plans[0]);
    pair.own = pair.given;
    pair.own.sends = choose_state(&chooser, &pair.plans[1]).sends;
    if (has_too_many_states(&pair)) {
        totals.left_out++;
    } else {
        totals.pairs++;
        make_sides(&pair, 0);
        make_sides(&pair, 1);
        check_pair(&pair);
        made_free(&pair.streams[0]);
        made_free(&pair.streams[1]);
    }
    vmwire_arena_destroy(pair.arena);
}

/* ---- The test -------------------------------------------------------------------------------------- */

static struct {
    unsigned long cases;
    uint64_t seed, only;
} settings = {.cases = CASES, .seed = 1};

/* Pairs of other seeds that were answered wrongly once: as long as skew_plan.h chooses as it does. */
static const struct {
    uint64_t seed, number;
} once_wrong[] = {
    {2811, 1648}, /* fields exchanged before one that only one side counts: clean */
    {2812, 1012}, /* a field not sent, one more of as many bytes at the writer: certain */
    {2813, 373},  /* likewise, at the reader */
    {2813, 809},  /* unused bytes in other pieces, in dumps: certain */
    {2812, 2374}, /* none of the elements that the writer counts, one at the reader: clean */
    {2813, 1176}, /* likewise, structures */
    {2814, 586},  /* likewise, under another name */
    {2813, 2478}, /* elements that a function leaves out, not their number: clean */
};

static void test_pairs(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= settings.cases && !settings.only; number++)
        try_pair(settings.seed, number);
    for (size_t i = 0; i < sizeof(once_wrong) / sizeof(once_wrong[0]) && !settings.only; i++)
        try_pair(once_wrong[i].seed, once_wrong[i].number);
    if (settings.only)
        try_pair(settings.seed, settings.only);
    print_message(
        "%zu pairs, %zu left out, %zu states (%zu read, %zu moved, %zu refused), %zu comparisons, "
        "%zu readings; sections that none, some, all states fail: %zu, %zu, %zu; reported %zu "
        "certain, %zu when, %zu undecided\n",
        totals.pairs, totals.left_out, totals.states, totals.effects[EFFECT_NONE],
        totals.effects[EFFECT_MOVED], totals.effects[EFFECT_REFUSED], totals.skews, totals.readings,
        totals.whole[EFFECT_NONE], totals.whole[EFFECT_UNCLEAR], totals.whole[EFFECT_REFUSED],
        totals.reported[0], totals.reported[1], totals.reported[2]);
    const size_t count = totals.differences.count;
    print_differences(&totals.differences);
    assert_int_equal(count, 0);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"cases", required_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"only", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    settings.cases = CASES / share_of_cases();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c')
            settings.cases = strtoul(optarg, NULL, 10);
        else if (option == 's')
            settings.seed = strtoull(optarg, NULL, 10);
        else if (option == 'o')
            settings.only = strtoull(optarg, NULL, 10);
        else
            return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
