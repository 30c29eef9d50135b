/* SPDX-License-Identifier: MIT */
#include "skew/shared/loader_tables.h"

#include <string.h>

#include "loader_rows.h"
#include "vmwire/skew.h"

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

const struct vmwire_skew_rule vmwire_skew_rules[] = {SKEW_RULE_ROWS};
const size_t vmwire_skew_rule_count = ROWS(vmwire_skew_rules);

const struct vmwire_skew_rule *vmwire_skew_rule_find(const char *id)
{
    for (size_t i = 0; i < vmwire_skew_rule_count; i++)
        if (strcmp(vmwire_skew_rules[i].id, id) == 0)
            return &vmwire_skew_rules[i];
    return NULL;
}

const unsigned newest_release = NEWEST_RELEASE;

const struct value_row value_rows[] = {VALUE_ROWS};
const size_t value_row_count = ROWS(value_rows);

const struct spapr_row spapr_rows[] = {SPAPR_ROWS};
const size_t spapr_row_count = ROWS(spapr_rows);

const struct need_row need_rows[] = {NEED_ROWS};
const size_t need_row_count = ROWS(need_rows);
const struct pointer_row pointer_rows[] = {POINTER_ROWS};
const size_t pointer_row_count = ROWS(pointer_rows);

const struct unsure_row unsure_rows[] = {UNSURE_ROWS};
const size_t unsure_row_count = ROWS(unsure_rows);

const char *const at_need_rows[] = {AT_NEED_ROWS};
const size_t at_need_row_count = ROWS(at_need_rows);

const struct arm_constant_row arm_constant_rows[] = {ARM_CONSTANT_ROWS};
const size_t arm_constant_row_count = ROWS(arm_constant_rows);

const struct alias_row alias_rows[] = {ALIAS_ROWS};
const size_t alias_row_count = ROWS(alias_rows);

const struct removed_row removed_rows[] = {REMOVED_ROWS};
const size_t removed_row_count = ROWS(removed_rows);

const struct resizable_row resizable_rows[] = {RESIZABLE_ROWS};
const size_t resizable_row_count = ROWS(resizable_rows);

const struct ram_origin_row ram_origin_rows[] = {RAM_ORIGIN_ROWS};
const size_t ram_origin_row_count = ROWS(ram_origin_rows);

const struct feature_row feature_word_rows[] = {FEATURE_WORD_ROWS};
const size_t feature_word_row_count = ROWS(feature_word_rows);

const struct feature_row negotiated_rows[] = {NEGOTIATED_ROWS};
const size_t negotiated_row_count = ROWS(negotiated_rows);

const struct feature_row feature_rows[] = {FEATURE_ROWS};
const size_t feature_row_count = ROWS(feature_rows);

const struct ram_record_row ram_record_rows[] = {RAM_RECORD_ROWS};
const size_t ram_record_row_count = ROWS(ram_record_rows);

const struct pci_header_row pci_header_rows[] = {PCI_HEADER_ROWS};
const size_t pci_header_row_count = ROWS(pci_header_rows);

const struct pci_capability pci_capabilities[] = {PCI_CAPABILITY_ROWS};
const size_t pci_capability_count = ROWS(pci_capabilities);

const struct pci_capability pci_extended_capabilities[] = {PCI_EXTENDED_ROWS};
const size_t pci_extended_capability_count = ROWS(pci_extended_capabilities);

const struct pci_device_row pci_device_rows[] = {PCI_DEVICE_ROWS};
const size_t pci_device_row_count = ROWS(pci_device_rows);

const struct pci_advice_row pci_advice_rows[] = {PCI_ADVICE_ROWS};
const size_t pci_advice_row_count = ROWS(pci_advice_rows);

_Static_assert(ROWS(value_rows) <= VALUE_ROW_LIMIT, "a set of rows is 64 bits");
