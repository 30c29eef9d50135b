// SPDX-License-Identifier: MIT
// A report that has everything a page can show: each grade and verdict, cells that are long, names that are markup. Its answers
// are made up; they are about the page, not about QEMU.

const options = ["legacy", "guarded", "heuristic", "flagday", "standalone", "toplevel", "framed", "consistent", "combined", "described", "asn1"];
const variants = ["older-guarded", "backported", "bumped", "toplevel-existing", "flagday-new", "asn1-new", "fields"];
const columns = [...options.map((name) => ({name, about: `${name}: the reader's rule in half a line`, variant: false})),
                 ...variants.map((name) => ({name, about: `${name}: an option with a condition on machine types`, variant: true}))];

const groups = {
    "Can it be read rightly?": [
        ["ambiguous", "Do two states have the same bytes?", "1 structure"],
        ["misparse", "Can a state of a real device mislead the reader?", "87 signatures, worst corrupt"],
        ["silent", "Can it go wrong without an error?", "35 tails, silent"],
        ["guest-forces", "Can a guest force a refusal?", "yes, an unprivileged process"],
    ],
    "Between releases": [
        ["old-to-new", "What does a new reader do with a stream of an old writer?", "legacy, guarded, heuristic: exact"],
        ["new-to-old", "What does an old reader do with a stream of a new writer that sends a subsection?", "reject, reject, exact"],
        ["flag-day", "Is there a flag day, and for whom?", "every older release"],
        ["unknown-reader", "Does it work for a file whose reader is unknown?", "no"],
        ["skip", "Can a reader skip what it does not know?", "no"],
    ],
    "What does it cost?": [
        ["added_mean", "How many bytes are added, on average?", ""],
        ["added_worst", "How many bytes are added to the worst stream?", ""],
        ["lookahead", "How far does the reader look ahead?", "39 bytes"],
        ["cost-worst", "What is the worst cost that was found, and its exponent?", "1.02"],
        ["loader", "What must a loader change?", "vmstate_subsection_load()"],
    ],
};
const grades = ["good", "fair", "bad", "none"], bases = ["decided", "measured", "proved", "by construction", "seen"];

const questions = Object.entries(groups).flatMap(([group, list], g) => list.map(([id, question, value], q) => ({
    id, group, question, about: "Both states are of the same schema, and both are writings of this option. Decided over all tails of 34 streams.", unit: id.startsWith("added") ? "%" : "",
    cells: columns.map(({name}, i) => {
        const number = ((i * 7 + q * 3) % 23) ** (i === 17 ? 3 : 1) - 6;
        return {
            column: name, value: id.startsWith("added") ? `${number > 0 ? "+" : ""}${number} %` : i % 5 === 4 ? "no" : value,
            grade: grades[(i + q + g) % 4], basis: bases[(i * 3 + q) % 5],
            by: i % 3 ? `build/vmwire check --option ${name} --ambiguity=section --json corpus/streams/*.vmstate` : "grammar/stream.y, rule tail; QEMU migration/vmstate.c, vmstate_subsection_load()",
            detail: "A tail is clean where no reachable pair of positions ends otherwise; see </script><b>the certificate</b>.", number,
        };
    }),
})));

const claim = (id, verdict) => ({
    id, verdict, statement: "Not 100% perfect, it should handle practically all possible cases", by: "a message on qemu-devel, October 2011",
    because: "For uniformly random fields a misparse has the probability 2.1e-14 a stream. But 550 of 606 tails can be misled by somebody who chooses the field.",
    command: `tests/claims ${id}`,
});

const box = (x, text) => `<rect x="${x}" y="10" width="90" height="24" rx="6"/><text x="${x + 45}" y="26" text-anchor="middle">${text}</text>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="330" height="46" viewBox="0 0 330 46"><path d="M5 22h20M115 22h30M235 22h60"/>${box(25, "SUBSECTION")}${box(145, "NAME")}<script>throw 1</script></svg>`;
const rule = (name, of) => ({name, section: "Tails", ebnf: `${name} = { subsection } ;\nsubsection = 05 name version_id record ;`,
    words: ["The reader MUST take a byte 05 here for a subsection if a plausible name follows.", "An unknown name is an error."],
    source: "QEMU migration/vmstate.c, vmstate_subsection_load()", svg, options: of});

export const report = {
    kind: "report", version: "0.1", date: "2026-11-27", streams: 34,
    conclusion: ["Every inline reader is wrong about some state. No cleverer heuristic can be right: two states have the same bytes.",
                 "Only an end mark, a tag or a length in the stream decides it; flagday costs 0.7 % of bytes, framed 6.6 %."],
    recommendation: [["new machine types with one release train", "flagday-new"], ["files kept for years", "framed"], ["a fleet with backward migration", "consistent"]]
        .map(([why, choose]) => ({for: why, choose, because: "No state can mislead its reader, and old machine types keep their format.", would_change: "A release that has to be migrated back to and cannot be updated."})),
    columns, questions,
    claims: [claim("ambiguous", "holds"), claim("practically-all", "holds partly"), claim("asn1-better", "does not hold")],
    costs: options.map((option, i) => ({option, exponent: 1 + i / 50, points: [1e3, 2e4, 3e5, 2e6].map((bytes) => ({bytes, examined: Math.round(bytes ** (1 + i / 50)), tokens: bytes / 10}))})),
    grammar: {options: options.map((name) => ({name})), rules: [rule("tail", options), rule("tail_of_today", ["heuristic", "combined"]), rule("field", ["heuristic", "guarded"]), rule("field", ["flagday"]), rule("record", ["heuristic"]), {...rule("record", ["flagday", "framed"]), ebnf: "record = fields tail END ;"}, rule("end_of_struct", ["flagday", "framed"])],
              terminals: [{name: "SUBSECTION", bytes: "05", source: "QEMU_VM_SUBSECTION", options}]},
    byte_grammars: {
        schemas: [{name: "S in P", about: "A structure S in P, each with a subsection.", from: "written by hand"}],
        results: [{schema: "S in P", options: ["legacy", "guarded", "heuristic", "combined"], verdict: "ambiguous", why: "This input has two parses.", input: "5145564d0000000305035300",
                   parses: [[{hex: "5145564d00000003", name: "magic, version"}, {hex: "05035300", name: "g"}], [{hex: "5145564d00000003", name: "magic, version"}, {hex: "050353", name: "subsection S"}, {hex: "00", name: "S.b"}]]},
                  {schema: "S in P", options: ["flagday"], verdict: "unambiguous", why: "LALR(1)"}, {schema: "S in P", options: ["asn1"], verdict: "unique decoding", why: "tags and lengths"},
                  {schema: "xmm_reg", options: ["heuristic"], verdict: "conflict only", why: "one conflict", parses: ["P(S() g)", "P(S(S/a) g)"]}],
    },
    guests: ["11.1.2", "5.2.0", "7.2.22", "10.0.13"].flatMap((destination, i) => ["file", "socket"].map((way) => ({kind: "guest", guest: "xmm", signature: {owner: "ich9_pm", outcome: "truncated"}, decided: "truncated", source: "7.2.22", destination, way, ring: 3,
        verdict: i === 1 && way === "file" ? "truncated" : "reject", message: "Failed to load", control: {decided: "exact", verdict: i === 3 && way === "file" ? "reject" : "accept", message: i === 3 && way === "file" ? "Unknown property" : ""}})))
        .concat([{kind: "guest", guest: "xmm", signature: {owner: "ich9_pm", outcome: "truncated"}, source: "5.2.0", verdict: "unable"}]),
    eras: [{kind: "era", claim: "lone-05", about: "XMM1 begins with 05, and zeros follow", seen: [{version: "0.13.0", verdict: "reject", message: "unknown subsection"}, {version: "1.0", verdict: "accept", message: ""}]}],
};
