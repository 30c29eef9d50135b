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

const linkToOption = (name, columns) => (columns.some((column) => column.name === name) ? el("a", {href: `#option-${name}`}, name) : name);

function fillRecommendation(choices, columns) {
    byId("recommendation-list").append(...choices.map((choice) => el("article", {class: "choice"},
        el("h3", {}, el("span", {class: "term"}, "for "), choice.for),
        el("p", {}, el("span", {class: "term"}, "choose"), el("span", {class: "pick"}, linkToOption(choice.choose, columns))),
        el("p", {}, el("span", {class: "term"}, "because"), choice.because),
        el("p", {}, el("span", {class: "term"}, "this would change it"), choice.would_change))));
}

/* Numbers and authors are those of the discussion in October 2011; the others came later. */
const proposals = {
    legacy: ["", "QEMU 0.13"],
    guarded: ["", "QEMU 0.14 and 0.15"],
    heuristic: ["(1)", "proposed in 2011; QEMU since 1.0"],
    flagday: ["(2)", "Paolo Bonzini, 2011"],
    standalone: ["(3)", "proposed in 2011"],
    asn1: ["(4)", "proposed in 2011"],
    toplevel: ["(5)", "proposed in 2011"],
};

/* `go`: functions that show the column of an option in the table, or its grammar. */
function fillOptions(columns, grammar, questions, go) {
    const options = columns.filter((column) => !column.variant), variants = columns.filter((column) => column.variant);
    const numbered = (column) => Number(/\d/.exec(proposals[column.name]?.[0] || "")?.[0] || 9);
    const button = (text, label, act) => { const made = el("button", {type: "button", class: "as-link", "aria-label": label}, text); made.addEventListener("click", act); return made; };
    const hasGrammar = (name) => (grammar?.options || []).some((option) => (option.name || option) === name);
    const row = (column) => {
        const [number, from] = column.variant ? ["", "a variant"] : proposals[column.name] || ["", "vmwire"];
        return el("tr", {id: `option-${column.name}`}, el("td", {class: "number"}, number), el("th", {scope: "row"}, column.name), el("td", {}, column.about), el("td", {}, from),
            el("td", {class: "ways"}, questions?.length ? button("its column", `The column of ${column.name}`, () => go.column(column.name)) : "", hasGrammar(column.name) ? button("its grammar", `The grammar of ${column.name}`, () => go.grammar(column.name)) : ""));
    };
    byId("option-list").append(el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "The options"}, el("table", {class: "option-table"},
        el("thead", {}, el("tr", {}, ["No.", "Option", "What it does", "Where it is from", "Go to"].map((text) => el("th", {scope: "col"}, text)))),
        el("tbody", {}, [...options].sort((a, b) => numbered(a) - numbered(b)).map(row), variants.map(row)))));
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

/* What a column is recommended for, by the name of the column. */
function findPicks(columns, choices) {
    const words = (choice) => String(choice.choose).split(/[^\w-]+/);
    return new Map(columns.map((column) => [column.name, (choices || []).filter((choice) => words(choice).includes(column.name)).map((choice) => choice.for)]).filter(([, uses]) => uses.length));
}

/* Returns what the table can be told: to show a column. */
function fillTable(columns, questions, choices) {
    const ordered = [...columns.filter((c) => !c.variant), ...columns.filter((c) => c.variant)];
    const picks = findPicks(columns, choices);
    const width = ordered.length + 1;
    const firstVariant = ordered.findIndex((column) => column.variant);
    const classOf = (column) => [column.variant ? "variant" : "", ordered[firstVariant] === column ? "first-variant" : "", picks.has(column.name) ? "picked" : ""].filter(Boolean).join(" ");
    const headOf = (column) => {
        const uses = picks.get(column.name);
        return el("th", {scope: "col", class: classOf(column), "data-column": column.name, title: [column.about, uses && `recommended for: ${uses.join("; ")}`].filter(Boolean).join(" — ")},
            uses ? el("span", {class: "star"}, el("span", {"aria-hidden": "true"}, "★"), el("span", {class: "hidden-text"}, "recommended: ")) : "", el("a", {href: `#option-${column.name}`}, column.name));
    };
    const head = el("tr", {}, el("th", {class: "sticky", scope: "col"}, "Question"), ordered.map(headOf));
    const body = el("tbody");
    const buttons = []; /* rows of buttons, for the arrow keys */
    let group = null;
    for (const question of questions) {
        if (question.group && question.group !== group) {
            group = question.group;
            body.append(el("tr", {class: "group-row"}, el("th", {colspan: width, scope: "rowgroup"}, el("span", {}, group))));
        }
        const row = [];
        const cells = ordered.map((column) => {
            const cell = (question.cells || []).find((each) => each.column === column.name);
            if (!cell) return el("td", {class: classOf(column), "data-missing": "yes"}, "not answered");
            const button = el("button", {type: "button", class: "cell", "aria-expanded": "false", tabindex: "-1"}, el("span", {}, gradeSign(cell.grade), String(cell.value)));
            Object.assign(button.dataset, {question: question.id, column: column.name, basis: cell.basis || "", by: cell.by || ""});
            button.shows = {question, column, cell};
            row.push(button);
            return el("td", {class: `${gradeOf(cell.grade)} ${classOf(column)}`.trim()}, button);
        });
        buttons.push(row);
        body.append(el("tr", {class: "question-row", "data-question": question.id},
            el("th", {class: "sticky", scope: "row", title: question.about || ""}, question.question), cells));
        body.append(el("tr", {class: "paper-only bases-row"}, el("td", {colspan: width}, el("div", {class: "bases"},
            row.map(({shows: {column, cell}}) => el("div", {}, el("strong", {}, column.name), ` ${cell.value} — ${cell.basis}: `, asCommand(cell.by), cell.detail ? ` — ${cell.detail}` : ""))))));
    }
    const table = el("table", {class: "decision no-variants"}, el("caption", {class: "hidden-text"}, "Questions and options"), el("thead", {}, head), body);
    byId("table-box").append(table);
    byId("table-keys").append(...Object.entries(grades).map(([grade, {sign, word}]) => el("span", {class: "key"}, el("span", {class: `badge ${grade}`}, el("span", {class: "sign"}, sign)), word)),
        picks.size ? el("span", {class: "key"}, el("span", {class: "star"}, "★"), "recommended for a use") : "");
    const fitColumns = addTableTools(table, ordered);
    const place = stepThroughCells(table, buttons, fitColumns);
    return (name) => {
        const column = ordered.findIndex((each) => each.name === name);
        if (ordered[column].variant && !picks.has(name)) table.dispatchEvent(new CustomEvent("variants", {detail: true}));
        byId("table").scrollIntoView();
        place(0, column, true);
    };
}

/* The arrow keys move, Enter or a click opens what a cell rests on. Returns a function that moves to a cell. */
function stepThroughCells(table, buttons, fitColumns) {
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
        showBelow(button.closest("tr"), row);
    };
    /* Scrolls until the panel is in view; where it is higher than the box, until its row is at the top. */
    const showBelow = (above, row) => {
        const head = table.tHead.offsetHeight, room = box.clientHeight - head;
        const lowest = row.offsetTop + row.offsetHeight - box.clientHeight, highest = above.offsetTop - head;
        if (box.scrollTop < lowest) box.scrollTop = row.offsetHeight + above.offsetHeight > room ? highest : lowest;
        const inBox = row.getBoundingClientRect();
        if (inBox.bottom > window.innerHeight) window.scrollBy(0, Math.min(inBox.bottom - window.innerHeight + 8, Math.max(0, above.getBoundingClientRect().top - head - 8)));
    };
    let current = [0, 0];
    const isThere = (button) => button.checkVisibility();
    const place = (r, c, focus) => {
        buttons[current[0]][current[1]].tabIndex = -1;
        const row = Math.min(Math.max(r, 0), buttons.length - 1), step = c < current[1] ? -1 : 1;
        let column = Math.min(Math.max(c, 0), buttons[row].length - 1);
        while (buttons[row][column] && !isThere(buttons[row][column])) column += step;
        if (!buttons[row][column]) column = step > 0 ? buttons[row].findLastIndex(isThere) : buttons[row].findIndex(isThere);
        current = [row, Math.max(0, column)];
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
    table.addEventListener("variants", () => { close(false); place(current[0], current[1], false); });
    new ResizeObserver(fitColumns).observe(box);
    return place;
}

/* Returns the function that makes columns as wide as a whole number of them fits. */
function addTableTools(table, ordered) {
    const tools = byId("table-tools"), box = byId("table-box");
    const more = el("span"), next = el("button", {type: "button"}, "Next columns →"), hint = el("span", {class: "scroll-hint"}, more, next);
    const check = (label, change) => {
        const input = el("input", {type: "checkbox"});
        input.addEventListener("change", () => change(input.checked));
        tools.append(el("label", {}, input, ` ${label}`));
        return input;
    };
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const tellRest = () => {
        const right = box.getBoundingClientRect().left + box.clientWidth;
        const hidden = heads.filter((head) => head.checkVisibility() && head.getBoundingClientRect().right > right + 2).length;
        hint.hidden = box.scrollWidth <= box.clientWidth + 2;
        more.textContent = hidden ? `${hidden} more ${hidden === 1 ? "column" : "columns"} to the right. ` : "The last column is in view. ";
        next.textContent = hidden ? "Next columns →" : "← First columns";
    };
    const fit = () => {
        const style = getComputedStyle(table), pixels = (name) => parseFloat(style.getPropertyValue(name)) * parseFloat(getComputedStyle(document.documentElement).fontSize);
        const shown = heads.filter((head) => head.checkVisibility()).length, room = box.clientWidth - pixels("--question");
        const fitting = Math.max(1, Math.min(shown, Math.floor(room / pixels("--least"))));
        table.style.setProperty("--answer", `${room / fitting}px`);
        table.style.setProperty("--answers", shown);
        box.style.setProperty("--box-width", `${box.clientWidth}px`);
        tellRest();
    };
    const variants = ordered.filter((column) => column.variant).length;
    if (variants) {
        const input = check(`Show all ${variants} variants`, (on) => table.dispatchEvent(new CustomEvent("variants", {detail: on})));
        table.addEventListener("variants", ({detail}) => { input.checked = detail; table.classList.toggle("no-variants", !detail); fit(); });
    }
    check("Show under each question what all cells rest on", (on) => { for (const row of table.querySelectorAll(".bases-row")) row.classList.toggle("paper-only", !on); });
    next.addEventListener("click", () => { box.scrollLeft = box.scrollLeft + box.clientWidth >= box.scrollWidth - 2 ? 0 : box.scrollLeft + box.clientWidth - table.tHead.rows[0].cells[0].offsetWidth; });
    box.addEventListener("scroll", tellRest, {passive: true});
    tools.append(el("span", {class: "soft"}, "Arrow keys move between cells, Enter opens one, Esc closes it."), hint);
    return fit;
}

/* ---- Claims ---- */

/* A command that shows several claims is said once, in front of them. */
function fillClaims(claims) {
    const verdicts = {"holds": "good", "holds partly": "fair", "does not hold": "bad"};
    const commands = new Set(claims.map((claim) => claim.command)), common = commands.size === 1 ? claims[0].command : "";
    if (common) byId("claim-list").append(el("p", {class: "run-it"}, el("span", {class: "soft"}, "Run all of them: "), el("code", {}, common)));
    byId("claim-list").append(...claims.map((claim) => {
        const grade = verdicts[claim.verdict] || "none";
        return el("article", {class: `claim ${grade}`, "data-claim": claim.id},
            el("h3", {}, claim.statement),
            el("p", {}, el("span", {class: `badge ${grade}`}, el("span", {"aria-hidden": "true"}, grades[grade].sign), ` ${claim.verdict}`), el("span", {class: "soft"}, claim.by || "")),
            el("p", {}, claim.because || ""),
            claim.command && !common ? el("p", {}, el("span", {class: "soft"}, "Run it: "), el("code", {}, claim.command)) : "");
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

/* Bytes that an option adds, from the two questions about them. */
function findOverheads(report) {
    const find = (id) => (report.questions || []).find((question) => question.id === id && (question.cells || []).some((cell) => typeof cell.number === "number"));
    const mean = find("added_mean"), worst = find("added_worst");
    if (!mean && !worst) return null;
    const number = (question, name) => question?.cells.find((cell) => cell.column === name)?.number;
    const unit = /%/.test((mean || worst).cells.map((cell) => cell.value).join("")) ? "%" : (mean || worst).unit || "";
    const rows = report.columns.map((column) => ({name: column.name, mean: number(mean, column.name), worst: number(worst, column.name)})).filter((row) => typeof row.mean === "number" || typeof row.worst === "number");
    return {unit, rows};
}

function drawnAnew(draw) {
    const place = el("div");
    new ResizeObserver(() => place.replaceChildren(draw(Math.min(place.clientWidth || 720, 860)))).observe(place);
    return place;
}

function fillPlots(report) {
    const list = byId("plot-list"), overheads = findOverheads(report);
    if (overheads)
        list.append(el("figure", {class: "plot"}, el("figcaption", {}, el("h3", {}, "Bytes that an option adds"),
            `A filled mark is the mean over all streams, an open one the worst stream, in ${overheads.unit || "bytes"} of the state of the devices. Up to 1 the scale is linear, beyond it is logarithmic.`),
            drawnAnew((width) => plots.overhead(overheads.rows, overheads.unit, "Bytes added by each option, mean and worst", `bytes added${overheads.unit ? `, ${overheads.unit} of the devices’ state` : ""}`, width))));
    const costs = (report.costs || []).filter((each) => each.points?.length);
    if (costs.length) {
        const groups = plots.group(costs, "examined");
        list.append(el("figure", {class: "plot"}, el("figcaption", {}, el("h3", {}, "Work against size"),
            "How many bytes a reader examines to read a stream; look-ahead counts each time. These streams are no captures: they are inputs that were made to be costly for this reader, each grown from the one before. Both scales are logarithmic. With an exponent of 1, twice the bytes are twice the work."),
            drawnAnew((width) => plots.work(groups, "examined", "Bytes examined against bytes of the stream, a line for each option", width)),
            el("ul", {class: "line-list"}, groups.map((group) => el("li", {}, el("span", {class: "lane-letter"}, group.letter), el("span", {}, el("strong", {}, group.names.join(", ")),
                `: ${typeof group.exponent === "number" ? `exponent ${group.exponent.toFixed(2)}, ` : ""}${plots.short(group.worst) === "1" ? "it examines each byte once" : `at worst it examines ${plots.short(group.worst)} times as many bytes as the stream has`}`))))));
    }
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

const sameSyntax = (rule, reference) => reference.some((other) => other.name === rule.name && other.ebnf === rule.ebnf);

/* `state`: how the rule compares with those of heuristic; `instead`: the rules of heuristic that have its name. */
function ruleBox(rule, state, instead) {
    const diagram = rule.svg ? readSvg(rule.svg, rule.name) : null;
    const badge = {other: "≠ another rule than in heuristic", added: "+ heuristic has no such rule", words: "same syntax, different words"}[state];
    return el("article", {class: state === "other" || state === "added" ? "rule differs" : "rule"},
        el("h4", {}, rule.name, badge ? el("span", {class: "badge"}, badge) : ""),
        el("pre", {}, rule.ebnf || ""),
        diagram ? el("div", {class: "railroad", tabindex: "0", role: "group", "aria-label": `Diagram of ${rule.name}`}, diagram) : "",
        (rule.words || []).length ? el("ul", {}, rule.words.map((word) => el("li", {}, word))) : "",
        rule.source ? el("p", {class: "soft"}, rule.source) : "",
        state === "other" ? instead.map((other) => el("div", {class: "elsewhere"}, "In heuristic: ", el("pre", {}, other.ebnf))) : "",
        state === "words" ? instead.filter((other) => other.ebnf === rule.ebnf).map((other) => el("div", {class: "elsewhere"}, "In heuristic: ", el("ul", {}, (other.words || []).map((word) => el("li", {}, word))))) : "");
}

/* Returns a function that shows the grammar of an option. */
function fillGrammar(grammar, first) {
    const names = (grammar.options || []).map((option) => option.name || option);
    const chooser = el("select", {id: "grammar-option"}, names.map((name) => el("option", {value: name}, name)));
    const all = el("input", {type: "checkbox", id: "grammar-all"});
    const rules = el("div"), terminals = el("div");
    const count = el("span", {class: "soft", role: "status"});
    const reference = grammar.rules.filter((rule) => has(rule, "heuristic"));
    const stateOf = (rule) => (has(rule, "heuristic") ? "" : sameSyntax(rule, reference) ? "words" : reference.some((other) => other.name === rule.name) ? "other" : "added");
    const draw = () => {
        const option = chooser.value, parts = [];
        const mine = grammar.rules.filter((rule) => has(rule, option));
        const of = (...states) => mine.filter((rule) => states.includes(stateOf(rule))).length;
        const removed = reference.filter((rule) => !mine.some((own) => own.name === rule.name));
        let section = null;
        for (const rule of mine) {
            const state = stateOf(rule);
            if (!state && !all.checked) continue;
            if (rule.section !== section) parts.push(el("h3", {}, (section = rule.section) || "Rules"));
            parts.push(ruleBox(rule, state, reference.filter((other) => other.name === rule.name)));
        }
        if (removed.length) parts.push(el("h3", {}, `Rules of heuristic that ${option} has not`), el("ul", {class: "absent"}, removed.map((rule) => el("li", {}, el("code", {}, rule.ebnf || rule.name)))));
        if (!parts.length) parts.push(el("p", {}, option === "heuristic" ? "The others are compared with this one. The switch shows its rules." : `The rules of ${option} are those of heuristic.`));
        rules.replaceChildren(...parts);
        const tokens = (grammar.terminals || []).filter((each) => has(each, option)).map(({options, ...rest}) => rest);
        terminals.replaceChildren(...(tokens.length ? [el("details", {class: "terminals"}, el("summary", {}, `The bytes of its ${tokens.length} terminals`), plainTable(tokens, "Terminals"))] : []));
        const words = of("words");
        count.textContent = option === "heuristic" ? `${mine.length} rules` : `${mine.length} rules; ${of("other", "added")} differ from heuristic; ${removed.length || "none"} removed${words ? `; ${words} with the same syntax and different words` : ""}`;
    };
    chooser.value = first.find((name) => names.includes(name)) || names[0];
    chooser.addEventListener("change", draw);
    all.addEventListener("change", draw);
    byId("grammar-box").append(
        el("p", {}, "The page shows how an option differs from heuristic, which is today’s QEMU. In a diagram, a terminal has round corners, and a rule square ones. A dashed box is a predicate: what must be true of the next bytes (b0 is the first) or of the structure for this way to be taken."),
        el("div", {class: "tools"}, el("label", {}, "Option ", chooser), el("label", {}, all, " Show all rules"), count), rules, terminals);
    draw();
    return (name) => {
        chooser.value = name;
        draw();
        byId("grammar").scrollIntoView();
        chooser.focus({preventScroll: true});
    };
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
    const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => key !== "kind");
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
        return el("td", {class: what?.grade || "", title: result?.why || ""}, result ? `${what?.sign || ""}\u00a0${result.verdict}` : "");
    };
    const used = Object.entries(ambiguities).filter(([verdict]) => results.some((result) => result.verdict === verdict));
    list.append(el("div", {class: "keys"}, used.map(([verdict, {sign, grade, word}]) => el("span", {class: "key"}, el("span", {class: `badge ${grade}`}, `${sign} ${verdict}`), word))),
        el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "Verdict on each structure under each option"}, el("table", {class: "verdicts"},
            el("thead", {}, el("tr", {}, el("th", {class: "sticky", scope: "col"}, "Structure"), readers.map((option) => el("th", {scope: "col"}, option)))),
            el("tbody", {}, names.map((name) => el("tr", {}, el("th", {class: "sticky", scope: "row"}, name), readers.map((option) => cell(name, option))))))));
    for (const name of names) {
        const own = results.filter((result) => result.schema === name), parsed = own.filter((result) => result.parses?.length);
        list.append(el("article", {class: "claim structure"}, el("h3", {id: `structure-${name}`}, name), about.get(name) ? el("p", {}, about.get(name).about, " ", el("span", {class: "soft"}, about.get(name).from)) : "",
            parsed.map((result) => [el("p", {}, el("strong", {}, [].concat(result.options).join(", ")), ": ", result.why), drawParsesOf(result)]),
            el("details", {}, el("summary", {}, "All options"), el("ul", {}, own.map((result) => el("li", {}, el("strong", {}, [].concat(result.options).join(", ")), ` ${result.verdict}: ${result.why || ""}`))))));
    }
}

/* The first structure that has two parses of one input, near the top of the page; the others are below. */
function fillTwoParses({results, schemas}) {
    const parsed = results.filter((result) => result.parses?.length > 1 && result.parses.every(Array.isArray));
    if (!parsed.length) return false;
    const [first] = parsed, about = (schemas || []).find((schema) => schema.name === first.schema)?.about;
    const others = [...new Set(parsed.map((result) => result.schema))].filter((name) => name !== first.schema);
    byId("two-parses-box").append(el("p", {}, about || "", " No reader can tell which of the two states was sent: their bytes are the same, under ", [].concat(first.options).join(", "), "."),
        drawParsesOf(first),
        others.length ? el("p", {}, "Structures of QEMU with two parses, too: ", others.map((name, i) => [i ? ", " : "", el("a", {href: `#structure-${name}`}, name)]), ".") : "");
    return true;
}

const drawParsesOf = ({parses}) => (parses.every(Array.isArray) ? viewer.drawParses(parses)
    : el("div", {class: "two-parses"}, parses.map((parse, i) => el("div", {}, el("span", {class: "soft"}, `Parse ${i + 1}`), el("pre", {class: "plain"}, String(parse))))));

/* ---- Guests, and programs of the time ---- */

const release = (version) => String(version).split(" ")[0].split(".").slice(0, 2).join(".");
const byNumber = (a, b) => a.localeCompare(b, "en", {numeric: true});

const quantity = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/* What these runs ended in, with how often. */
function countCell(runs, of, ...notes) {
    const counts = new Map();
    for (const run of runs) counts.set(of(run), (counts.get(of(run)) || 0) + 1);
    const found = [...counts.keys()].map((name) => outcomes[name]?.grade || "none");
    const grade = found.includes("bad") ? "bad" : counts.size === 1 ? found[0] : "none";
    return el("td", {class: counts.size ? grade : "soft"}, counts.size ? [...counts].map(([name, count]) => el("div", {class: "count"}, `${outcomes[name]?.sign || ""} ${name}${runs.length > 1 ? ` ${count} of ${runs.length}` : ""}`)) : "not tried", notes);
}

const isRefusedControl = (run) => run.control && run.control.verdict !== "accept";

/* Where the control was refused, too, the changed byte is not the reason. */
function tellRefusedControls(runs) {
    const refused = runs.filter(isRefusedControl);
    if (!refused.length) return "";
    const ways = [...new Set(refused.map((run) => `QEMU ${release(run.source)} into ${release(run.destination)}`))];
    return el("div", {class: "note"}, `${quantity(refused.length, "control")} refused, too (${ways.join(", ")}): ${[...new Set(refused.map((run) => run.control.message).filter(Boolean))].join("; ") || "no message"}. These runs say nothing about the byte.`);
}

/* The column of a release: what the destination did, in how many runs, and in how many of them the control was refused, too. */
function seenCell(runs) {
    const counted = runs.filter((run) => !isRefusedControl(run)), others = runs.length - counted.length;
    return countCell(counted, (run) => run.verdict, others ? el("div", {class: "note"}, `${others} not counted: the control was refused, too`) : "");
}

/* One row a guest, one column a release that was the destination; behind them the controls. All runs stand in a table to open. */
function fillGuests(guests, show) {
    const list = byId("guest-list");
    if (!guests.every((run) => run.guest && run.verdict)) return list.append(plainTable(guests, "Guests"));
    const releases = [...new Set(guests.filter((run) => run.destination).map((run) => release(run.destination)))].sort(byNumber);
    const rows = [...new Set(guests.map((run) => run.guest))].map((name) => {
        const own = guests.filter((run) => run.guest === name), ran = own.filter((run) => run.destination), decided = [...new Set(ran.map((run) => run.decided))].filter(Boolean);
        const unable = [...new Set(own.filter((run) => !run.destination).map((run) => release(run.source)))].sort(byNumber);
        const open = show(own[0]), link = open ? el("button", {type: "button", class: "as-link", title: "Shows a witness of this structure in the viewer"}, name) : name;
        if (open) link.addEventListener("click", open);
        return el("tr", {id: `guest-${name}`}, el("th", {class: "sticky", scope: "row"}, link), el("td", {}, own[0].ring ? "an unprivileged process" : "a boot sector", unable.length ? el("div", {class: "note"}, `could not run on QEMU ${unable.join(", ")}`) : ""),
            el("td", {}, own[0].signature?.owner || ""), el("td", {}, decided.map((outcome) => el("div", {class: "count"}, `${outcomes[outcome]?.sign || ""} ${outcome}`))),
            releases.map((version) => seenCell(ran.filter((run) => release(run.destination) === version))), countCell(ran.filter((run) => run.control), (run) => run.control.verdict, tellRefusedControls(ran)));
    });
    const controls = guests.filter((run) => run.control), accepted = controls.filter((run) => run.control.verdict === "accept").length;
    list.append(el("p", {}, `${quantity(rows.length, "guest")} in ${quantity(guests.filter((run) => run.destination).length, "migration")}. “Decided” is what vmwire says of the state without running it. The columns behind it are what the destination did. ${accepted} of ${controls.length} controls were accepted.`));
    list.append(el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "What guests did"}, el("table", {class: "plain-table seen-table"},
        el("thead", {}, el("tr", {}, ["Guest", "What it is", "Structure", "Decided", ...releases.map((version) => `Seen: into QEMU ${version}`), "Controls, all releases"].map((text, i) => el("th", {scope: "col", class: i ? "" : "sticky"}, text)))), el("tbody", {}, rows))));
    list.append(openTable(`All ${guests.length} runs`, () => plainTable(guests.map(({signature, loaded, sent, unknown, source_says: says, control, ...rest}) => ({...rest, "control": control?.verdict ?? "", "control message": control?.message ?? ""})), "All runs")));
}

/* A long table is made when it is opened. */
function openTable(title, make) {
    const made = el("details", {class: "all-runs"}, el("summary", {}, title));
    made.addEventListener("toggle", () => made.children.length < 2 && made.append(make()));
    return made;
}

/* Claims that were shown on the programs: a row a claim, a column a program. */
function fillEras(eras) {
    const list = byId("era-list");
    if (!eras.every((row) => row.claim && Array.isArray(row.seen))) return list.append(plainTable(eras, "Programs of the time"));
    const versions = [...new Set(eras.flatMap((row) => row.seen.map((each) => each.version)))].sort(byNumber);
    list.append(el("div", {class: "box", tabindex: "0", role: "region", "aria-label": "What the programs of the time did"}, el("table", {class: "plain-table seen-table"},
        el("thead", {}, el("tr", {}, el("th", {class: "sticky", scope: "col"}, "What was tried"), el("th", {scope: "col"}, "In other words"), versions.map((version) => el("th", {scope: "col"}, `QEMU ${version}`)))),
        el("tbody", {}, eras.map((row) => el("tr", {}, el("th", {class: "sticky", scope: "row"}, row.claim), el("td", {}, row.about || ""), versions.map((version) => countCell(row.seen.filter((each) => each.version === version), (each) => each.verdict))))))));
    list.append(openTable("All verdicts, with messages", () => plainTable(eras.flatMap((row) => row.seen.map((each) => ({claim: row.claim, ...each}))), "All verdicts")));
}

/* ---- Words ---- */

const words = {
    "machine type": "The machine that a guest sees, with its version, such as pc-q35-7.2. Both ends of a migration name the same one. A new release adds a new one, and keeps the old ones.",
    "release train": "The releases of one distributor, one after another. In one train, whoever changes the format also decides which releases read it.",
    "flag day": "A change after which old and new releases no longer read each other’s streams.",
    "section": "The part of a stream that belongs to one device. It begins with the device’s name and number.",
    "record": "The fields of one structure, and behind them its tail. A field may hold a record itself.",
    "tail": "The place behind the last field of a record, where subsections may come.",
    "subsection": "A record that is sent only in some states: a byte 05, a name, a version, and fields.",
    "footer": "The byte 7e and the section’s number behind a section. Sent since QEMU 2.4.",
    "sentinel": "A byte that says that a record ends. Today’s format has none within a section.",
    "schema": "What a QEMU declares of its devices: fields, types, structures and subsections.",
    "capture": "A stream that a real QEMU wrote when it was asked to migrate.",
    "signature": "A structure, at whose tail a reader can be misled, with what comes of it at worst.",
    "witness": "A stream in which a few bytes were changed, within what the fields may hold, so that a reader goes wrong.",
    "control": "A stream or a guest that is the same but for one byte, and misleads no reader.",
    "truncated": "The reader reports success, but has left sections unread.",
    "corrupt": "The reader reports success, but has read another state than was sent.",
    "in silence": "Without an error: truncated or corrupt.",
    "lemon": "A program that makes parsers from grammars, and reports where a grammar has a conflict.",
    "LALR(1)": "The kind of grammar that lemon takes without a conflict. No input of such a grammar has two parses.",
    "DER": "An encoding of ASN.1. Each value has a tag and a length, and there is one way to write it.",
};

const wordId = (word) => `word-${word.replace(/\W+/g, "-").toLowerCase()}`;

function fillWords() {
    byId("word-list").append(...Object.entries(words).map(([word, meaning]) => [el("dt", {id: wordId(word)}, word), el("dd", {}, meaning)]).flat());
}

/* The first of these words in a section leads to what it means. */
function linkWords() {
    const find = new RegExp(`(?<![\\w-])(${Object.keys(words).map((word) => word.replace(/[()]/g, "\\$&")).join("|")})(?:e?s\\b)?(?![\\w-])`, "i");
    for (const section of document.querySelectorAll("main > section")) {
        const linked = new Set();
        const texts = [...section.querySelectorAll("p, figcaption, dd, .choice h3, .option-table td")].filter((each) => !each.closest("#viewer-box, .detail, .bases"));
        for (const element of texts) for (const node of [...element.childNodes]) if (node.nodeType === Node.TEXT_NODE) linkWord(node, find, linked);
    }
}

function linkWord(node, find, linked) {
    for (let rest = node, found; (found = find.exec(rest.data)); ) {
        const word = Object.keys(words).find((each) => each.toLowerCase() === found[1].toLowerCase()), match = rest.splitText(found.index);
        rest = match.splitText(found[0].length);
        if (linked.has(word)) continue;
        linked.add(word);
        match.replaceWith(el("a", {class: "word", href: `#${wordId(word)}`, title: words[word]}, match.data));
    }
}

/* A link into what is folded opens it. */
function openTarget() {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details:not([open])");
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
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
        if (filled.has(section.id)) byId("contents").append(el("li", {}, el("a", {href: `#${section.id}`}, section.querySelector("h2").textContent)));
        else section.remove();
}

const isDoneBy = (witness, guest) => witness.signatures.some((signature) => signature.option === "heuristic" && signature.owner === guest.signature?.owner && signature.outcome === guest.signature?.outcome);

/* A witness that a guest brings about comes first, if there is one; best without privileges. */
const findFirstWitness = (report) => [...(report.guests || [])].sort((a, b) => (b.ring || 0) - (a.ring || 0)).map((guest) => report.witnesses.find((witness) => isDoneBy(witness, guest))).find(Boolean);

/* Guests that bring about what this witness shows, each with what the destinations did. */
function findGuests(report, witness) {
    const runs = (report.guests || []).filter((guest) => guest.destination && isDoneBy(witness, guest));
    return [...new Set(runs.map((run) => run.guest))].map((name) => {
        const own = runs.filter((run) => run.guest === name), releases = [...new Set(own.map((run) => release(run.destination)))].sort(byNumber);
        return [el("a", {href: `#guest-${name}`}, name), `, ${own[0].ring ? "an unprivileged process" : "a boot sector"}. Destinations were QEMU ${releases.join(", ")}: ${[...new Set(own.map((run) => run.verdict))].join(", ")}.`];
    });
}

function fillPage(report) {
    const filled = new Set(["limits"]);
    const fill = (id, there, make) => { if (there && there.length !== 0 && make() !== false) filled.add(id); };
    let show = () => {};
    const go = {};
    const recommended = (report.recommendation || []).map((choice) => choice.choose);
    const showWitness = (test) => { const found = (report.witnesses || []).find(test); return found && (() => show(found.name)); };
    fillWords();
    fill("conclusion", report.conclusion, () => fillConclusion(report.conclusion));
    fill("recommendation", report.recommendation, () => fillRecommendation(report.recommendation, report.columns || []));
    fill("two-parses", report.byte_grammars?.results, () => fillTwoParses(report.byte_grammars));
    fill("options", report.columns, () => fillOptions(report.columns, report.grammar, report.questions, go));
    fill("table", report.questions, () => { go.column = fillTable(report.columns, report.questions, report.recommendation); });
    fill("claims", report.claims, () => fillClaims(report.claims));
    fill("viewer", report.witnesses, () => {
        const made = viewer.start(byId("viewer-box"), report.witnesses, outcomes, findFirstWitness(report), (witness) => findGuests(report, witness));
        show = (name) => { made.show(name); byId("viewer").scrollIntoView(); document.querySelector("#viewer .bytes").focus({preventScroll: true}); };
    });
    fill("grid", report.grid?.rows, () => fillGrid(report.grid, (name) => show(name)));
    fill("plots", report, () => fillPlots(report));
    fill("grammar", report.grammar?.rules, () => { go.grammar = fillGrammar(report.grammar, [...recommended, "flagday"]); });
    fill("byte-grammars", report.byte_grammars?.results, () => fillByteGrammars(report.byte_grammars));
    fill("guests", report.guests, () => { fillGuests(report.guests, (guest) => showWitness((witness) => isDoneBy(witness, guest))); });
    fill("eras", report.eras, () => { fillEras(report.eras); });
    tidySections(filled);
    linkWords();
    window.addEventListener("hashchange", openTarget);
    openTarget();
    byId("about-date").textContent = [report.date, report.streams ? quantity(report.streams, "stream") : "", report.witnesses?.length ? `${report.witnesses.length} witnesses` : ""].filter(Boolean).join(" · ");
    byId("about-page").replaceChildren("Made by vmwire ", String(report.version), report.date ? ` on ${report.date}` : "", " with ", el("code", {}, "vmwire compare --html"), ". All that is on this page is also printed by ", el("code", {}, "vmwire compare --json"), ".");
}

addThemeButton();
fillPage(JSON.parse(byId("report").textContent));
