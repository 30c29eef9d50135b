/* SPDX-License-Identifier: MIT */
/* Draws the plots of the report as SVG. Knows numbers and names, nothing of the page around it. */
"use strict";

const plots = (() => {
    const SVG = "http://www.w3.org/2000/svg";

    function draw(name, attributes, ...children) {
        const made = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
        made.append(...children);
        return made;
    }

    /* Linear up to 1, logarithmic beyond, for both signs: overheads reach from -6 to many thousand. */
    const bend = (x) => Math.sign(x) * (Math.abs(x) <= 1 ? Math.abs(x) : 1 + Math.log10(Math.abs(x)));

    function short(x) {
        const size = Math.abs(x), three = (value) => String(Number(value.toPrecision(3)));
        if (size >= 1e6) return `${three(x / 1e6)} M`;
        if (size >= 1e4) return `${three(x / 1e3)} k`;
        return size >= 100 || Number.isInteger(x) ? x.toFixed(0) : x.toFixed(size >= 10 ? 1 : 2);
    }

    /* Powers of ten within the range, and 0. */
    function bentTicks(low, high) {
        const ticks = [0];
        for (let power = 0; power < 12; power++)
            for (const tick of [10 ** power, -(10 ** power)]) if (tick >= low && tick <= high) ticks.push(tick);
        return ticks.sort((a, b) => a - b);
    }

    /* rows: {name, mean, worst}. A filled mark is the mean, an open one the worst stream. */
    function overhead(rows, unit, title, axis, width) {
        const rowHeight = 26, left = width < 500 ? 116 : 140, right = width < 500 ? 122 : 140, top = 52;
        const height = top + rows.length * rowHeight + 16;
        const all = rows.flatMap((row) => [row.mean, row.worst]).filter((x) => typeof x === "number");
        const low = Math.min(0, ...all), high = Math.max(1, ...all);
        const scale = (x) => left + ((bend(x) - bend(low)) / (bend(high) - bend(low))) * (width - left - right);
        const made = draw("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title});
        made.append(draw("title", {}, title), draw("text", {x: left, y: 14, class: "soft-text"}, axis));
        let last = -Infinity;
        for (const tick of bentTicks(low, high)) {
            const x = scale(tick);
            made.append(draw("line", {x1: x, x2: x, y1: top - 8, y2: height - 12, class: tick ? "axis" : "zero"}));
            if (x - last < 34) continue;
            last = x;
            made.append(draw("text", {x, y: top - 14, "text-anchor": "middle", class: "soft-text"}, `${tick > 0 ? "+" : ""}${short(tick)}`));
        }
        rows.forEach((row, i) => {
            const y = top + i * rowHeight + rowHeight / 2;
            const sign = (x) => (x > 0 ? "+" : "") + short(x);
            made.append(draw("text", {x: left - 12, y: y + 4, "text-anchor": "end"}, row.name));
            const there = [row.mean, row.worst].filter((x) => typeof x === "number");
            if (there.length === 2)
                made.append(draw("line", {x1: scale(row.mean), x2: scale(row.worst), y1: y, y2: y, class: "span-line"}));
            if (typeof row.worst === "number") made.append(draw("circle", {cx: scale(row.worst), cy: y, r: 5, class: "mark open"}));
            if (typeof row.mean === "number") made.append(draw("circle", {cx: scale(row.mean), cy: y, r: 4.5, class: "mark"}));
            const text = there.length ? there.map(sign).join(" / ") + (unit ? ` ${unit}` : "") : "not measured";
            made.append(draw("text", {x: width - right + 14, y: y + 4, class: there.length ? "" : "soft-text"}, text));
        });
        return made;
    }

    const drawable = (each, key) => each.points.filter((p) => p.bytes > 0 && p[key] > 0).sort((a, b) => a.bytes - b.bytes);

    /* Options whose work is alike share a line. The costliest comes first. */
    function group(costs, key) {
        const groups = [];
        for (const each of costs) {
            const points = drawable(each, key), worst = each[`${key}_per_byte`] ?? Math.max(...points.map((p) => p[key] / p.bytes));
            if (!points.length) continue;
            const alike = groups.find((other) => Math.abs(Math.log(other.worst / worst)) < 0.05 && Math.abs((other.exponent ?? 1) - (each.exponent ?? 1)) < 0.05);
            if (alike) alike.names.push(each.option);
            else groups.push({names: [each.option], points, worst, exponent: each.exponent});
        }
        return groups.sort((a, b) => b.worst - a.worst).map((each, i) => ({...each, letter: String.fromCharCode(65 + i)}));
    }

    /* Powers of ten; where fewer than three are in the range, 2 and 5 times them, too. */
    function logTicks(low, high) {
        const powers = [];
        for (let power = Math.floor(low); power <= Math.ceil(high); power++) powers.push(10 ** power);
        const within = (list) => list.filter((tick) => Math.log10(tick) >= low - 1e-9 && Math.log10(tick) <= high + 1e-9);
        return within(powers).length > 2 ? within(powers) : within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
    }

    /* A line for each group of options, with its letter at the end. Both axes are logarithmic. */
    function work(groups, key, title, width) {
        const height = Math.max(260, Math.min(400, width * 0.55)), left = 62, right = 40, top = 34, bottom = 46;
        const points = groups.flatMap((each) => each.points);
        const range = (name) => [Math.min(...points.map((p) => p[name])), Math.max(...points.map((p) => p[name]))].map(Math.log10);
        const [x0, x1] = range("bytes"), [y0, y1] = range(key);
        const x = (value) => left + ((Math.log10(value) - x0) / (x1 - x0 || 1)) * (width - left - right);
        const y = (value) => height - bottom - ((Math.log10(value) - y0) / (y1 - y0 || 1)) * (height - top - bottom);
        const made = draw("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title}, draw("title", {}, title));
        made.append(draw("path", {d: `M${left} ${top}V${height - bottom}H${width - right}`, class: "zero"}));
        for (const tick of logTicks(x0, x1))
            made.append(draw("line", {x1: x(tick), x2: x(tick), y1: top, y2: height - bottom, class: "axis"}),
                        draw("text", {x: x(tick), y: height - bottom + 16, "text-anchor": "middle", class: "soft-text"}, short(tick)));
        for (const tick of logTicks(y0, y1))
            made.append(draw("line", {x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "axis"}),
                        draw("text", {x: left - 6, y: y(tick) + 4, "text-anchor": "end", class: "soft-text"}, short(tick)));
        made.append(draw("text", {x: width - right, y: height - 8, "text-anchor": "end", class: "soft-text"}, "bytes of the stream"),
                    draw("text", {x: 4, y: 14, class: "soft-text"}, "bytes examined"));
        let above = -Infinity;
        for (const each of [...groups].sort((a, b) => y(a.points.at(-1)[key]) - y(b.points.at(-1)[key]))) {
            const end = each.points.at(-1), place = Math.max(y(end[key]) + 4, above + 14);
            above = place;
            made.append(draw("path", {d: each.points.map((p, i) => `${i ? "L" : "M"}${x(p.bytes).toFixed(1)} ${y(p[key]).toFixed(1)}`).join(""), class: Math.abs((each.exponent ?? 1) - 1) > 0.1 ? "mine" : "other"}),
                        ...each.points.map((p) => draw("circle", {cx: x(p.bytes), cy: y(p[key]), r: 3, class: "mark"})),
                        draw("text", {x: x(end.bytes) + 9, y: place, class: "line-letter"}, each.letter));
        }
        return made;
    }

    return {overhead, group, work, short};
})();
