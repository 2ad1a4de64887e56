// Charts of shares: bars, and one bar of several parts. The gray bars behind are those of the whole data set.

import { h, say } from "./dom.js";
import { full, percent, short } from "./numbers.js";

const GAP = 0.11; // of the width, between ticks

/** Counts of a data set by split and class. */
export class Tables {
  constructor(places, buffer, arrayAt) {
    this.tables = Object.fromEntries(
      Object.entries(places).map(([name, place]) => [name, { shape: place.shape, values: arrayAt(buffer, place) }]),
    );
  }

  /** Add up the rows of a split and a class; null adds up all. */
  sum(name, split, label) {
    const { shape: [splits, labels, ...rest], values } = this.tables[name];
    const width = rest.reduce((product, length) => product * length, 1);
    const total = new Float64Array(width);
    for (let s = split ?? 0; s < (split === null ? splits : split + 1); s++) {
      for (let k = label ?? 0; k < (label === null ? labels : label + 1); k++) {
        const start = (s * labels + k) * width;
        for (let i = 0; i < width; i++) total[i] += values[start + i];
      }
    }
    return total;
  }
}

/** A histogram; labels name its bins, ticks are [position in bins, text], noun is what is counted. */
export class Histogram {
  constructor(title, { labels, ticks, noun }) {
    Object.assign(this, { title, labels, noun });
    this.summary = h("p", { className: "muted" });
    this.bars = labels.map((_, i) => h(
      "div", { className: "column", onpointerenter: () => this.point(i), onpointerleave: () => this.point(null) },
      h("i", {}), h("b", {}),
    ));
    this.plot = h("div", { className: "columns", role: "img" }, ...this.bars);
    let end = -Infinity;
    const apart = ticks.filter(([at]) => at - end >= GAP * labels.length && ((end = at ? at : 0.5 * GAP * labels.length), true));
    const axis = h("div", { className: "axis", "aria-hidden": "true" }, ...apart.map(([at, text]) => {
      const tick = h("span", {}, text);
      tick.style.left = `${(100 * at) / labels.length}%`;
      if (at === 0 || at === labels.length) tick.className = at ? "last" : "first";
      return tick;
    }));
    this.axis = axis;
    this.table = h("tbody", {});
    const numbers = h(
      "details", { ontoggle: () => this.fill() }, h("summary", {}, "Numbers"),
      h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, title), h("th", {}, noun), h("th", {}, "Share"))), this.table),
    );
    this.numbers = numbers;
    this.element = h("figure", { className: "chart" }, h("figcaption", {}, h("h3", {}, title), this.summary), this.plot, axis, numbers);
  }

  /** Show the counts of the selection, and of the whole data set behind them. */
  update(own, all, summary) {
    Object.assign(this, { own, text: summary });
    for (const part of [this.plot, this.axis, this.numbers]) part.hidden = !total(all);
    const [sum, whole] = [total(own), total(all)];
    const [mine, theirs] = [own.map((n) => n / (sum || 1)), all.map((n) => n / (whole || 1))];
    const top = Math.max(...mine, ...theirs) || 1;
    this.bars.forEach((bar, i) => {
      bar.children[0].style.height = `${(100 * theirs[i]) / top}%`;
      bar.children[1].style.height = `${(100 * mine[i]) / top}%`;
    });
    this.plot.setAttribute("aria-label", `${this.title}. ${summary}`);
    this.point(null);
    this.fill();
  }

  point(i) {
    say(this.summary, i === null ? this.text : `${this.labels[i]}: ${percent(this.own[i], total(this.own) || 1)} · ${full(this.own[i])} ${this.noun}`);
  }

  fill() {
    if (!this.numbers.open) return;
    this.table.replaceChildren(...this.labels.map((label, i) => h(
      "tr", {}, h("th", { scope: "row" }, label), h("td", {}, full(this.own[i])), h("td", {}, percent(this.own[i], total(this.own) || 1)),
    )));
  }
}

/** One bar of several parts, whose names and shares stand below. */
export class Parts {
  constructor(names) {
    this.parts = names.map(() => h("span", {}));
    this.texts = names.map(() => h("strong", {}));
    this.element = h(
      "div", { className: "parts" },
      h("div", { className: "parts-bar", "aria-hidden": "true" }, ...this.parts),
      h("dl", {}, ...names.map(([name, detail], i) => h("div", {}, h("dt", {}, `${name} `, h("span", { className: "muted" }, detail)), h("dd", {}, this.texts[i])))),
    );
  }

  update(counts) {
    const sum = total(counts);
    counts.forEach((count, i) => {
      this.parts[i].style.width = sum ? `${(100 * count) / sum}%` : "0";
      say(this.texts[i], sum ? round(count / sum) : "–");
    });
  }
}

/** Return a table whose cells are texts or elements; columns named in numeric are right-aligned. */
export function dataTable(heads, rows, numeric = []) {
  const className = heads.length > 3 ? "scroll broad" : "scroll";
  const align = (i) => (numeric.includes(i) ? "number" : "");
  return h(
    "div", { className, tabIndex: 0, role: "region", "aria-label": heads[0] },
    h(
      "table", {}, h("thead", {}, h("tr", {}, ...heads.map((head, i) => h("th", { className: align(i), scope: "col" }, head)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, i) => h("td", { className: align(i) }, cell))))),
    ),
  );
}

/** Round half up, by the same operations as heatgrid.summary.findings does it. */
export function rounded(value, digits) {
  return Math.floor(value * 10 ** digits + 0.5) / 10 ** digits;
}

/** Return a share as a percentage of about two digits, never a rounded 0 or 100. */
export function round(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.01) return "< 0.01 %";
  if (value >= 99.5 && value < 100) return `${Math.min(rounded(value, 1), 99.9)} %`;
  return `${rounded(value, value >= 10 ? 0 : value >= 1 ? 1 : value >= 0.1 ? 2 : 3)} %`;
}

export function total(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Return a name for each bin of whole numbers: "3", or "4–7". */
export function wholeLabels(edges) {
  return edges.slice(1).map((end, i) => (end - edges[i] <= 1 ? short(edges[i]) : `${short(edges[i])}–${short(end - 1)}`));
}
