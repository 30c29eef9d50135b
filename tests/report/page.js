// SPDX-License-Identifier: MIT
// Makes a page of a report, as parsers/program/report/page.c does.
import {readFileSync} from "node:fs";

const folder = new URL("../../parsers/program/report/", import.meta.url);
const part = (name) => readFileSync(new URL(name, folder), "utf8");

export function makePage(report) {
    const parts = {style: part("page.css"), report: JSON.stringify(report).replaceAll("<", "\\u003c"), scripts: ["plots.js", "viewer.js", "page.js"].map(part).join("")};
    return part("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

/* The report that stands in a page. */
export function readReport(page) {
    return JSON.parse(page.match(/<script type="application\/json" id="report">(.*?)<\/script>/s)[1]);
}
