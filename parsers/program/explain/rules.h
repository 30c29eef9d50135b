/* SPDX-License-Identifier: MIT */
/*
 * The rules by which a stream fails for itself, beside those between two sides (vmwire_skew_rules).
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_RULES_H
#define VMWIRE_PROGRAM_EXPLAIN_RULES_H

#include "vmwire/skew.h"

enum stream_rule {
    RULE_CUT_OFF,
    RULE_CUT_OFF_NAME,
    RULE_UNKNOWN_ITEM,
    RULE_STREAM_VERSION,
    RULE_VALUE_MISLEADS,
    RULE_PASSED_OVER,
    RULE_READER_REFUSES,
    RULE_DAMAGED,
    RULE_NOT_DESCRIBED,
    RULE_MISDESCRIBED,
    RULE_EARLY_END,
    RULE_OWN_CHECK,
    RULE_NOTHING_NAMED,
    RULE_UNTOLD_LENGTH,
};

const struct vmwire_skew_rule *stream_rule(enum stream_rule rule);

#endif
