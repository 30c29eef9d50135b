# SPDX-License-Identifier: MIT
# Which of the conditional rules of stream.y each protocol option has.
RULES_legacy     = INLINE
RULES_guarded    = INLINE
RULES_heuristic  = INLINE
RULES_flagday    = INLINE SENTINEL
RULES_standalone = STANDALONE
RULES_toplevel   = INLINE TOPLEVEL
RULES_framed     = INLINE SENTINEL FRAMED
RULES_consistent = INLINE
RULES_combined   = INLINE
RULES_described  = INLINE
RULES_asn1       = INLINE LIST

OPTIONS = legacy guarded heuristic flagday standalone toplevel framed consistent combined described asn1
