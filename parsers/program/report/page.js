/* SPDX-License-Identifier: MIT */
/* Fills the page from the report. A part of the report that is not there leaves its section out. */

/* Makes an element. Text never becomes markup. */
function el(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) if (value !== "" || key === "value" || key === "open") made.setAttribute(key, value);
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
}

const byId = (id) => document.getElementById(id);

const grades = {
    good: {sign: "✓", word: "good"},
    fair: {sign: "~", word: "with a condition"},
    bad: {sign: "✗", word: "bad"},
    none: {sign: "·", word: "neither good nor bad"},
};

const outcomes = {
    exact: {sign: "=", grade: "good", word: "exact: the state that was sent"},
    reject: {sign: "R", grade: "fair", word: "reject: the migration fails with an error"},
    truncated: {sign: "T", grade: "bad", word: "truncated: success, but sections are left unread"},
    corrupt: {sign: "C", grade: "bad", word: "corrupt: success, but another state"},
    accept: {sign: "A", grade: "none", word: "accept: QEMU reports success; whether its state is right cannot be seen"},
    semantic: {sign: "s", grade: "none", word: "semantic: QEMU refuses a value, for a reason outside of the format"},
    crash: {sign: "X", grade: "bad", word: "crash: QEMU ended"},
    unable: {sign: "u", grade: "none", word: "unable: this QEMU has no such machine or device"},
};

const gradeOf = (grade) => (grades[grade] ? grade : "none");

function gradeSign(grade) {
    const {sign, word} = grades[gradeOf(grade)];
    return [el("span", {class: "sign", "aria-hidden": "true"}, sign), el("span", {class: "hidden-text"}, `${word}: `)];
}

function facts(pairs) {
    return el("dl", {class: "facts"}, pairs.filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

/* Commands are code; rules and functions are sentences. */
const asCommand = (by) => (/^(build\/|vmwire|\.\/|tests\/|proofs\/|corpus\/|grammar\/|lemon|diff)/.test(by || "") ? el("code", {}, by) : by);

/* ---- Conclusion, recommendation, options ---- */

function fillConclusion(sentences) {
    byId("conclusion-text").append(...sentences.map((sentence) => el("p", {}, sentence)));
}

function fillRecommendation(choices) {
    byId("recommendation-list").append(...choices.map((choice) => el("article", {class: "choice"},
        el("h3", {}, el("span", {class: "term"}, "for "), choice.for),
        el("p", {}, el("span", {class: "term"}, "choose"), el("span", {class: "pick"}, choice.choose)),
        el("p", {}, el("span", {class: "term"}, "because"), choice.because),
        el("p", {}, el("span", {class: "term"}, "this would change it"), choice.would_change))));
}

function fillOptions(columns) {
    const group = (title, list) => (list.length ? [el("dt", {class: "group"}, title), list.map((column) => [el("dt", {}, column.name), el("dd", {}, column.about)])] : []);
    byId("option-list").append(...[group("Options", columns.filter((c) => !c.variant)), group("Variants", columns.filter((c) => c.variant))].flat(3));
}

/* ---- The decision table ---- */

function cellFacts(question, column, cell) {
    return facts([
        ["Answer", cell.value],
        ["Judged as", grades[gradeOf(cell.grade)].word],
        ["How it is known", cell.basis],
        ["By", asCommand(cell.by)],
        ["In short", cell.detail],
        ["The option", column.about],
    ]);
}

function fillTable(columns, questions) {
    const ordered = [...columns.filter((c) => !c.variant), ...columns.filter((c) => c.variant)];
    const width = ordered.length + 1;
    const firstVariant = ordered.findIndex((column) => column.variant);
    const variantClass = (i) => (ordered[i].variant ? `variant${i === firstVariant ? " first-variant" : ""}` : "");
    const head = el("tr", {}, el("th", {class: "sticky", scope: "col"}, "Question"),
        ordered.map((column, i) => el("th", {scope: "col", class: variantClass(i), title: column.about || ""}, column.name)));
    const body = el("tbody");
    const buttons = []; /* rows of buttons, for the arrow keys */
    let group = null;
    for (const question of questions) {
        if (question.group && question.group !== group) {
            group = question.group;
            body.append(el("tr", {class: "group-row"}, el("th", {colspan: width, scope: "rowgroup"}, el("span", {}, group))));
        }
        const row = [];
        const cells = ordered.map((column, i) => {
            const cell = (question.cells || []).find((each) => each.column === column.name);
            if (!cell) return el("td", {class: variantClass(i), "data-missing": "yes"}, "not answered");
            const button = el("button", {type: "button", class: "cell", "aria-expanded": "false", tabindex: "-1"}, gradeSign(cell.grade), el("span", {}, String(cell.value)));
            Object.assign(button.dataset, {question: question.id, column: column.name, basis: cell.basis || "", by: cell.by || ""});
            button.shows = {question, column, cell};
            row.push(button);
            return el("td", {class: `${gradeOf(cell.grade)} ${variantClass(i)}`.trim()}, button);
        });
        buttons.push(row);
        body.append(el("tr", {class: "question-row", "data-question": question.id},
            el("th", {class: "sticky", scope: "row"}, question.question), cells));
        body.append(el("tr", {class: "paper-only bases-row"}, el("td", {colspan: width}, el("div", {class: "bases"},
            row.map(({shows: {column, cell}}) => el("div", {}, el("strong", {}, column.name), ` ${cell.value} — ${cell.basis}: `, asCommand(cell.by), cell.detail ? ` — ${cell.detail}` : ""))))));
    }
    const table = el("table", {class: "decision"}, el("caption", {class: "hidden-text"}, "Questions and options"), el("thead", {}, head), body);
    byId("table-box").append(table);
    byId("table-keys").append(...Object.entries(grades).map(([grade, {sign, word}]) => el("span", {class: "key"}, el("span", {class: `badge ${grade}`}, el("span", {class: "sign"}, sign)), word)));
    stepThroughCells(table, buttons);
    addTableTools(table, ordered, firstVariant);
    table.style.setProperty("--answers", ordered.length);
}

function stepThroughCells(table, buttons) {
    const box = byId("table-box");
    let open = null;
    const close = (focus) => {
        if (!open) return;
        open.row.remove();
        open.button.setAttribute("aria-expanded", "false");
        if (focus) open.button.focus();
        open = null;
    };
    const toggle = (button) => {
        const same = open && open.button === button;
        close(false);
        if (same) return;
        const {question, column, cell} = button.shows;
        const shut = el("button", {type: "button", class: "close"}, "Close");
        const detail = el("div", {class: "detail", id: "cell-detail", role: "group", "aria-label": "What the cell rests on"}, shut,
            el("h3", {}, `${question.question} — ${column.name}`), question.about ? el("p", {class: "soft"}, question.about) : "", cellFacts(question, column, cell));
        const row = el("tr", {class: "detail-row"}, el("td", {colspan: table.rows[0].cells.length}, detail));
        button.closest("tr").after(row);
        button.setAttribute("aria-expanded", "true");
        button.setAttribute("aria-controls", "cell-detail");
        shut.addEventListener("click", () => close(true));
        open = {button, row};
    };
    let current = [0, 0];
    const place = (r, c, focus) => {
        buttons[current[0]][current[1]].tabIndex = -1;
        const row = Math.min(Math.max(r, 0), buttons.length - 1);
        current = [row, Math.min(Math.max(c, 0), buttons[row].length - 1)];
        const button = buttons[current[0]][current[1]];
        button.tabIndex = 0;
        if (focus) button.focus();
    };
    buttons.forEach((row, r) => row.forEach((button, c) => {
        button.addEventListener("click", () => { place(r, c, false); toggle(button); });
        button.addEventListener("focus", () => place(r, c, false));
    }));
    if (buttons.length && buttons[0].length) place(0, 0, false);
    table.addEventListener("keydown", (event) => {
        if (event.key === "Escape") return close(true);
        if (!event.target.classList.contains("cell")) return;
        const [r, c] = current;
        const to = {ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], Home: [r, 0], End: [r, 99]}[event.key];
        if (!to) return;
        event.preventDefault();
        place(to[0], to[1], true);
    });
    new ResizeObserver(() => box.style.setProperty("--box-width", `${box.clientWidth}px`)).observe(box);
}

function addTableTools(table, ordered, firstVariant) {
    const tools = byId("table-tools");
    const check = (label, checked, change) => {
        const input = el("input", {type: "checkbox"});
        input.checked = checked;
        input.addEventListener("change", () => change(input.checked));
        tools.append(el("label", {}, input, ` ${label}`));
    };
    if (firstVariant >= 0)
        check("Show the variants", true, (on) => {
            for (const cell of table.querySelectorAll(".variant")) cell.hidden = !on;
            table.style.setProperty("--answers", on ? ordered.length : firstVariant);
        });
    check("Show under each question what all cells rest on", false, (on) => { for (const row of table.querySelectorAll(".bases-row")) row.classList.toggle("paper-only", !on); });
    tools.append(el("span", {class: "soft"}, "Arrow keys move between cells, Enter opens one, Esc closes it."));
}

/* ---- Claims ---- */

function fillClaims(claims) {
    const verdicts = {"holds": "good", "holds partly": "fair", "does not hold": "bad"};
    byId("claim-list").append(...claims.map((claim) => {
        const grade = verdicts[claim.verdict] || "none";
        return el("article", {class: `claim ${grade}`, "data-claim": claim.id},
            el("h3", {}, claim.statement),
            el("p", {}, el("span", {class: `badge ${grade}`}, el("span", {"aria-hidden": "true"}, grades[grade].sign), ` ${claim.verdict}`), el("span", {class: "soft"}, claim.by || "")),
            el("p", {}, claim.because || ""),
            claim.command ? el("p", {}, el("span", {class: "soft"}, "Run it: "), el("code", {}, claim.command)) : "");
    }));
}

/* ---- The grid ---- */

function fillGrid(grid, show) {
    const firstQemu = grid.readers.findIndex((reader) => reader.startsWith("QEMU"));
    const turn = (i) => (i === firstQemu ? "turn" : "");
    const used = new Set(grid.rows.flatMap((row) => row.cells.filter(Boolean).map((cell) => cell.outcome)));
    byId("grid-keys").append(...Object.entries(outcomes).filter(([name]) => used.has(name)).map(([, {sign, grade, word}]) =>
        el("span", {class: "key"}, el("span", {class: `badge ${grade}`}, el("span", {class: "sign"}, sign)), word)));
    const rows = grid.rows.map((row) => {
        const open = el("button", {type: "button", class: "as-link"}, row.witness);
        open.addEventListener("click", () => show(row.witness));
        return {row, made: el("tr", {}, el("th", {class: "sticky", scope: "row"}, open), row.cells.map((cell, i) => {
            const what = cell && (outcomes[cell.outcome] || {sign: "?", grade: "none", word: cell.outcome});
            return cell ? el("td", {class: `${what.grade} ${turn(i)}`.trim(), title: [`${grid.readers[i]}: ${what.word}`, cell.message].filter(Boolean).join(" — ")},
                             el("span", {"aria-hidden": "true"}, what.sign), el("span", {class: "hidden-text"}, cell.outcome))
                        : el("td", {class: turn(i)}, el("span", {class: "hidden-text"}, "not asked"));
        }))};
    });
    const counts = grid.readers.map((_, i) => {
        const found = {};
        for (const row of grid.rows) if (row.cells[i]) found[row.cells[i].outcome] = (found[row.cells[i].outcome] || 0) + 1;
        return el("td", {class: turn(i)}, Object.keys(outcomes).filter((name) => found[name]).map((name) => el("div", {}, `${outcomes[name].sign} ${found[name]}`)));
    });
    byId("grid-box").append(el("table", {class: "outcomes"}, el("caption", {class: "hidden-text"}, "Outcome of each witness under each reader"),
        el("thead", {}, el("tr", {}, el("th", {class: "sticky", scope: "col"}, "Witness"), grid.readers.map((reader, i) => el("th", {scope: "col", class: turn(i)}, reader)))),
        el("tbody", {}, rows.map(({made}) => made)),
        el("tfoot", {}, el("tr", {}, el("th", {class: "sticky", scope: "row"}, "in all"), counts))));
    const only = el("select", {id: "grid-outcome"}, el("option", {value: ""}, "all"), [...used].map((name) => el("option", {value: name}, name)));
    const count = el("span", {class: "soft", role: "status"}, `${rows.length} witnesses`);
    only.addEventListener("change", () => {
        let left = 0;
        for (const {row, made} of rows) {
            made.hidden = only.value !== "" && !row.cells.some((cell) => cell && cell.outcome === only.value);
            left += !made.hidden;
        }
        count.textContent = `${left} witnesses`;
    });
    byId("grid-tools").append(el("label", {}, "Only those with the outcome ", only), count);
}

/* ---- Plots ---- */

/* From the report, or from the questions about bytes that are added. */
function findOverheads(report) {
    if (Array.isArray(report.overheads) && report.overheads.length) return report.overheads.map((each) => ({...each, name: each.option}));
    const find = (word) => (report.questions || []).find((question) => /bytes|overhead/.test(question.id) && question.id.includes(word) && (question.cells || []).some((cell) => typeof cell.number === "number"));
    const mean = find("mean"), worst = find("worst");
    if (!mean && !worst) return [];
    const number = (question, name) => question?.cells.find((cell) => cell.column === name)?.number;
    return (report.columns || []).map((column) => ({name: column.name, mean: number(mean, column.name), worst: number(worst, column.name), unit: (mean || worst).unit}));
}

function fillPlots(report) {
    const list = byId("plot-list");
    const rows = findOverheads(report);
    if (rows.length) {
        const place = el("div");
        const draw = () => place.replaceChildren(plots.overhead(rows, rows[0].unit || "", "Bytes added by each option, mean and worst", Math.min(place.clientWidth || 720, 820)));
        list.append(el("figure", {class: "plot"}, el("figcaption", {}, el("h3", {}, "Bytes that an option adds"),
            "A filled mark is the mean over all streams, an open one the worst stream. Below 1 the scale is linear, beyond it is logarithmic."),
            place));
        new ResizeObserver(draw).observe(place);
        draw();
    }
    const costs = (report.costs || []).filter((each) => each.points?.length);
    if (costs.length)
        list.append(el("figure", {class: "plot"}, el("figcaption", {}, el("h3", {}, "Work against size"),
            "Bytes that a reader examines, against bytes of the stream, both logarithmic; look-ahead counts each time. Each chart has one option’s streams; the pale lines are the other options. An exponent of 1 means that twice the bytes are twice the work."),
            el("div", {class: "small-plots"}, costs.map((each, i) => el("div", {}, el("strong", {}, each.option), typeof each.exponent === "number" ? el("span", {class: "soft"}, `  exponent ${each.exponent.toFixed(2)}`) : "", plots.cost(costs, i, "examined"))))));
    return list.children.length > 0;
}

/* ---- Grammar ---- */

/* Railroad diagrams come as markup of our own. Even so: what could run or load something is taken out. */
function readSvg(text, name) {
    const made = new DOMParser().parseFromString(text, "text/html").querySelector("svg");
    if (!made) return null;
    for (const bad of made.querySelectorAll("script, foreignObject, image, use, a, style")) bad.remove();
    for (const each of [made, ...made.querySelectorAll("*")])
        for (const {name: key} of [...each.attributes]) if (/^on|href$/i.test(key)) each.removeAttribute(key);
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", `Railroad diagram of ${name}`);
    return document.importNode(made, true);
}

const has = (rule, option) => !rule.options || rule.options.includes(option);

/* `instead`: the rules of heuristic that have the same name, if this one is not among them. */
function ruleBox(rule, instead) {
    const diagram = rule.svg ? readSvg(rule.svg, rule.name) : null;
    return el("article", {class: instead ? "rule differs" : "rule"},
        el("h4", {}, rule.name, instead ? el("span", {class: "badge"}, instead.length ? "≠ another rule than in heuristic" : "+ heuristic has no such rule") : ""),
        el("pre", {}, rule.ebnf || ""),
        diagram ? el("div", {class: "railroad", tabindex: "0", role: "group", "aria-label": `Diagram of ${rule.name}`}, diagram) : "",
        (rule.words || []).length ? el("ul", {}, rule.words.map((word) => el("li", {}, word))) : "",
        rule.source ? el("p", {class: "soft"}, rule.source) : "",
        (instead || []).map((other) => el("div", {class: "elsewhere"}, "In heuristic: ", el("pre", {}, other.ebnf), other.ebnf === rule.ebnf ? "The bytes are alike; the words are not." : "")));
}

function fillGrammar(grammar) {
    const names = (grammar.options || []).map((option) => option.name || option);
    const chooser = el("select", {id: "grammar-option"}, names.map((name) => el("option", {value: name}, name)));
    const onlyDifferent = el("input", {type: "checkbox", id: "grammar-different"});
    const rules = el("div"), terminals = el("div");
    const count = el("span", {class: "soft", role: "status"});
    const reference = grammar.rules.filter((rule) => has(rule, "heuristic"));
    const draw = () => {
        const option = chooser.value, parts = [];
        const mine = grammar.rules.filter((rule) => has(rule, option));
        const different = mine.filter((rule) => !has(rule, "heuristic"));
        const absent = reference.filter((rule) => !mine.some((own) => own.name === rule.name));
        let section = null;
        for (const rule of onlyDifferent.checked ? different : mine) {
            if (rule.section !== section) parts.push(el("h3", {}, (section = rule.section) || "Rules"));
            parts.push(ruleBox(rule, different.includes(rule) ? reference.filter((other) => other.name === rule.name) : null));
        }
        if (absent.length) parts.push(el("h3", {}, `Rules of heuristic that ${option} has not`), el("ul", {class: "absent"}, absent.map((rule) => el("li", {}, el("code", {}, rule.ebnf || rule.name)))));
        if (!parts.length) parts.push(el("p", {}, `The rules of ${option} are those of heuristic.`));
        rules.replaceChildren(...parts);
        const tokens = (grammar.terminals || []).filter((each) => has(each, option)).map(({options, ...rest}) => rest);
        terminals.replaceChildren(...(tokens.length ? [el("details", {class: "terminals"}, el("summary", {}, `The bytes of its ${tokens.length} terminals`), plainTable(tokens, "Terminals"))] : []));
        count.textContent = `${mine.length} rules, ${different.length} other than in heuristic, ${absent.length} of heuristic not there`;
    };
    chooser.value = names.includes("heuristic") ? "heuristic" : names[0];
    chooser.addEventListener("change", draw);
    onlyDifferent.addEventListener("change", draw);
    byId("grammar-box").append(
        el("p", {}, "In a diagram, a terminal has round corners, and a rule square ones. A dashed box is a predicate: what must be true of the next bytes (b0 is the first) or of the structure for this way to be taken."),
        el("div", {class: "tools"}, el("label", {}, "Option ", chooser), el("label", {}, onlyDifferent, " Only what differs from heuristic"), count), rules, terminals);
    draw();
}

/* ---- Lists of objects ---- */

function plainValue(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(", ");
    return typeof value === "object" ? el("pre", {}, JSON.stringify(value, null, 1)) : String(value);
}

/* {a: {b: 1}} becomes {"a b": 1}. */
const flat = (row) => Object.fromEntries(Object.entries(row).flatMap(([key, value]) => (value && typeof value === "object" && !Array.isArray(value) ? Object.entries(flat(value)).map(([inner, each]) => [`${key} ${inner}`, each]) : [[key, value]])));

function plainTable(objects, caption) {
    const rows = objects.map(flat);
    const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const grade = (value) => (typeof value === "string" && outcomes[value] ? outcomes[value].grade : "");
    const sign = (value) => (typeof value === "string" && outcomes[value] ? `${outcomes[value].sign} ` : "");
    return el("div", {class: "box", tabindex: "0", role: "region", "aria-label": caption}, el("table", {class: "plain-table"},
        el("thead", {}, el("tr", {}, keys.map((key) => el("th", {scope: "col"}, key.replaceAll("_", " "))))),
        el("tbody", {}, rows.map((row) => el("tr", {}, keys.map((key) => el("td", {class: grade(row[key])}, sign(row[key]), plainValue(row[key]))))))));
}

/* ---- Grammars of bytes ---- */

const ambiguities = {
    "ambiguous": {sign: "✗", grade: "bad", word: "two parses of one input were found"},
    "conflict only": {sign: "~", grade: "fair", word: "the grammar has a conflict, but no input with two parses was found"},
    "unambiguous": {sign: "✓", grade: "good", word: "LALR(1), hence unambiguous"},
    "unique decoding": {sign: "✓", grade: "good", word: "each input has one decoding; it follows from lengths and tags"},
};

function fillByteGrammars({results, schemas}) {
    const list = byId("byte-grammar-list"), readers = [...new Set(results.flatMap((result) => [].concat(result.options)))];
    const about = new Map((schemas || []).map((schema) => [schema.name, schema]));
    const names = [...new Set(results.map((result) => result.schema))];
    const cell = (name, option) => {
        const result = results.find((each) => each.schema === name && [].concat(each.options).includes(option)), what = ambiguities[result?.verdict];
        return el("td", {class: what?.grade || "", title: result?.why || ""}, result ? `${what?.sign || ""} ${result.verdict}` : "");
    };
    const used = Object.entries(ambiguities).filter(([verdict]) => results.some((result) => result.verdict === verdict));
    list.append(el("div", {class: "keys"}, used.map(([verdict, {sign, grade, word}]) => el("span", {class: "key"}, el("span", {class: `badge ${grade}`}, `${sign} ${verdict}`), word))),
        el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "Verdict on each structure under each option"}, el("table", {class: "verdicts"},
            el("thead", {}, el("tr", {}, el("th", {class: "sticky", scope: "col"}, "Structure"), readers.map((option) => el("th", {scope: "col"}, option)))),
            el("tbody", {}, names.map((name) => el("tr", {}, el("th", {class: "sticky", scope: "row"}, name), readers.map((option) => cell(name, option))))))));
    for (const name of names) {
        const own = results.filter((result) => result.schema === name), parsed = own.filter((result) => result.parses?.length);
        list.append(el("article", {class: "claim structure"}, el("h3", {}, name), about.get(name) ? el("p", {}, about.get(name).about, " ", el("span", {class: "soft"}, about.get(name).from)) : "",
            parsed.map((result) => [el("p", {}, el("strong", {}, [].concat(result.options).join(", ")), ": ", result.why), drawParsesOf(result)]),
            el("details", {}, el("summary", {}, "All options"), el("ul", {}, own.map((result) => el("li", {}, el("strong", {}, [].concat(result.options).join(", ")), ` ${result.verdict}: ${result.why || ""}`))))));
    }
}

const drawParsesOf = ({parses}) => (parses.every(Array.isArray) ? viewer.drawParses(parses)
    : el("div", {class: "two-parses"}, parses.map((parse, i) => el("div", {}, el("span", {class: "soft"}, `Parse ${i + 1}`), el("pre", {class: "plain"}, String(parse))))));

/* ---- Guests, and programs of the time ---- */

const release = (version) => String(version).split(" ")[0].split(".").slice(0, 2).join(".");
const byNumber = (a, b) => a.localeCompare(b, "en", {numeric: true});

/* What these runs ended in, with how often. */
function countCell(runs, of) {
    const counts = new Map();
    for (const run of runs) counts.set(of(run), (counts.get(of(run)) || 0) + 1);
    const worst = [...counts.keys()].map((name) => outcomes[name]?.grade).find((grade) => grade === "bad") || (counts.size === 1 ? outcomes[[...counts.keys()][0]]?.grade : "none");
    return el("td", {class: counts.size ? worst || "none" : ""}, [...counts].map(([name, count]) => el("div", {}, `${outcomes[name]?.sign || ""} ${name}${runs.length > 1 ? ` ${count}` : ""}`)));
}

/* One row a guest, one column a release that was the destination; below it the control. All runs stand in a table to open. */
function fillGuests(guests) {
    const list = byId("guest-list");
    if (guests.every((run) => run.guest && run.verdict)) {
        const releases = [...new Set(guests.filter((run) => run.destination).map((run) => release(run.destination)))].sort(byNumber);
        const rows = [...new Set(guests.map((run) => run.guest))].map((name) => {
            const own = guests.filter((run) => run.guest === name), to = (version) => own.filter((run) => run.destination && release(run.destination) === version);
            const signature = own[0].signature;
            return el("tr", {}, el("th", {class: "sticky", scope: "row"}, name), el("td", {}, own[0].ring ? "a process without privileges" : "the guest's kernel"),
                el("td", {}, signature ? `tail of ${signature.owner}: ${signature.outcome}` : ""), releases.map((version) => countCell(to(version), (run) => run.verdict)), countCell(own.filter((run) => run.control), (run) => run.control.verdict));
        });
        list.append(el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "What guests did"}, el("table", {class: "plain-table"},
            el("thead", {}, el("tr", {}, ["Guest", "Who does it", "Signature", ...releases.map((version) => `into QEMU ${version}`), "Control, all releases"].map((text, i) => el("th", {scope: "col", class: i ? "" : "sticky"}, text)))), el("tbody", {}, rows))));
        list.append(el("details", {class: "all-runs"}, el("summary", {}, `All ${guests.length} runs`), plainTable(guests, "All runs")));
    } else list.append(plainTable(guests, "Guests"));
}

/* Claims that were shown on the programs: a row a claim, a column a program. */
function fillEras(eras) {
    const list = byId("era-list");
    if (!eras.every((row) => row.claim && Array.isArray(row.seen))) return list.append(plainTable(eras, "Programs of the time"));
    const versions = [...new Set(eras.flatMap((row) => row.seen.map((each) => each.version)))].sort(byNumber);
    list.append(el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "What the programs of the time did"}, el("table", {class: "plain-table"},
        el("thead", {}, el("tr", {}, el("th", {class: "sticky", scope: "col"}, "What was tried"), versions.map((version) => el("th", {scope: "col"}, `QEMU ${version}`)))),
        el("tbody", {}, eras.map((row) => el("tr", {}, el("th", {class: "sticky", scope: "row"}, row.about || row.claim), versions.map((version) => countCell(row.seen.filter((each) => each.version === version), (each) => each.verdict))))))));
    list.append(el("details", {class: "all-runs"}, el("summary", {}, "All verdicts, with messages"), plainTable(eras.flatMap((row) => row.seen.map((each) => ({claim: row.claim, ...each}))), "All verdicts")));
}

/* ---- The whole page ---- */

function addThemeButton() {
    const button = byId("theme"), names = ["as the system", "light", "dark"];
    const store = (value) => { try { if (value === undefined) return localStorage.getItem("vmwire-theme"); localStorage.setItem("vmwire-theme", value); } catch { /* a page without storage */ } return null; };
    let now = Math.max(0, names.indexOf(store() || names[0]));
    const apply = () => {
        button.textContent = `Colours: ${names[now]}`;
        if (now) document.documentElement.dataset.theme = names[now];
        else delete document.documentElement.dataset.theme;
    };
    button.addEventListener("click", () => { now = (now + 1) % names.length; store(names[now]); apply(); });
    apply();
}

/* Sections without content go; the others are listed at the top. */
function tidySections(filled) {
    for (const section of document.querySelectorAll("main > section"))
        if (filled.has(section.id)) byId("contents").append(el("li", {}, el("a", {href: `#${section.id}`}, section.dataset.nav)));
        else section.remove();
}

const isDoneBy = (witness, guest) => witness.signatures.some((signature) => signature.option === "heuristic" && signature.owner === guest.signature?.owner && signature.outcome === guest.signature?.outcome);

/* A witness that a guest brings about comes first, if there is one; best without privileges. */
const findFirstWitness = (report) => [...(report.guests || [])].sort((a, b) => (b.ring || 0) - (a.ring || 0)).map((guest) => report.witnesses.find((witness) => isDoneBy(witness, guest))).find(Boolean);

function findGuests(report, witness) {
    const runs = (report.guests || []).filter((guest) => isDoneBy(witness, guest));
    return [...new Set(runs.map((run) => run.guest))].map((name) => {
        const own = runs.filter((run) => run.guest === name), releases = [...new Set(own.filter((run) => run.destination).map((run) => release(run.destination)))].sort(byNumber);
        return `${name}${own[0].ring ? ", without privileges" : ""}; the destination was QEMU ${releases.join(", ")}: ${[...new Set(own.map((run) => run.verdict))].join(", ")}`;
    });
}

function fillPage(report) {
    const filled = new Set();
    const fill = (id, there, make) => { if (there && there.length !== 0 && make() !== false) filled.add(id); };
    let show = () => {};
    fill("conclusion", report.conclusion, () => fillConclusion(report.conclusion));
    fill("recommendation", report.recommendation, () => fillRecommendation(report.recommendation));
    fill("options", report.columns, () => fillOptions(report.columns));
    fill("table", report.questions, () => fillTable(report.columns, report.questions));
    fill("claims", report.claims, () => fillClaims(report.claims));
    fill("viewer", report.witnesses, () => {
        const made = viewer.start(byId("viewer-box"), report.witnesses, outcomes, findFirstWitness(report), (witness) => findGuests(report, witness));
        show = (name) => { made.show(name); byId("viewer").scrollIntoView(); document.querySelector("#viewer .bytes").focus({preventScroll: true}); };
    });
    fill("grid", report.grid?.rows, () => fillGrid(report.grid, (name) => show(name)));
    fill("plots", report, () => fillPlots(report));
    fill("grammar", report.grammar?.rules, () => fillGrammar(report.grammar));
    fill("byte-grammars", report.byte_grammars?.results, () => fillByteGrammars(report.byte_grammars));
    fill("guests", report.guests, () => { fillGuests(report.guests); });
    fill("eras", report.eras, () => { fillEras(report.eras); });
    tidySections(filled);
    byId("about-date").textContent = [report.date, report.streams ? `${report.streams} streams` : "", report.witnesses?.length ? `${report.witnesses.length} witnesses` : ""].filter(Boolean).join(" · ");
    byId("about-page").replaceChildren("Made by vmwire ", String(report.version), report.date ? ` on ${report.date}` : "", " with ", el("code", {}, "vmwire compare --html"), ". All that is on this page is also printed by ", el("code", {}, "vmwire compare --json"), ".");
}

addThemeButton();
fillPage(JSON.parse(byId("report").textContent));
