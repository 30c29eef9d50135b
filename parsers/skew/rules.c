/* SPDX-License-Identifier: MIT */
/*
 * The rules of grammar/loader.toml as a table. Knows nothing of sides and differences.
 */
#include "vmwire/skew.h"

#include "loader_rows.h"

const struct vmwire_skew_rule vmwire_skew_rules[] = {SKEW_RULE_ROWS};
const size_t vmwire_skew_rule_count = sizeof(vmwire_skew_rules) / sizeof(*vmwire_skew_rules);
