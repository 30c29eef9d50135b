/*
 * Property: no input costs a reader more than the stated bounds (checked.c).
 *
 * And a search: what costs more for each of its bytes than all before is news to the engine, and the worst
 * input of each option and kind of cost is kept (hot.h).
 */
#include "findings.h"
#include "hot.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    struct price price;
    if (!subject_of(&subject, data, size))
        return 0;
    price_of(&price, &subject);
    for (size_t i = 0; i < protocol_option_count && i < MOST_OPTIONS; i++)
        for (unsigned kind = 0; kind < COST_KINDS; kind++) {
            hot_reached(i, kind, price_per_byte(&price, i, kind));
            finding_show("record %s %s %llu %zu", protocol_options[i].name, cost_kind_name(kind),
                         (unsigned long long)price.paid[i][kind], price.size);
        }
    hot_show_structures(&subject);
    hot_record(subject.input, &price);
    return 0;
}
