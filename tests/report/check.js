// SPDX-License-Identifier: MIT
// Looks at two pages in headless Chromium: page.html, which vmwire wrote, and one of fixture.js. Prints a line for each check.
//
//     node check.js FOLDER [--shots DIR]     FOLDER has page.html and lines.json; $MODULES has node_modules
import {readFileSync, writeFileSync, mkdtempSync, rmSync, mkdirSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {isDeepStrictEqual} from "node:util";
import {report as fixture} from "./fixture.js";
import {makePage, readReport} from "./page.js";
import {findCutText, findLowContrast, findUnseenFocus} from "./in_page.js";

const {chromium} = createRequire(process.env.MODULES)("playwright-core");
const folder = process.argv[2];
const shots = process.argv[3] === "--shots" ? process.argv[4] : null;
let failed = 0;

function result(name, faults) {
    const list = [faults].flat().filter((fault) => fault !== true && fault !== undefined && fault !== null && fault !== "");
    console.log(`${list.length ? "not ok" : "ok"} ${name}`);
    for (const fault of list.slice(0, 8)) console.log(`#   ${typeof fault === "string" ? fault : JSON.stringify(fault)}`);
    failed += list.length > 0;
}

const must = (truth, fault) => (truth ? [] : [fault]);

// ---- A page in the browser -------------------------------------------------------------------------

/* Opens the file and notes what goes wrong in it, and what it asks the world for. */
async function open(context, name, file) {
    const page = await context.newPage();
    const seen = {errors: [], requests: []};
    page.on("pageerror", (error) => seen.errors.push(`${error}`));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.errors.push(message.text()));
    page.on("request", (request) => seen.requests.push(request.url()));
    await page.setViewportSize({width: 1400, height: 900});
    await page.goto(`file://${file}`);
    return {name, page, seen, report: readReport(readFileSync(file, "utf8"))};
}

// ---- Content ---------------------------------------------------------------------------------------

async function checkSections({name, page, report}) {
    const expected = {conclusion: report.conclusion, recommendation: report.recommendation, "two-parses": report.byte_grammars?.results.filter((each) => Array.isArray(each.parses?.[0])), options: report.columns, table: report.questions, claims: report.claims,
                      viewer: report.witnesses, grid: report.grid?.rows, plots: report.costs || report.questions, grammar: report.grammar?.rules,
                      "byte-grammars": report.byte_grammars?.results, guests: report.guests, eras: report.eras, limits: ["always"]};
    const wanted = Object.keys(expected).filter((id) => expected[id]?.length);
    const found = await page.$$eval("main > section", (all) => all.map((each) => each.id));
    const links = await page.$$eval("#contents a", (all) => all.map((each) => each.getAttribute("href").slice(1)));
    const headings = await page.$$eval("#contents a", (all) => all.filter((each) => document.querySelector(`${each.getAttribute("href")} > h2`).textContent !== each.textContent).map((each) => each.textContent));
    result(`${name}: sections in their order, and listed: ${found.join(", ")}`, [...must(isDeepStrictEqual(found, wanted), {found, wanted}), ...must(isDeepStrictEqual(found, links), {links}), ...headings]);
    const text = await page.innerText("body");
    const missing = [...(report.conclusion || []), ...(report.claims || []).flatMap((claim) => [claim.statement, claim.verdict, claim.because, claim.command]),
                     ...(report.recommendation || []).flatMap(({kind, ...each}) => Object.values(each))].filter((sentence) => sentence && !text.includes(sentence));
    result(`${name}: each sentence of conclusion, recommendation and claims is there`, missing);
}

async function checkTable({name, page, report}) {
    if (!report.questions) return;
    const names = await page.$$eval("#table thead th", (all) => all.slice(1).map((each) => each.dataset.column));
    result(`${name}: a column for each of ${report.columns.length} options and variants`, must(isDeepStrictEqual([...names].sort(), report.columns.map((c) => c.name).sort()), names));
    const cells = await page.$$eval("#table .cell", (all) => all.map((each) => ({...each.dataset, text: each.textContent, sign: each.querySelector(".sign").textContent, word: each.querySelector(".hidden-text").textContent})));
    const faults = report.questions.flatMap((question) => report.columns.flatMap((column) => {
        const cell = cells.find((each) => each.question === question.id && each.column === column.name);
        const told = question.cells.find((each) => each.column === column.name);
        return [...must(cell && cell.basis && cell.by, `${question.id}, ${column.name}: no cell, or without basis`), ...must(cell?.text.includes(String(told?.value)), `${question.id}, ${column.name}: ${cell?.text}`),
                ...must(cell?.sign.trim() && cell?.word.trim(), `${question.id}, ${column.name}: grade is told by colour alone`)];
    }));
    result(`${name}: each of ${cells.length} cells has its answer, a sign, a basis and what it is known by`, [...faults, ...must(cells.length === report.questions.length * report.columns.length, `${cells.length} cells`)]);
}

async function checkCells({name, page, report}) {
    if (!report.questions) return;
    const first = page.locator("#table .cell").first();
    await first.click();
    const told = report.questions[0].cells.find((cell) => cell.column === report.columns.find((column) => !column.variant).name);
    let text = await page.innerText("#cell-detail");
    const opened = [told.basis, told.by, told.detail].filter((part) => !text.includes(part));
    await page.keyboard.press("Escape");
    const back = await page.evaluate(() => document.activeElement === document.querySelector("#table .cell") && !document.querySelector("#cell-detail"));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const moved = await page.evaluate(() => {
        const {question, column} = document.activeElement.dataset, rows = [...document.querySelectorAll(".question-row")];
        return {right: column === rows[1].querySelectorAll(".cell")[1].dataset.column, down: question === rows[1].dataset.question, open: document.activeElement.getAttribute("aria-expanded"), detail: !!document.querySelector("#cell-detail")};
    });
    const stops = await page.$$eval("#table .cell", (all) => all.filter((each) => each.tabIndex === 0).length);
    await page.keyboard.press("Escape");
    result(`${name}: a cell opens by mouse and by keys, and closes`, [...opened, ...must(back, "Escape does not close, or loses the focus"), ...must(moved.right && moved.down && moved.open === "true" && moved.detail, moved), ...must(stops === 1, `${stops} stops of Tab`)]);
    const chosen = (report.recommendation || []).map((choice) => choice.choose), variants = report.columns.filter((column) => column.variant);
    const seen = () => page.$$eval("#table thead .variant", (all) => all.filter((each) => each.checkVisibility()).map((each) => each.dataset.column));
    const before = await seen();
    await page.locator("#table-tools input").first().check();
    const all = await seen();
    await page.locator("#table-tools input").first().uncheck();
    const stars = await page.$$eval("#table thead .picked", (heads) => heads.map((head) => [head.dataset.column, head.textContent.includes("★")]));
    result(`${name}: variants are shown on demand; columns that are recommended are marked, and always shown`,
           [...must(isDeepStrictEqual(before, variants.map((column) => column.name).filter((column) => chosen.includes(column))), before), ...must(all.length === variants.length, all),
            ...must(isDeepStrictEqual(stars.map(([column]) => column).sort(), [...new Set(chosen)].sort()) && stars.every(([, star]) => star), stars)]);
}

/* At each width whole columns stand beside that of the questions, a hint tells of the others, and what a cell opens is in view. */
async function checkTableFits({name, page, report}, width) {
    if (!report.questions) return;
    const shut = page.locator("#cell-detail .close");
    if (await shut.count()) await shut.click();
    const faults = [];
    const look = () => page.evaluate(() => {
        const box = document.querySelector("#table-box"), outer = box.getBoundingClientRect(), edge = document.querySelector("#table thead .sticky").getBoundingClientRect().right;
        const heads = [...document.querySelectorAll("#table thead th:not(.sticky)")].filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect());
        return {scrolls: box.scrollWidth > box.clientWidth + 2, hint: document.querySelector(".scroll-hint").checkVisibility(), whole: heads.filter((head) => head.left > edge - 2 && head.right < outer.right + 2).length,
                parts: heads.filter((head) => (head.left < edge - 2 && head.right > edge + 2) || (head.left < outer.right - 2 && head.right > outer.right + 2)).length, columns: heads.length};
    });
    await page.locator("#table-box").scrollIntoViewIfNeeded();
    for (let step = 0; step < 4; step++) {
        const seen = await look();
        faults.push(...must(seen.parts === 0 && seen.whole > 0, {step, ...seen}), ...must(seen.scrolls === seen.hint, {step, ...seen}));
        if (width === 1400) faults.push(...must(seen.whole >= Math.min(11, seen.columns), {step, ...seen}));
        if (!seen.scrolls) break;
        await page.locator(".scroll-hint button").click();
        await page.waitForTimeout(80);
    }
    for (const number of [0, 3, report.columns.length * 4]) {
        const cell = page.locator("#table .cell").nth(number);
        await cell.scrollIntoViewIfNeeded();
        await cell.click();
        await page.waitForTimeout(600); /* the page scrolls smoothly */
        const view = await page.evaluate(() => {
            const detail = document.querySelector("#cell-detail").getBoundingClientRect(), outer = document.querySelector("#table-box").getBoundingClientRect();
            return {top: detail.top, left: detail.left, right: detail.right, window: [window.innerWidth, window.innerHeight], seen: Math.min(detail.bottom, outer.bottom, window.innerHeight) - Math.max(detail.top, outer.top, 0), height: detail.height};
        });
        faults.push(...must(view.seen >= Math.min(view.height, 300) - 4 && view.left >= -1 && view.right <= view.window[0] + 1, {number, ...view}));
        await page.keyboard.press("Escape");
    }
    result(`${name}: at ${width} pixels whole columns are in view, and what a cell opens`, faults);
}

async function checkGrid({name, page, report}) {
    if (!report.grid?.rows.length) return;
    const rows = await page.$$eval("#grid tbody tr", (all) => all.map((row) => [...row.cells].slice(1).map((cell) => ({sign: cell.querySelector("[aria-hidden]")?.textContent, word: cell.querySelector(".hidden-text").textContent}))));
    const faults = report.grid.rows.flatMap((row, i) => row.cells.flatMap((cell, j) => must(cell ? rows[i][j].word === cell.outcome && rows[i][j].sign : rows[i][j].word === "not asked", `${row.witness}, ${report.grid.readers[j]}: ${JSON.stringify(rows[i]?.[j])}`)));
    result(`${name}: the grid has ${report.grid.rows.length} witnesses and ${report.grid.readers.length} readers, each outcome a letter and a word`, faults);
    await page.selectOption("#grid-outcome", "corrupt");
    const left = await page.$$eval("#grid tbody tr", (all) => all.filter((row) => row.checkVisibility()).length);
    const wanted = report.grid.rows.filter((row) => row.cells.some((cell) => cell?.outcome === "corrupt")).length;
    await page.selectOption("#grid-outcome", "");
    result(`${name}: the grid shows the ${wanted} witnesses of one outcome`, must(left === wanted && wanted > 0, `${left}`));
    const chosen = report.grid.rows[Math.floor(report.grid.rows.length / 2)].witness;
    await page.locator("#grid .as-link", {hasText: new RegExp(`^${chosen}$`)}).click();
    result(`${name}: a row of the grid opens its witness`, must(await page.getAttribute("#viewer-box", "data-witness") === chosen, chosen));
}

async function checkPlots({name, page, report}) {
    if (!report.costs) return;
    const drawn = await page.$$eval("#plots svg", (all) => all.map((each) => ({label: each.getAttribute("aria-label"), marks: each.querySelectorAll(".mark").length, bad: /NaN|undefined|Infinity/.test(each.outerHTML)})));
    const text = await page.innerText("#plots"), missing = [...report.costs.map((each) => each.option), "bytes of the stream", "bytes examined", "bytes added"].filter((word) => !text.includes(word));
    const ticks = await page.$$eval("#plots svg", (all) => all.map((each) => [...each.querySelectorAll(".soft-text")].filter((one) => /\d/.test(one.textContent)).length));
    result(`${name}: ${drawn.length} plots with marks, names and ticks`, [...drawn.filter((each) => !each.label || !each.marks || each.bad), ...must(drawn.length === 2, drawn.length), ...must(ticks.every((count) => count > 3), ticks), ...missing]);
}

async function checkGrammar({name, page, report}) {
    if (!report.grammar) return;
    const look = () => page.evaluate(() => ({rules: document.querySelectorAll("#grammar .rule").length, differ: document.querySelectorAll("#grammar .differs").length, removed: document.querySelectorAll("#grammar .absent li").length, told: document.querySelector("#grammar .tools [role=status]").textContent,
                                             diagrams: document.querySelectorAll("#grammar .railroad svg").length, scripts: document.querySelectorAll("#grammar script").length}));
    const of = (option) => report.grammar.rules.filter((rule) => rule.options.includes(option)), reference = of("heuristic"), faults = [];
    for (const option of [...report.grammar.options.map((each) => each.name || each)]) {
        await page.selectOption("#grammar-option", option);
        const own = of(option).filter((rule) => !rule.options.includes("heuristic")), alike = own.filter((rule) => reference.some((other) => other.name === rule.name && other.ebnf === rule.ebnf)).length;
        const removed = reference.filter((rule) => !of(option).some((other) => other.name === rule.name)).length, less = await look();
        faults.push(...must(less.rules === own.length && less.differ === own.length - alike && less.removed === removed && !less.scripts, {option, less}));
        if (option !== "heuristic") faults.push(...must(less.told.startsWith(`${of(option).length} rules; ${own.length - alike} differ from heuristic; ${removed || "none"} removed`) && less.told.includes("same syntax") === alike > 0, {option, told: less.told}));
        await page.check("#grammar-all");
        const more = await look();
        faults.push(...must(more.rules === of(option).length && more.differ === less.differ && more.diagrams, {option, more}));
        await page.uncheck("#grammar-all");
    }
    await page.selectOption("#grammar-option", "flagday");
    result(`${name}: the grammar of each option: what differs from heuristic, and all of it on demand`, faults);
}

async function checkLinks({name, page, report}) {
    const lost = await page.$$eval('a[href^="#"]', (all) => all.filter((each) => !document.getElementById(decodeURIComponent(each.getAttribute("href").slice(1)))).map((each) => each.getAttribute("href")));
    await page.locator("a.word").first().click();
    const opened = await page.evaluate(() => document.querySelector("#words").open && document.querySelector(decodeURIComponent(location.hash)).checkVisibility());
    await page.locator("#words summary").click();
    result(`${name}: links lead somewhere, and a word to what it means`, [...lost, ...must(opened, "the words stay folded")]);
    if (!report.questions) return;
    const variant = report.columns.findLast((column) => column.variant).name;
    await page.locator(`#option-${variant} button`).first().click();
    const focus = await page.evaluate(() => ({...document.activeElement.dataset}));
    /* The page still scrolls to the column: a click could miss. */
    await page.locator("#table-tools input").first().press("Space");
    const shows = await page.locator("#table-tools input").first().isChecked();
    const option = report.grammar.options.map((each) => each.name || each).at(-1);
    await page.locator(`#option-${option} button`).last().click();
    result(`${name}: an option leads to its column and to its grammar`, [...must(focus.column === variant && !shows, focus), ...must(await page.inputValue("#grammar-option") === option, option)]);
}

async function checkLists({name, page, report}) {
    if (!report.guests) return;
    if (report.guests.length) {
        const table = await page.$$eval("#guests table >> nth=0", ([each]) => [...each.rows].map((row) => [...row.cells].map((cell) => cell.innerText)));
        await page.locator("#guests .all-runs summary").click();
        await page.waitForSelector("#guests .all-runs tbody tr");
        const runs = await page.$$eval("#guests .all-runs tbody tr", (all) => all.length), ran = report.guests.filter((run) => run.destination), short = (version) => version.split(".").slice(0, 2).join(".");
        const releases = [...new Set(ran.map((run) => short(run.destination)))].sort((a, b) => a - b), names = [...new Set(report.guests.map((run) => run.guest))];
        const faults = names.flatMap((guest, i) => {
            const cells = table[i + 1], own = report.guests.filter((run) => run.guest === guest), counted = (version) => own.filter((run) => run.destination && short(run.destination) === version && run.control.verdict === "accept");
            return [...must(cells[0] === guest && cells[1].includes(own[0].ring ? "unprivileged process" : "boot sector") && cells[2] === own[0].signature.owner && cells[3].includes(own.find((run) => run.destination).decided), cells),
                    ...must(cells[1].includes("could not run on QEMU") === own.some((run) => !run.destination), cells),
                    ...releases.flatMap((version, r) => must(new Set(counted(version).map((run) => run.verdict)).size > 0 && [...new Set(counted(version).map((run) => run.verdict))].every((verdict) => cells[4 + r].includes(`${verdict}${counted(version).length > 1 ? ` ${counted(version).filter((run) => run.verdict === verdict).length} of ${counted(version).length}` : ""}`)), {guest, version, cell: cells[4 + r]})),
                    ...must(cells.at(-1).includes("refused, too") === own.some((run) => run.control && run.control.verdict !== "accept"), cells)];
        });
        result(`${name}: for each guest what it is, what was decided and what was seen, for each release in their order, and all ${report.guests.length} runs`,
               [...must(isDeepStrictEqual(table[0].slice(4, -1), releases.map((version) => `Seen: into QEMU ${version}`)), table[0]), ...faults, ...must(runs === report.guests.length, runs)]);
    }
    if (report.eras.length) {
        const eras = await page.innerText("#eras table >> nth=0");
        result(`${name}: what the programs of the time did`, report.eras.flatMap((row) => [row.claim, row.about, ...row.seen.map((each) => each.verdict)]).filter((word) => !eras.includes(word)));
    }
    const parses = report.byte_grammars.results.filter((each) => each.parses?.length && Array.isArray(each.parses[0]));
    const drawn = await page.$$eval("#byte-grammars .bytes", (all) => all.map((each) => ({hex: [...each.querySelectorAll(".byte[data-at]")].map((byte) => byte.textContent).join(""), lanes: new Set([...each.querySelectorAll(".letter")].map((letter) => letter.textContent)).size, parting: each.querySelectorAll(".parting").length})));
    const cells = await page.$$eval("#byte-grammars .verdicts td", (all) => all.filter((cell) => cell.textContent.trim()).length);
    result(`${name}: grammars of bytes: ${cells} verdicts, and ${parses.length} inputs with their parses`, [...parses.flatMap((each, i) => must(drawn[i]?.hex === each.input && drawn[i].lanes === each.parses.length && drawn[i].parting === 1, drawn[i])),
        ...must(cells === report.byte_grammars.results.flatMap((each) => each.options).length, cells)]);
}

// ---- The viewer ------------------------------------------------------------------------------------

/* What stands in the viewer now. */
const look = (page) => page.evaluate(() => {
    const box = document.querySelector("#viewer-box");
    const bytes = [...box.querySelectorAll(".byte[data-at]")];
    const at = (element) => Number(element.dataset.at);
    return {
        name: box.dataset.witness, count: document.querySelector("#witness-count").textContent, live: document.querySelector("#reading").innerText,
        hex: bytes.map((each) => each.textContent).join(""), first: bytes.length ? at(bytes[0]) : null, parting: bytes.filter((each) => each.classList.contains("parting")).map(at), cursor: bytes.filter((each) => each.classList.contains("at-cursor")).map(at),
        contrived: bytes.filter((each) => each.classList.contains("contrived")).map(at),
        lanes: [...box.querySelectorAll(".lane-list li")].map((each) => each.innerText.replaceAll("\n", " ")),
        strips: [...box.querySelectorAll(".strip")].map((strip) => {
            const cells = [...strip.querySelectorAll(".byte[data-at]")].map((each) => each.getBoundingClientRect());
            const letters = [...strip.querySelectorAll(".letter")].map((each) => ({letter: each.textContent, top: each.getBoundingClientRect().top, bottom: each.getBoundingClientRect().bottom}));
            const bars = [...strip.querySelectorAll(".bar")].map((each) => ({left: each.getBoundingClientRect().left, right: each.getBoundingClientRect().right, middle: (each.getBoundingClientRect().top + each.getBoundingClientRect().bottom) / 2, refused: each.classList.contains("refused")}));
            const of = (letter) => bars.filter((bar) => bar.middle > letter.top - 4 && bar.middle < letter.bottom + 4);
            return {left: cells[0]?.left, right: cells.at(-1)?.right, lanes: letters.map((letter) => ({letter: letter.letter, bars: of(letter)}))};
        }),
    };
});

/* The bytes, what was changed, and bars without a gap under all of them for what was written. */
function findViewFaults(view, witness) {
    const faults = [];
    const say = (truth, what) => truth || faults.push(`${witness.name}: ${what}`);
    say(view.name === witness.name, `shows ${view.name}`);
    say(view.hex === witness.bytes && view.first === witness.begin, "other bytes");
    say(isDeepStrictEqual(view.parting, witness.parts_at === null ? [] : [witness.parts_at]), `parts at ${view.parting}, not ${witness.parts_at}`);
    const changed = witness.payload.flatMap((run) => Array.from({length: run.data.length / 2}, (_, i) => run.offset + i)).filter((at) => at >= witness.begin && at < witness.begin + witness.bytes.length / 2);
    say(isDeepStrictEqual(view.contrived, [...new Set(changed)].sort((a, b) => a - b)), "other bytes are marked as changed");
    for (const strip of view.strips) {
        const bars = strip.lanes.find((lane) => lane.letter === "W")?.bars.sort((a, b) => a.left - b.left) || [];
        const whole = bars.length && Math.abs(bars[0].left - strip.left) < 2 && Math.abs(bars.at(-1).right - strip.right) < 2 && bars.every((bar, i) => !i || Math.abs(bar.left - bars[i - 1].right) < 2);
        say(whole, "bars of what was written have gaps, or overlap");
    }
    const names = view.lanes.join(" ");
    for (const reading of witness.readings) for (const reader of reading.readers) say(names.includes(reader), `no lane of ${reader}`);
    const here = witness.readings.filter((reading) => reading.parts_at !== null && reading.parts_at >= witness.begin && reading.parts_at <= witness.tail + 64);
    for (const reading of here) {
        const from = Math.max(reading.parts_at, witness.begin), to = Math.min(reading.rejoins_at ?? Infinity, reading.outcome === "reject" ? reading.ends_at : Infinity, witness.begin + witness.bytes.length / 2);
        let next = from;
        for (const span of reading.spans) {
            say(Math.max(span.at, from) === next, `${reading.readers}: a gap in its spans before ${span.at}`);
            next = span.at + span.length;
        }
        say(next >= to, `${reading.readers}: its spans end at ${next}, not at ${to}`);
        say((reading.outcome === "reject") === reading.spans.some((span) => span.kind === "refused") || reading.ends_at > to, `${reading.readers}: where it refuses is not shown`);
    }
    for (const strip of view.strips) for (const lane of strip.lanes) say(lane.bars.length > 0, `lane ${lane.letter} without a bar`);
    say(new Set(view.strips.flatMap((strip) => strip.lanes.map((lane) => lane.letter))).size === here.length + 1, "not as many lanes as readings");
    return faults;
}

async function checkViewer(opened) {
    const {name, page, report} = opened;
    if (!report.witnesses?.length) return;
    const grid = page.locator("#viewer .bytes");
    await grid.focus();
    await page.selectOption("#witness", "0");
    await grid.focus();
    const faults = [];
    for (const witness of report.witnesses) {
        faults.push(...findViewFaults(await look(page), witness));
        await page.keyboard.press("n");
    }
    const round = await look(page);
    await page.keyboard.press("p");
    const back = await look(page);
    result(`${name}: n steps through all ${report.witnesses.length} witnesses; bytes, lanes, bars and marks are those of the report`,
           [...faults, ...must(round.name === report.witnesses[0].name && back.name === report.witnesses.at(-1).name, "n or p does not go round")]);
    await page.keyboard.press("n");
    const first = report.witnesses[0], last = first.begin + first.bytes.length / 2 - 1;
    const steps = [["Home", first.begin], ["ArrowRight", first.begin + 1], ["ArrowDown", first.begin + 17], ["ArrowUp", first.begin + 1], ["ArrowLeft", first.begin], ["ArrowLeft", first.begin], ["End", last], [".", first.parts_at]];
    const lost = [];
    for (const [key, at] of steps) {
        await page.keyboard.press(key);
        const {cursor, live} = await look(page);
        lost.push(...must(isDeepStrictEqual(cursor, [at]) && live.includes(`Byte ${at} (0x${at.toString(16)}): ${first.bytes.slice(2 * (at - first.begin), 2 * (at - first.begin) + 2)}`), {key, cursor, at, live}));
    }
    const {live} = await look(page);
    const told = first.readings.find((reading) => reading.parts_at === first.parts_at);
    lost.push(...must(live.includes(told.readers[0]) && live.includes("as it was written"), live), ...must(await page.getAttribute("#reading", "aria-live") === "polite", "no live region"));
    result(`${name}: keys move over the bytes, and the line below tells what each reader takes them for`, lost);
    await page.locator("#viewer .bytes .byte[data-at]").nth(5).hover();
    const hovered = (await look(page)).cursor;
    await page.locator("#viewer .bytes .bar").nth(1).hover();
    result(`${name}: so does the mouse`, must(isDeepStrictEqual(hovered, [first.begin + 5]) && (await look(page)).cursor.length === 1, hovered));
}

async function checkFilters({name, page, report}) {
    if (!report.witnesses?.length) return;
    const faults = [];
    const count = async () => Number((await page.textContent("#witness-count")).match(/of (\d+)/)?.[1] ?? 0);
    const wanted = (test) => report.witnesses.filter((witness) => witness.signatures.some((signature) => test(signature, witness))).length;
    const {option, outcome} = report.witnesses.flatMap((witness) => witness.signatures).find((signature) => signature.outcome === "truncated");
    await page.selectOption("#filter-outcome", outcome);
    faults.push(...must(await count() === wanted((s) => s.outcome === outcome), `outcome ${outcome}: ${await count()}`));
    await page.selectOption("#filter-option", option);
    faults.push(...must(await count() === wanted((s) => s.outcome === outcome && s.option === option), `option ${option}: ${await count()}`));
    await page.selectOption("#filter-outcome", "");
    await page.selectOption("#filter-option", "");
    const owner = report.witnesses.at(-1).owner;
    await page.selectOption("#filter-owner", owner);
    faults.push(...must(await count() === wanted((_, witness) => witness.owner === owner), `owner ${owner}: ${await count()}`));
    await page.selectOption("#filter-owner", "");
    faults.push(...must(await count() === report.witnesses.length, `all: ${await count()}`));
    const signatures = report.witnesses.flatMap((witness) => witness.signatures.map((signature) => ({...signature, owner: witness.owner}))), unique = (key) => [...new Set(signatures.map((each) => each[key]))];
    const none = unique("outcome").flatMap((outcome) => unique("owner").map((owner) => ({outcome, owner}))).find((pair) => !signatures.some((each) => each.outcome === pair.outcome && each.owner === pair.owner));
    if (none) {
        await page.selectOption("#filter-outcome", none.outcome);
        await page.selectOption("#filter-owner", none.owner);
        const left = await page.evaluate(() => [...document.querySelectorAll("#viewer-box .witness-head, #viewer-box .lane-list, #viewer-box .bytes, #reading")].filter((each) => each.checkVisibility()).map((each) => each.className));
        faults.push(...left, ...must((await page.innerText("#viewer-box")).includes("No witness is like that"), "does not tell that none is there"));
        await page.selectOption("#filter-outcome", "");
        await page.selectOption("#filter-owner", "");
    }
    result(`${name}: filters by outcome, option and owner; where none is left, none is shown`, [...faults, ...must(none, "no filter without a witness was tried")]);
}

// ---- How it looks ----------------------------------------------------------------------------------

async function openDetails(page) {
    if (await page.locator("#table .cell").count() && !await page.locator("#cell-detail").count()) await page.locator("#table .cell").nth(2).click();
}

async function checkLooks(opened) {
    const {name, page} = opened;
    for (const width of [1400, 400]) {
        await page.setViewportSize({width, height: width === 400 ? 800 : 900});
        await page.waitForTimeout(150);
        await checkTableFits(opened, width);
        await openDetails(page);
        const wide = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        result(`${name}: at ${width} pixels nothing is wider than the window`, must(wide[0] <= wide[1], wide));
        result(`${name}: at ${width} pixels no text is cut off`, await page.evaluate(findCutText));
        for (const scheme of ["light", "dark"]) {
            await page.emulateMedia({colorScheme: scheme});
            const {count, faults, back} = await page.evaluate(findLowContrast);
            result(`${name}: at ${width} pixels, ${scheme}: ${count} texts have a contrast of 4.5 or more`, [...faults, ...must(count > 50, `${count} texts`), ...must(scheme === "light" ? back > 0.8 : back < 0.1, `background ${back}`)]);
            if (shots) await takeShots(opened, `${width}-${scheme}`);
        }
    }
    await page.emulateMedia({colorScheme: "light"});
    await page.setViewportSize({width: 1400, height: 900});
}

async function takeShots({name, page}, kind) {
    mkdirSync(shots, {recursive: true});
    for (const section of await page.$$("header, main > section")) {
        const id = await section.evaluate((each) => { each.scrollIntoView({behavior: "instant"}); return each.id || "top"; });
        await page.screenshot({path: join(shots, `${name}-${id}-${kind}.png`)});
    }
}

async function checkTheme({name, page}) {
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const seen = [await back()];
    for (let i = 0; i < 3; i++) {
        await page.click("#theme");
        seen.push(await back());
    }
    result(`${name}: the button changes the colours: system, light, dark, system`, must(seen[0] === seen[1] && seen[1] !== seen[2] && seen[3] === seen[0], seen));
}

async function checkKeyboard({name, page}) {
    await page.reload();
    const faults = await findUnseenFocus(page, 60);
    result(`${name}: Tab begins at the link to the conclusion; each stop shows that it has the focus, and has a name`, faults);
    const bad = await page.evaluate(() => {
        const ids = [...document.querySelectorAll("[id]")].map((each) => each.id), twice = ids.filter((id, i) => ids.indexOf(id) !== i);
        const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((each) => Number(each.tagName[1]));
        return [...twice.map((id) => `two of ${id}`), ...levels.filter((level, i) => i && level > levels[i - 1] + 1).map((level) => `a heading h${level} without one above it`),
                ...[...document.querySelectorAll("table")].filter((table) => !table.querySelector("th[scope]")).map(() => "a table without heads"), ...(document.documentElement.lang ? [] : ["no language"])];
    });
    result(`${name}: headings, tables and names are in order`, bad);
}

/* A4 across has 1032 pixels between its margins. */
async function checkPrint({name, page, report}) {
    await page.setViewportSize({width: 1032, height: 700});
    await page.emulateMedia({media: "print", colorScheme: "dark"});
    await page.waitForTimeout(150);
    const found = await page.evaluate(() => ({
        sections: [...document.querySelectorAll("main > section")].filter((each) => each.getBoundingClientRect().height < 40).map((each) => `${each.id} is empty`),
        hidden: [...document.querySelectorAll(".cell, .bases-row, .claim, .strip, #grid tbody tr, #plots svg, .rule")].filter((each) => !each.checkVisibility()).map((each) => `${each.className} is left out`),
        boxes: [...document.querySelectorAll(".box, .bytes")].filter((each) => each.scrollHeight > each.clientHeight + 2 || each.scrollWidth > each.clientWidth + 2).map((each) => `${each.id || each.className} is cut off: ${each.scrollWidth} of ${each.clientWidth}, ${each.scrollHeight} of ${each.clientHeight}`),
        wide: document.documentElement.scrollWidth, white: getComputedStyle(document.body).backgroundColor,
    }));
    const pdf = await page.pdf({preferCSSPageSize: true, printBackground: true});
    const pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) || []).length;
    result(`${name}: printed, on ${pages} sheets, all sections, cells and witnesses are there, on white`, [...found.sections, ...found.hidden, ...found.boxes, ...must(found.wide <= 1032, `${found.wide} pixels wide`),
        ...must(/25[0-5], 25[0-5], 25[0-5]/.test(found.white), found.white), ...must(pages > 1, `${pages} sheets`), ...(report.questions ? must(await page.locator(".bases-row").first().isVisible(), "the bases are not printed") : [])]);
    if (shots) {
        mkdirSync(shots, {recursive: true});
        writeFileSync(join(shots, `${name}.pdf`), pdf);
    }
    await page.emulateMedia({media: "screen", colorScheme: "light"});
    await page.setViewportSize({width: 1400, height: 900});
}

// ---- Both pages ------------------------------------------------------------------------------------

const checks = [checkSections, checkTable, checkCells, checkGrid, checkPlots, checkGrammar, checkLists, checkLinks, checkViewer, checkFilters, checkLooks, checkTheme, checkKeyboard, checkPrint];

async function checkPage(context, name, file) {
    const opened = await open(context, name, file);
    for (const check of checks) await check(opened);
    result(`${name}: no error on the console`, opened.seen.errors);
    result(`${name}: nothing is fetched but the page`, opened.seen.requests.filter((url) => url !== `file://${file}` && !url.startsWith("data:")));
    await opened.page.close();
}

const profile = mkdtempSync(join(tmpdir(), "report-browser-"));
const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium", headless: true, offline: true,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
    const real = readReport(readFileSync(join(folder, "page.html"), "utf8"));
    const lines = readFileSync(join(folder, "lines.json"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const {kind, ...parts} = real;
    const differ = Object.entries(parts).filter(([name, part]) => {
        const objects = Array.isArray(part) && typeof part[0] === "object", kinds = objects ? [...new Set(part.map((each) => each.kind))] : [name];
        const told = lines.filter((line) => line.kind === kinds[0]);
        return kinds.length !== 1 || !kinds[0] || !isDeepStrictEqual(part, objects ? told : told[0]?.is);
    }).map(([name]) => name);
    const known = new Set(Object.entries(parts).map(([name, part]) => part[0]?.kind ?? name));
    result(`the ${Object.keys(parts).length} parts of the page are those of --json: ${Object.keys(parts).join(", ")}`,
           [...differ, ...must(kind === "report" && real.witnesses.length > 100 && real.guests.length > 100 && real.eras.length > 10 && real.claims.length > 5, "parts are missing"), ...lines.filter((line) => line.kind && !known.has(line.kind)).map((line) => line.kind).slice(0, 3)]);
    /* The made-up report, with some real witnesses. */
    const some = real.witnesses.filter((witness, i) => i % 12 === 0 || witness.signatures.some((signature) => signature.outcome !== "reject")).slice(0, 12);
    writeFileSync(join(folder, "fixture.html"), makePage({...fixture, witnesses: some, grid: {...real.grid, rows: real.grid.rows.filter((row) => some.some((witness) => witness.name === row.witness))}}));
    await checkPage(context, "corpus", join(folder, "page.html"));
    await checkPage(context, "fixture", join(folder, "fixture.html"));
} finally {
    await context.close();
    rmSync(profile, {recursive: true, force: true});
}
process.exit(failed ? 1 : 0);
