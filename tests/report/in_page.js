// SPDX-License-Identifier: MIT
// Functions that look at the page from within: they are sent to the browser as text, so each stands alone.

/* Texts that a box cuts off, or that lie outside of the window without a box that scrolls. */
export function findCutText() {
    const faults = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest("script, style, noscript, option, .hidden-text, .skip") || !element.checkVisibility({visibilityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
        let scrolls = false;
        for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
            const style = getComputedStyle(box);
            if (/auto|scroll/.test(style.overflowX)) scrolls = true;
            if (!/hidden|clip/.test(style.overflowX) || box === document.body) continue;
            const outer = box.getBoundingClientRect();
            for (const rect of rects)
                if (rect.right > outer.right + 1 || rect.left < outer.left - 1 || rect.bottom > outer.bottom + 3 || rect.top < outer.top - 3) {
                    faults.push(`${box.className.baseVal ?? box.className} ${box.tagName} cuts off “${node.data.trim().slice(0, 60)}” by ${Math.round(Math.max(rect.right - outer.right, outer.left - rect.left, rect.bottom - outer.bottom))}`);
                    break;
                }
        }
        if (!scrolls && rects.some((rect) => rect.right > window.innerWidth + 0.5 || rect.left < -0.5)) faults.push(`outside of the window: “${node.data.trim().slice(0, 60)}”`);
    }
    for (const control of document.querySelectorAll("select, button"))
        if (control.tagName === "BUTTON" && control.checkVisibility() && control.scrollWidth > control.clientWidth + 1) faults.push(`a button is too small for “${control.textContent.slice(0, 60)}”`);
    return faults;
}

/* Texts whose colour is too near to that of their background (WCAG: at least 4.5). */
export function findLowContrast() {
    const parse = (text) => {
        const numbers = text.match(/[\d.]+/g).map(Number);
        if (/^color\(srgb/.test(text)) return {rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1};
        return {rgb: numbers.slice(0, 3).map((x) => x / 255), alpha: numbers[3] ?? 1};
    };
    const luminance = (rgb) => { const [r, g, b] = rgb.map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const background = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const {rgb, alpha} = parse(getComputedStyle(each).backgroundColor);
            if (alpha === 1) return rgb;
            if (alpha > 0) throw new Error(`a half transparent background: ${each.className}`);
        }
        return [1, 1, 1];
    };
    const faults = [];
    let count = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest("script, style, noscript, title, .hidden-text, :disabled") || !element.checkVisibility({visibilityProperty: true})) continue;
        const style = getComputedStyle(element), svg = element.closest("svg");
        const box = svg && element.tagName === "text" && element.previousElementSibling?.matches("rect, ellipse") ? getComputedStyle(element.previousElementSibling).fill : null;
        const [one, other] = [parse(svg ? style.fill : style.color).rgb, box && box !== "none" ? parse(box).rgb : background(svg ? svg.parentElement : element)].map(luminance);
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        count++;
        if (contrast < 4.5) faults.push(`${contrast.toFixed(2)}: “${node.data.trim().slice(0, 40)}” in ${element.className.baseVal ?? element.className} of ${element.parentElement.className.baseVal ?? element.parentElement.className}`);
    }
    return {count, faults: [...new Set(faults)], back: luminance(background(document.body))};
}

/* Presses Tab so many times. Stops that do not show the focus, or have no name. */
export async function findUnseenFocus(page, times) {
    const faults = [];
    for (let i = 0; i < times; i++) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
            const element = document.activeElement, style = getComputedStyle(element);
            const name = element.getAttribute("aria-label") || element.textContent.trim() || element.closest("label")?.textContent.trim() || "";
            return {tag: element.tagName, text: name.slice(0, 40), seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, skip: element.classList.contains("skip")};
        });
        if (stop.tag === "BODY") break;
        if (i === 0 && !stop.skip) faults.push(`Tab begins at “${stop.text}”`);
        if (!stop.seen) faults.push(`no focus is seen on ${stop.tag} “${stop.text}”`);
        if (!stop.text) faults.push(`no name: ${stop.tag}`);
    }
    return faults;
}
