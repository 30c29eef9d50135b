/* SPDX-License-Identifier: MIT */
/* The witness viewer: bytes once, and under them the reading of each reader. Knows the witnesses of the report only. */

const viewer = (() => {
    const ASCII_FROM = 900, WIDE_FROM = 620; /* pixels of the box */
    const SMALL = 8;                         /* a value of so many bytes is shown as a number */

    const toBytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (two) => parseInt(two, 16));
    const two = (byte) => byte.toString(16).padStart(2, "0");
    const asChar = (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·");
    const place = (at) => `${at} (0x${at.toString(16)})`;
    const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`);

    /* The same field has the same colour in each lane, and another one than its neighbours. */
    function makeHues() {
        const hues = new Map();
        return (span) => {
            const key = `${span.section} ${span.path} ${span.name}`;
            if (!hues.has(key)) hues.set(key, hues.size % 6);
            return `hue${hues.get(key)}`;
        };
    }

    const spanClass = (span, hue) => (span.kind === "fields" ? hue(span) : span.kind === "ram" || span.kind === "iterable" ? "framing" : span.kind);

    /* ---- A witness and its readings ---- */

    /* A lane is a reading that is drawn: what was written, and each reading that parts from it in these bytes. */
    function makeLanes(witness) {
        const end = witness.begin + witness.bytes.length / 2;
        const written = {letter: "W", title: "as it was written", readers: [], outcome: "exact", spans: witness.written, from: witness.begin, to: end};
        const lanes = [written], elsewhere = [];
        let number = 0;
        for (const reading of witness.readings) {
            if (reading.parts_at === null) {
                written.readers = reading.readers;
                continue;
            }
            if (reading.parts_at < witness.begin || reading.parts_at >= end || reading.parts_at > witness.tail + 64) {
                elsewhere.push(reading);
                continue;
            }
            const until = reading.rejoins_at !== null ? reading.rejoins_at : reading.ends_at !== null && reading.outcome === "reject" ? reading.ends_at : end;
            lanes.push({...reading, letter: String(++number), title: list(reading.readers), reading, from: reading.parts_at, to: Math.min(until, end)});
        }
        return {lanes, elsewhere, written, end};
    }

    function spanAt(lane, written, at) {
        const reading = lane.reading;
        if (reading && reading.ends_at !== null && at >= reading.ends_at && reading.outcome === "reject") return null;
        const own = reading && at >= reading.parts_at && (reading.rejoins_at === null || at < reading.rejoins_at);
        const spans = own ? lane.spans : written.spans;
        let found = null;
        for (const span of spans) if (at >= span.at && at < span.at + span.length) found = span;
        return found;
    }

    function spanBytes(witness, bytes, span) {
        const from = span.at - witness.begin;
        return from < 0 || from + span.length > bytes.length ? null : bytes.subarray(from, from + span.length);
    }

    const text8 = (bytes) => `“${Array.from(bytes.subarray(1), asChar).join("")}”`;

    /* Names of a span, the longest first. */
    function namesOf(witness, bytes, span) {
        const own = spanBytes(witness, bytes, span);
        if (span.kind === "refused") return [`✗ ${span.name}`, "✗ refused here", "✗ refused", "✗"];
        if (span.kind === "unread") return ["not read", "–"];
        if (span.kind === "subsections" && span.name === "subsection") return ["05: a subsection begins", "subsection", "sub"];
        if (span.name === "name" || span.name === "idstr") return own ? [`${span.name} ${text8(own)}`, text8(own), span.name] : [span.name];
        if (span.name === "version id" && own) return [`version ${own[own.length - 1]}`, "version", "v"];
        if (span.kind !== "fields") return [span.name];
        const last = (span.path || "").split(".").pop();
        return [span.path ? `${span.path}.${span.name}` : span.name, last ? `${last}.${span.name}` : span.name, span.name];
    }

    function fit(names, room) {
        const whole = names.find((name) => name.length <= room);
        if (whole !== undefined) return whole;
        const least = names[names.length - 1];
        return room >= 3 ? `${least.slice(0, room - 1)}…` : "";
    }

    function describeSpan(witness, bytes, span, at) {
        const own = spanBytes(witness, bytes, span);
        if (span.kind === "refused") return `refused: ${span.name}`;
        if (span.kind === "unread") return "left unread, behind what was taken for the end";
        const where = [span.section, [span.path, span.name].filter(Boolean).join(".")].filter(Boolean).join(": ");
        const what = span.kind === "fields" ? `field ${where}${span.type ? `, ${span.type}` : ""}`
            : span.kind === "subsections" ? `subsection of ${[span.section, span.path].filter(Boolean).join(": ")}: ${namesOf(witness, bytes, span)[0]}`
            : `framing: ${namesOf(witness, bytes, span)[0]}`;
        const value = own && own.length <= SMALL && span.kind === "fields" ? `, value 0x${Array.from(own, two).join("")}` : "";
        return `${what}${value}${span.length > 1 ? `, byte ${at - span.at + 1} of ${span.length}` : ""}`;
    }

    /* ---- The page's part ---- */

    return function start(box, witnesses, outcomes, first) {
        const state = {shown: witnesses, index: 0, cursor: 0, columns: 16};
        let view = null; /* of the witness that is shown */

        const select = (label, values, wide) => {
            const made = el("select", {}, el("option", {value: ""}, "all"), ...values.map((value) => el("option", {value}, value)));
            return {made, label: el("label", {class: wide ? "wide" : ""}, label, made)};
        };
        const unique = (values) => [...new Set(values)];
        const signatures = witnesses.flatMap((witness) => witness.signatures);
        const byOutcome = select("Outcome", unique(signatures.map((s) => s.outcome)));
        const byOption = select("Reader misled", unique(signatures.map((s) => s.option)));
        const byOwner = select("Structure at whose tail", unique(witnesses.map((w) => w.owner)).sort());
        byOutcome.made.id = "filter-outcome";
        byOption.made.id = "filter-option";
        byOwner.made.id = "filter-owner";
        const chooser = el("select", {id: "witness"});
        const previous = el("button", {type: "button", id: "previous"}, "← previous");
        const next = el("button", {type: "button", id: "next"}, "next →");
        const count = el("span", {class: "soft", id: "witness-count", role: "status"});
        const head = el("div", {class: "witness-head"});
        const lanesBox = el("ul", {class: "lane-list"});
        const grid = el("div", {class: "bytes", tabindex: "0", role: "application", "aria-roledescription": "bytes with readings",
                                "aria-label": "Bytes of the witness, and what each reader takes them for", "aria-describedby": "view-help"});
        const live = el("div", {class: "reading", id: "reading", "aria-live": "polite"});
        const help = el("p", {class: "view-help", id: "view-help"},
            "Point at a byte, or use the keys: ", el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " ", el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " a byte; ",
            el("kbd", {}, "Home"), " ", el("kbd", {}, "End"), " the first and the last; ", el("kbd", {}, "."), " where the readings part; ",
            el("kbd", {}, "n"), " ", el("kbd", {}, "p"), " the next and the previous witness.");
        const more = el("div");
        const bar = (kind, text) => el("span", {class: `bar bar-key ${kind}`}, text);
        const keys = el("div", {class: "keys"},
            el("span", {class: "key"}, bar("hue0", "name"), "a field"), el("span", {class: "key"}, bar("subsections", "name"), "a subsection’s header"),
            el("span", {class: "key"}, bar("framing", "name"), "framing"), el("span", {class: "key"}, bar("refused", "✗"), "refused"),
            el("span", {class: "key"}, el("span", {class: "byte contrived mono"}, "05"), "changed for this witness"),
            el("span", {class: "key"}, el("span", {class: "byte parting mono"}, "05"), "first byte at which the readings part"));
        box.append(el("div", {class: "view-tools"}, byOutcome.label, byOption.label, byOwner.label, el("label", {class: "wide"}, "Witness", chooser), previous, next, count),
                   head, lanesBox, keys, el("div", {class: "bytes-frame"}, grid, live), help, more);

        /* ---- What is chosen ---- */

        const matches = (witness) => (!byOwner.made.value || witness.owner === byOwner.made.value) &&
            witness.signatures.some((s) => (!byOutcome.made.value || s.outcome === byOutcome.made.value) && (!byOption.made.value || s.option === byOption.made.value));

        function filter(keep) {
            state.shown = witnesses.filter(matches);
            chooser.replaceChildren(...state.shown.map((witness, i) => el("option", {value: i}, witness.name)));
            show(Math.max(0, state.shown.indexOf(keep)));
        }

        function step(by) {
            if (state.shown.length) show((state.index + by + state.shown.length) % state.shown.length);
        }

        /* ---- Drawing ---- */

        function drawHead(witness) {
            const first = witness.signatures[0];
            const chosen = witness.signatures.find((s) => s.option === byOption.made.value || s.outcome === byOutcome.made.value) || first;
            head.replaceChildren(
                el("h3", {}, `${witness.device}: tail of ${witness.owner}${witness.path ? `, behind ${witness.path}` : ""}`),
                el("div", {class: "badges"}, ...witness.signatures.map((s) => el("span", {class: `badge ${outcomes[s.outcome]?.grade || "none"}`}, `${s.option}: ${s.outcome}`))),
                el("p", {}, chosen.does || ""),
                el("p", {}, el("strong", {}, chosen.gravity || "")));
            const seen = witness.seen.filter((each) => each.verdict && each.verdict !== "unable");
            more.replaceChildren(
                el("details", {open: ""}, el("summary", {}, "What it needs, and what real QEMUs did"),
                    el("p", {}, chosen.needs || ""),
                    seen.length ? el("ul", {class: "seen"}, ...seen.map((each) => el("li", {}, el("strong", {}, `QEMU ${String(each.version).split(" ")[0]}: ${each.verdict}`), each.message ? ` — ${each.message}` : "")))
                                : el("p", {class: "soft"}, "No real QEMU was fed with it: none reads as this option does, or its machine is not at hand."),
                    el("p", {class: "soft"}, `Stream ${witness.file}, ${witness.size} bytes, from the capture ${witness.capture} of QEMU ${witness.qemu}.`)));
        }

        function drawLanes() {
            const {lanes, elsewhere, written} = view;
            const line = (lane, ...words) => el("li", {}, el("span", {class: "lane-letter"}, lane.letter), el("span", {}, ...words));
            const badge = (outcome) => el("span", {class: `badge ${outcomes[outcome]?.grade || "none"}`}, outcome);
            const items = lanes.map((lane) => lane === written
                ? line(lane, el("strong", {}, "As it was written"), written.readers.length ? `, and as it is read by ${list(written.readers)} ` : " ", written.readers.length ? badge("exact") : "")
                : line(lane, el("strong", {}, lane.title), " ", badge(lane.outcome), ` from byte ${place(lane.from)} on`,
                       lane.outcome === "reject" ? `, and gives up: ${lane.error}` : lane.rejoins_at !== null ? `, and in step again at byte ${place(lane.rejoins_at)}`
                           : lane.ends_at !== null ? `, and takes the byte before ${place(lane.ends_at)} for the end of the stream` : ""));
            for (const reading of elsewhere)
                items.push(line({letter: "–"}, el("strong", {}, list(reading.readers)), " ", badge(reading.outcome), ` elsewhere, from byte ${place(reading.parts_at)} on`, reading.error ? `: ${reading.error}` : ""));
            lanesBox.replaceChildren(...items);
        }

        function drawBar(lane, laneNumber, span, from, to, line, chars) {
            const begins = span.at >= from, ends = span.at + span.length <= to;
            const a = Math.max(span.at, from), b = Math.min(span.at + span.length, to);
            const names = namesOf(view.witness, view.bytes, span);
            const room = Math.floor((b - a) * chars - 1.6);
            const label = begins ? fit(names, room) : room > 8 ? fit(names.map((name) => `… ${name}`), room) : "";
            const bar = el("span", {class: `bar ${spanClass(span, view.hue)}${begins ? "" : " goes-on"}${ends ? "" : " to-be-continued"}`,
                                    style: `grid-column: ${a - line + 2} / ${b - line + 2}; grid-row: ${laneNumber + 3}`}, label);
            bar.dataset.at = a;
            bar.title = describeSpan(view.witness, view.bytes, span, a);
            view.bars.push({bar, lane, span});
            return bar;
        }

        function drawLaneOfLine(lane, laneNumber, line, chars) {
            const from = Math.max(line, lane.from, view.witness.begin), to = Math.min(line + state.columns, lane.to);
            if (from >= to) return [];
            const bars = lane.spans.filter((span) => span.at < to && span.at + span.length > from)
                .map((span) => drawBar(lane, laneNumber, span, from, to, line, chars));
            return [el("span", {class: "letter", style: `grid-row: ${laneNumber + 3}`}, lane.letter), ...bars];
        }

        function drawLine(line, chars, ascii) {
            const {witness, bytes, end} = view;
            const strip = el("div", {class: "strip"});
            strip.append(el("span", {class: "place", style: "grid-row: 2"}, line.toString(16).padStart(4, "0")));
            const parts = witness.parts_at;
            if (parts !== null && parts >= line && parts < line + state.columns) {
                const column = parts - line, left = column < state.columns / 2;
                strip.append(el("span", {class: "parting-note", style: `grid-row: 1; grid-column: ${left ? `${column + 2} / -2` : `2 / ${column + 3}`}; justify-self: ${left ? "start" : "end"}`},
                                left ? "▼ here the readings part" : "here the readings part ▼"));
            }
            for (let at = line; at < line + state.columns; at++) {
                const inside = at >= witness.begin && at < end;
                const cell = el("span", {class: `byte${inside ? "" : " outside"}${view.contrived.has(at) ? " contrived" : ""}${at === parts ? " parting" : ""}`,
                                         style: `grid-row: 2; grid-column: ${at - line + 2}`}, inside ? two(bytes[at - witness.begin]) : "");
                if (inside) {
                    cell.dataset.at = at;
                    view.cells.set(at, cell);
                }
                strip.append(cell);
            }
            if (ascii) {
                const text = Array.from({length: state.columns}, (_, i) => line + i).map((at) => (at >= witness.begin && at < end ? asChar(bytes[at - witness.begin]) : " ")).join("");
                strip.append(el("span", {class: "ascii", style: "grid-row: 2", "aria-hidden": "true"}, text));
            }
            view.lanes.forEach((lane, number) => strip.append(...drawLaneOfLine(lane, number, line, chars)));
            return strip;
        }

        function drawBytes() {
            const width = grid.clientWidth || 800;
            const ascii = width >= ASCII_FROM;
            state.columns = width >= WIDE_FROM ? 16 : 8;
            const size = width < WIDE_FROM ? 11.5 : 13.5, charWidth = size * 0.605;
            const gutter = Math.ceil(charWidth * 6.2), tail = ascii ? Math.ceil(charWidth * (state.columns + 3)) : 0;
            grid.style.setProperty("--columns", state.columns);
            grid.style.setProperty("--gutter", `${gutter}px`);
            grid.style.setProperty("--ascii", `${tail}px`);
            grid.style.setProperty("--byte-size", `${size}px`);
            const chars = (width - gutter - tail - 20) / state.columns / charWidth;
            view.cells = new Map();
            view.bars = [];
            const strips = [];
            for (let line = view.witness.begin - (view.witness.begin % state.columns); line < view.end; line += state.columns) strips.push(drawLine(line, chars, ascii));
            grid.replaceChildren(...strips);
            moveTo(state.cursor);
        }

        /* ---- The cursor ---- */

        function moveTo(at) {
            state.cursor = Math.min(Math.max(at, view.witness.begin), view.end - 1);
            for (const marked of grid.querySelectorAll(".at-cursor")) marked.classList.remove("at-cursor");
            view.cells.get(state.cursor)?.classList.add("at-cursor");
            for (const {bar, span} of view.bars) bar.classList.toggle("in-span", state.cursor >= span.at && state.cursor < span.at + span.length);
            const byte = view.bytes[state.cursor - view.witness.begin];
            const lines = view.lanes.filter((lane) => lane === view.written || (state.cursor >= lane.from))
                .map((lane) => {
                    const span = spanAt(lane, view.written, state.cursor);
                    return el("p", {}, el("strong", {}, `${lane.letter} ${lane.title}: `), span ? describeSpan(view.witness, view.bytes, span, state.cursor) : "not read any more");
                });
            live.replaceChildren(el("p", {}, `Byte ${place(state.cursor)}: ${two(byte)}${asChar(byte) === "·" ? "" : ` “${asChar(byte)}”`}${view.contrived.has(state.cursor) ? ", changed for this witness" : ""}`), ...lines);
        }

        function show(index) {
            const witness = state.shown[index];
            state.index = index;
            count.textContent = state.shown.length ? `${index + 1} of ${state.shown.length}` : "no witness is like that";
            previous.disabled = next.disabled = state.shown.length < 2;
            for (const part of [head, lanesBox, keys, grid, live, help, more]) part.hidden = !witness;
            if (!witness) return;
            chooser.value = index;
            const bytes = toBytes(witness.bytes);
            const contrived = new Set();
            for (const run of witness.payload || []) for (let i = 0; i < run.data.length / 2; i++) contrived.add(run.offset + i);
            view = {witness, bytes, contrived, hue: makeHues(), ...makeLanes(witness)};
            for (const lane of view.lanes) for (const span of lane.spans) spanClass(span, view.hue);
            box.dataset.witness = witness.name;
            drawHead(witness);
            drawLanes();
            state.cursor = witness.parts_at ?? witness.tail;
            drawBytes();
        }

        const current = () => state.shown[state.index];
        for (const each of [byOutcome, byOption, byOwner]) each.made.addEventListener("change", () => filter(current()));
        chooser.addEventListener("change", () => show(Number(chooser.value)));
        previous.addEventListener("click", () => step(-1));
        next.addEventListener("click", () => step(1));
        grid.addEventListener("mousemove", (event) => {
            const at = event.target.closest("[data-at]")?.dataset.at;
            if (at === undefined) return;
            const bar = event.target.closest(".bar");
            const inBar = bar ? Math.floor((event.offsetX / bar.clientWidth) * Math.round(bar.clientWidth / (grid.querySelector(".byte").clientWidth || 1))) : 0;
            const to = Number(at) + Math.max(0, inBar);
            if (to !== state.cursor) moveTo(to);
        });
        box.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.altKey || event.metaKey || !view) return;
            const typing = event.target.matches("select, input");
            const moves = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -state.columns, ArrowDown: state.columns};
            if (event.key === "n" && !typing) step(1);
            else if (event.key === "p" && !typing) step(-1);
            else if (event.target !== grid) return;
            else if (moves[event.key]) moveTo(state.cursor + moves[event.key]);
            else if (event.key === "Home") moveTo(view.witness.begin);
            else if (event.key === "End") moveTo(view.end - 1);
            else if (event.key === ".") moveTo(view.witness.parts_at ?? view.witness.tail);
            else return;
            event.preventDefault();
            view.cells.get(state.cursor)?.scrollIntoView({block: "nearest"});
        });
        let width = 0;
        new ResizeObserver(() => {
            if (view && Math.abs(grid.clientWidth - width) > 1) {
                width = grid.clientWidth;
                drawBytes();
            }
        }).observe(grid);

        /* A short one that most real QEMUs were fed with comes first. */
        const told = (witness) => witness.seen.filter((each) => ["reject", "truncated", "corrupt"].includes(each.verdict)).length;
        filter(first || [...witnesses].sort((a, b) => told(b) - told(a) || a.bytes.length - b.bytes.length)[0]);
        return {
            show(name) {
                byOutcome.made.value = byOption.made.value = byOwner.made.value = "";
                filter(witnesses.find((witness) => witness.name === name));
            },
        };
    };
})();
