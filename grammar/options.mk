# SPDX-License-Identifier: MIT
# Which of the conditional rules of stream.y each protocol option has.
RULES_legacy     = INLINE
RULES_guarded    = INLINE
RULES_heuristic  = INLINE
RULES_flagday    = INLINE SENTINEL
RULES_standalone = STANDALONE
RULES_toplevel   = INLINE TOPLEVEL
RULES_asn1       = INLINE LIST

OPTIONS = legacy guarded heuristic flagday standalone toplevel asn1
