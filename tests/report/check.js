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
    const expected = {conclusion: report.conclusion, recommendation: report.recommendation, options: report.columns, table: report.questions, claims: report.claims,
                      viewer: report.witnesses, grid: report.grid?.rows, plots: report.costs || report.overheads || report.questions, grammar: report.grammar?.rules,
                      "byte-grammars": report.byte_grammars?.results, guests: report.guests, eras: report.eras};
    const wanted = Object.keys(expected).filter((id) => expected[id]?.length);
    const found = await page.$$eval("main > section", (all) => all.map((each) => each.id));
    const links = await page.$$eval("#contents a", (all) => all.map((each) => each.getAttribute("href").slice(1)));
    result(`${name}: sections in their order, and listed: ${found.join(", ")}`, [...must(isDeepStrictEqual(found, wanted), {found, wanted}), ...must(isDeepStrictEqual(found, links), {links})]);
    const text = await page.innerText("body");
    const missing = [...(report.conclusion || []), ...(report.claims || []).flatMap((claim) => [claim.statement, claim.verdict, claim.because, claim.command]),
                     ...(report.recommendation || []).flatMap((each) => Object.values(each))].filter((sentence) => sentence && !text.includes(sentence));
    result(`${name}: each sentence of conclusion, recommendation and claims is there`, missing);
}

async function checkTable({name, page, report}) {
    if (!report.questions) return;
    const names = await page.$$eval("#table thead th", (all) => all.slice(1).map((each) => each.textContent));
    result(`${name}: a column for each of ${report.columns.length} options and variants`, must(isDeepStrictEqual([...names].sort(), report.columns.map((c) => c.name).sort()), names));
    const cells = await page.$$eval("#table .cell", (all) => all.map((each) => ({...each.dataset, text: each.innerText, sign: each.querySelector(".sign").textContent, word: each.querySelector(".hidden-text").textContent})));
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
    await page.locator("#table-tools input").first().uncheck();
    const hidden = await page.$$eval("#table .variant", (all) => all.filter((each) => each.checkVisibility()).length);
    await page.locator("#table-tools input").first().check();
    result(`${name}: variants can be hidden`, must(hidden === 0, `${hidden} still there`));
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
    result(`${name}: ${drawn.length} plots with marks`, [...drawn.filter((each) => !each.label || !each.marks || each.bad), ...must(drawn.length >= report.costs.length, drawn.length)]);
}

async function checkGrammar({name, page, report}) {
    if (!report.grammar) return;
    const counts = {};
    for (const option of ["heuristic", "flagday"]) {
        await page.selectOption("#grammar-option", option);
        counts[option] = await page.$$eval("#grammar .rule", (all) => ({rules: all.length, differ: all.filter((each) => each.classList.contains("differs")).length, absent: document.querySelectorAll("#grammar .absent li").length,
                                                                          diagrams: document.querySelectorAll("#grammar .railroad svg").length, scripts: document.querySelectorAll("#grammar script").length}));
    }
    const has = (option) => report.grammar.rules.filter((rule) => rule.options.includes(option));
    const wanted = {rules: has("flagday").length, differ: has("flagday").filter((rule) => !rule.options.includes("heuristic")).length, absent: has("heuristic").filter((rule) => !has("flagday").some((own) => own.name === rule.name)).length};
    const {diagrams, scripts, ...found} = counts.flagday;
    await page.selectOption("#grammar-option", "heuristic");
    result(`${name}: the grammar of an option, with what differs from heuristic`, [...must(isDeepStrictEqual(found, wanted), {found, wanted}), ...must(diagrams && !scripts, {diagrams, scripts}), ...must(counts.heuristic.differ === 0 && counts.heuristic.rules === has("heuristic").length, counts)]);
}

async function checkLists({name, page, report}) {
    if (!report.guests) return;
    const text = await page.innerText("#guests table >> nth=0"), runs = await page.$$eval("#guests .all-runs tbody tr", (all) => all.length);
    const releases = new Set(report.guests.filter((run) => run.destination).map((run) => run.destination.split(".").slice(0, 2).join(".")));
    const missing = [...new Set(report.guests.map((run) => run.guest)), ...[...releases].map((release) => `into QEMU ${release}`)].filter((word) => !text.includes(word));
    result(`${name}: a row for each guest, a column for each release, and all ${report.guests.length} runs`, [...missing, ...must(runs === report.guests.length, runs)]);
    const eras = await page.innerText("#eras table >> nth=0");
    result(`${name}: what the programs of the time did`, report.eras.flatMap((row) => [row.about, ...row.seen.map((each) => each.verdict)]).filter((word) => !eras.includes(word)));
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
    result(`${name}: filters by outcome, option and owner`, faults);
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

const checks = [checkSections, checkTable, checkCells, checkGrid, checkPlots, checkGrammar, checkLists, checkViewer, checkFilters, checkLooks, checkTheme, checkKeyboard, checkPrint];

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
    result("the witnesses on the page are those of --json", must(real.witnesses.length > 100 && isDeepStrictEqual(real.witnesses, lines.filter((line) => line.kind === "witness")), "they differ"));
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
