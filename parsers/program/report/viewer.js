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

    function spanBytes({begin, bytes}, span) {
        const from = span.at - begin;
        return from < 0 || from + span.length > bytes.length ? null : bytes.subarray(from, from + span.length);
    }

    const text8 = (bytes) => `“${Array.from(bytes.subarray(1), asChar).join("")}”`;

    /* Names of a span, the longest first. */
    function namesOf(picture, span) {
        const own = spanBytes(picture, span);
        if (span.kind === "refused") return [`✗ ${span.name}`, "✗ refused here", "✗ refused", "✗"];
        if (span.kind === "unread") return ["not read", "–"];
        if (span.kind === "subsections" && span.name === "subsection") return ["05: a subsection begins", "subsection", "sub"];
        if (span.name === "name" || span.name === "idstr") return own ? [`${span.name} ${text8(own)}`, text8(own), span.name] : [span.name];
        if (span.name === "version id" && own) return [`version ${own[own.length - 1]}`, "version", "v"];
        if (span.kind !== "fields") return [span.name];
        if (!span.path) return [span.name, span.name.split(".").pop()];
        const last = (span.path || "").split(".").pop();
        return [span.path ? `${span.path}.${span.name}` : span.name, last ? `${last}.${span.name}` : span.name, span.name];
    }

    function fit(names, room) {
        const whole = names.find((name) => name.length <= room);
        if (whole !== undefined) return whole;
        const least = names[names.length - 1];
        return room >= 3 ? `${least.slice(0, room - 1)}…` : "";
    }

    /* A span of several elements has the type of one of them: "2 × int32". */
    function typeOf(span) {
        const size = {bool: 1}[span.type] || Number(/^u?int(8|16|32|64)\b/.exec(span.type || "")?.[1] || 0) / 8, count = span.length / size;
        return size && count > 1 && Number.isInteger(count) ? `array of ${count} ${span.type}` : span.type;
    }

    function describeSpan(picture, span, at) {
        const own = spanBytes(picture, span);
        if (span.kind === "refused") return `refused: ${span.name}`;
        if (span.kind === "unread") return "left unread, behind what was taken for the end";
        const where = [span.section, [span.path, span.name].filter(Boolean).join(".")].filter(Boolean).join(": ");
        const what = span.kind === "fields" ? `field ${where}${span.type ? `, ${typeOf(span)}` : ""}`
            : span.kind === "subsections" ? `subsection of ${[span.section, span.path].filter(Boolean).join(": ")}: ${namesOf(picture, span)[0]}`
            : `framing: ${namesOf(picture, span)[0]}`;
        const value = own && own.length <= SMALL && span.kind === "fields" ? `, value 0x${Array.from(own, two).join("")}` : "";
        return `${what}${value}${span.length > 1 ? `, byte ${at - span.at + 1} of ${span.length}` : ""}`;
    }

    /* ---- Bytes in lines, with bars under them ---- */

    /* How many bytes a line of this box has, how many letters stand over a byte, and whether text beside has room. */
    function measure(box) {
        const width = box.clientWidth || 800, ascii = width >= ASCII_FROM, columns = width >= WIDE_FROM ? 16 : 8;
        const size = width < WIDE_FROM ? 11.5 : 13.5, letter = size * 0.605;
        const gutter = Math.ceil(letter * 6.2), tail = ascii ? Math.ceil(letter * (columns + 3)) : 0;
        box.style.setProperty("--columns", columns);
        box.style.setProperty("--gutter", `${gutter}px`);
        box.style.setProperty("--ascii", `${tail}px`);
        box.style.setProperty("--byte-size", `${size}px`);
        return {columns, ascii, chars: (width - gutter - tail - 20) / columns / letter};
    }

    function drawBar(picture, lane, row, span, from, to, line) {
        const begins = span.at >= from, ends = span.at + span.length <= to;
        const a = Math.max(span.at, from), b = Math.min(span.at + span.length, to);
        const names = namesOf(picture, span);
        const room = Math.floor((b - a) * picture.chars - 1.6);
        const label = begins ? fit(names, room) : room > 8 ? fit(names.map((name) => `… ${name}`), room) : "";
        const bar = el("span", {class: `bar ${spanClass(span, picture.hue)}${begins ? "" : " goes-on"}${ends ? "" : " to-be-continued"}`, title: describeSpan(picture, span, a),
                                style: `grid-column: ${a - line + 2} / ${b - line + 2}; grid-row: ${row}`}, label);
        bar.dataset.at = a;
        picture.bars.push({bar, lane, span});
        return bar;
    }

    function drawLane(picture, lane, row, line) {
        const from = Math.max(line, lane.from), to = Math.min(line + picture.columns, lane.to);
        if (from >= to) return [];
        return [el("span", {class: "letter", style: `grid-row: ${row}`}, lane.letter),
                ...lane.spans.filter((span) => span.at < to && span.at + span.length > from).map((span) => drawBar(picture, lane, row, span, from, to, line))];
    }

    function drawParting(picture, line) {
        const column = picture.parts - line;
        if (picture.parts === null || column < 0 || column >= picture.columns) return [];
        const left = column < picture.columns / 2;
        return [el("span", {class: "parting-note", style: `grid-row: 1; grid-column: ${left ? `${column + 2} / -2` : `2 / ${column + 3}`}; justify-self: ${left ? "start" : "end"}`},
                   left ? `▼ here the ${picture.what} part` : `here the ${picture.what} part ▼`)];
    }

    function drawStrip(picture, line) {
        const {begin, end, bytes, columns} = picture;
        const places = Array.from({length: columns}, (_, i) => line + i), inside = (at) => at >= begin && at < end;
        const cells = places.map((at) => {
            const cell = el("span", {class: `byte${inside(at) ? "" : " outside"}${picture.contrived.has(at) ? " contrived" : ""}${at === picture.parts ? " parting" : ""}`,
                                     style: `grid-row: 2; grid-column: ${at - line + 2}`}, inside(at) ? two(bytes[at - begin]) : "");
            if (!inside(at)) return cell;
            cell.dataset.at = at;
            picture.cells.set(at, cell);
            return cell;
        });
        const text = places.map((at) => (inside(at) ? asChar(bytes[at - begin]) : " ")).join("");
        return el("div", {class: "strip"}, el("span", {class: "place", style: "grid-row: 2"}, line.toString(16).padStart(4, "0")), drawParting(picture, line), cells,
            picture.ascii ? el("span", {class: "ascii", style: "grid-row: 2", "aria-hidden": "true"}, text) : "",
            picture.lanes.map((lane, number) => drawLane(picture, lane, number + 3, line)));
    }

    /* picture: bytes from `begin` to `end`, lanes, where readings part, which bytes were contrived, colours, and what measure() says. */
    function drawStrips(box, picture) {
        const strips = [];
        for (let line = picture.begin - (picture.begin % picture.columns); line < picture.end; line += picture.columns) strips.push(drawStrip(picture, line));
        box.replaceChildren(...strips);
    }

    /* Parses of the same bytes, each a list of {hex, name}: drawn in the same way. */
    function drawParses(parses) {
        const box = el("div", {class: "bytes", role: "group", "aria-label": "The input, and its parses one under another"});
        const lanes = parses.map((parse, i) => {
            let at = 0;
            const spans = parse.map(({hex, name}) => ({at, length: hex.length / 2, name, kind: /subsection/i.test(name) ? "subsections" : /magic|header|footer|eof/i.test(name) ? "framing" : "fields", end: (at += hex.length / 2)}));
            return {letter: String(i + 1), spans, from: 0, to: at};
        });
        const bytes = toBytes(parses[0].map(({hex}) => hex).join(""));
        const parting = parses[0].findIndex((part, i) => parses[1] && (part.hex !== parses[1][i]?.hex || part.name !== parses[1][i]?.name));
        const picture = {bytes, begin: 0, end: bytes.length, lanes, parts: parting < 0 ? null : lanes[0].spans[parting].at, contrived: new Set(), hue: makeHues(), what: "parses"};
        new ResizeObserver(() => drawStrips(box, Object.assign(picture, measure(box), {cells: new Map(), bars: []}))).observe(box);
        return box;
    }

    /* ---- The page's part ---- */

    function start(box, witnesses, outcomes, first, guestsOf) {
        const state = {shown: witnesses, index: 0, cursor: 0};
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
        const more = el("div"), none = el("p", {class: "soft"}, "No witness is like that. Choose “all” in one of the lists."), frame = el("div", {class: "bytes-frame"}, live, grid);
        const bar = (kind, text) => el("span", {class: `bar bar-key ${kind}`}, text);
        const keys = el("div", {class: "keys"},
            el("span", {class: "key"}, bar("hue0", "name"), "a field"), el("span", {class: "key"}, bar("subsections", "name"), "a subsection’s header"),
            el("span", {class: "key"}, bar("framing", "name"), "framing"), el("span", {class: "key"}, bar("refused", "✗"), "refused"),
            el("span", {class: "key"}, el("span", {class: "byte contrived mono"}, "05"), "changed for this witness"),
            el("span", {class: "key"}, el("span", {class: "byte parting mono"}, "05"), "first byte at which the readings part"));
        box.append(el("div", {class: "view-tools"}, byOutcome.label, byOption.label, byOwner.label, el("label", {class: "wide"}, "Witness", chooser), previous, next, count),
                   none, head, lanesBox, keys, frame, help, more);

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
                    guestsOf(witness).map((words) => el("p", {}, el("strong", {}, "A guest does it: "), words)),
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

        function drawBytes() {
            Object.assign(view, measure(grid), {cells: new Map(), bars: []});
            drawStrips(grid, view);
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
                    return el("p", {}, el("strong", {}, `${lane.letter} ${lane.title}: `), span ? describeSpan(view, span, state.cursor) : "not read any more");
                });
            live.replaceChildren(el("p", {}, `Byte ${place(state.cursor)}: ${two(byte)}${asChar(byte) === "·" ? "" : ` “${asChar(byte)}”`}${view.contrived.has(state.cursor) ? ", changed for this witness" : ""}`), ...lines);
        }

        function show(index) {
            const witness = state.shown[index];
            state.index = index;
            count.textContent = state.shown.length ? `${index + 1} of ${state.shown.length}` : "no witness is like that";
            previous.disabled = next.disabled = state.shown.length < 2;
            for (const part of [head, lanesBox, keys, frame, help, more]) part.hidden = !witness;
            none.hidden = Boolean(witness);
            if (!witness) {
                box.dataset.witness = "";
                view = null;
                return;
            }
            chooser.value = index;
            const bytes = toBytes(witness.bytes);
            const contrived = new Set();
            for (const run of witness.payload || []) for (let i = 0; i < run.data.length / 2; i++) contrived.add(run.offset + i);
            view = {witness, bytes, contrived, begin: witness.begin, parts: witness.parts_at, what: "readings", hue: makeHues(), ...makeLanes(witness)};
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
            const moves = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -view.columns, ArrowDown: view.columns};
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
    }

    return {start, drawParses};
})();
