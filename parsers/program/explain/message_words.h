/* SPDX-License-Identifier: MIT */
/*
 * What a message of QEMU says: of which rule it is, and with which values. Knows rules and one difference; nothing of streams.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_MESSAGE_WORDS_H
#define VMWIRE_PROGRAM_EXPLAIN_MESSAGE_WORDS_H

#include "program/explain/qemu_text.h"
#include "vmwire/skew.h"

/* What the reader says where a section has another length. */
extern const char missing_footer[];

/* Letters of a rule's `places`: what has the values, and they. */
extern const char names_of_places[], values_of_places[];

/* The reader says these of whatever goes wrong in a section. */
bool is_general_message(const char *message);

/* Whether the path has these names, which dots separate, one behind the other; `last`: at its end. */
bool has_part_of_path(const char *path, struct text_piece field, bool last);

/* The field of the next line "Failed to load STRUCTURE:FIELD" behind `at`. Returns false if there is none. */
bool next_failed_field(const char **at, struct text_piece *field);

/* Whether the text names the section of the difference. */
bool names_its_section(const char *text, const struct vmwire_difference *difference);

/* The message of the rule that the text has, as an older release prints it or a younger one. NULL: neither. */
const char *message_in_text(const char *text, const struct vmwire_skew_rule *rule);

/* Whether the text has the message of the rule with others than those of the difference. */
bool has_other_values(const char *text, const struct vmwire_difference *difference,
                      const char *compared);

/* The rule whose message this is, of those with words of their own: the first one, or one for which a blank of that is filled in.
 * NULL: none. */
const struct vmwire_skew_rule *find_named_rule(const char *text);

/* "%x != %x" with the field that it is about: a value that must be the reader's own. */
const struct vmwire_skew_rule *find_general_rule(const char *text);

/* A function of the device has looked at what was loaded (post_load): the layouts had no fault. */
bool is_after_loading(const char *text);

/* Whether it can be a message of a QEMU that loads a stream, whatever it names. */
bool is_message_of_loading(const char *text);

/* The line that says what is wrong; without one the first. */
const char *deciding_line(struct vmwire_arena *arena, const char *text,
                          const struct vmwire_skew_rule *named);

/* The writer's value, the reader's, or the name of what has it, as the message has it. NULL: it has none. */
const char *value_in_text(struct vmwire_arena *arena, const char *text,
                          const struct vmwire_skew_rule *rule, const char *letters);

/* The byte of a PCI configuration that the message is about. Returns false if it is about none. */
bool find_pci_byte(const char *text, const struct vmwire_skew_rule *named,
                   struct vmwire_pci_byte *byte);

#endif
