// Values of the cell under the pointer, of the selected cell or region, and of the whole map.

import { h, say } from "./dom.js";
import { full, percent, short } from "./numbers.js";
import { percentile } from "./scale.js";

const hasTouch = matchMedia("(hover: none)");
const HINTS = [
  "Hover for values · scroll to zoom · click to pin · Shift-drag to select",
  "Tap for values · pinch to zoom · drag to move · Select marks a region",
];
const PLACEHOLDERS = ["Click a cell, or drag with Shift, for its numbers.", "Tap a cell, or mark a region with Select, for its numbers."];

/** Return what the cells of a half-open range of rows and columns are: places, or sizes in shares of the image's. */
function nameOf([top, left, bottom, right], grid, columns, of) {
  const rows = grid.values.length / columns;
  const sides = (start, end, whole) => `${short((100 * start) / whole)}–${short((100 * end) / whole)}\u00a0%`;
  if (of === "size") return `width ${sides(left, right, columns)}, height ${sides(top, bottom, rows)}`;
  if (bottom - top === 1 && right - left === 1) return `row ${top}, column ${left}`;
  return `rows ${top}–${bottom - 1}, columns ${left}–${right - 1}`;
}

function nameOfCell([row, column], ...about) {
  return nameOf([row, column, row + 1, column + 1], ...about);
}

/** The line under the map, of constant height; of: "place" or "size". */
export class Readout {
  constructor(of) {
    this.of = of;
    this.place = h("span", { className: "muted" });
    this.value = h("strong", { className: "value" });
    this.share = h("span", { className: "muted" });
    this.element = h("div", { className: "readout", role: "status", "aria-live": "polite", "aria-atomic": "true" }, this.place, this.value, this.share);
  }

  show(grid, columns, cell, { isDifference, isCount }) {
    if (!cell) {
      say(this.place, HINTS[Number(hasTouch.matches)]);
      say(this.value, "");
      say(this.share, "");
      return;
    }
    const value = grid.values[cell[0] * columns + cell[1]];
    say(this.place, nameOfCell(cell, grid, columns, this.of) + (this.of === "size" ? " of the image" : ""));
    say(this.value, full(value) + (isDifference ? " points" : ""));
    say(this.share, isDifference || !isCount || Number.isNaN(value) || !grid.total ? "" : `${percent(value, grid.total)} of all ${this.of === "size" ? "objects" : "hits"}`);
  }
}

/** Quartiles of the shown grid, and notes. */
export class Facts {
  constructor() {
    this.cards = h("dl", { className: "cards" });
    this.notes = h("p", { className: "notes muted" });
    this.element = h("div", { className: "facts" }, this.cards, this.notes);
  }

  show(grid, notes) {
    const ordered = grid.ordered();
    const quartiles = [["min", 0], ["lower quartile", 0.25], ["median", 0.5], ["upper quartile", 0.75], ["max", 1]];
    this.cards.replaceChildren(...quartiles.map(([name, p]) => {
      const value = ordered.length ? percentile(ordered, p) : NaN;
      return h("div", { className: "card" }, h("dt", {}, name), h("dd", { title: full(value) }, Number.isNaN(value) ? "–" : short(value)));
    }));
    say(this.notes, notes.filter(Boolean).join(" · "));
  }
}

/** Selected cell or region, and its images or annotations. */
export class Selection {
  constructor(of, lists, onclear) {
    Object.assign(this, { of, lists });
    this.heading = h("h2", {}, "Selection");
    this.body = h("div", { className: "selection-body", tabIndex: 0, role: "region", "aria-label": "Selected cell or region" });
    this.clear = h("button", { className: "quiet", type: "button", onclick: onclear }, "Clear");
    const kind = lists ? "panel selection with-lists" : "panel selection"; // of constant height
    this.element = h("section", { className: kind }, h("div", { className: "panel-head" }, this.heading, this.clear), this.body);
  }

  show(grid, columns, { cell, region }, { isDifference, isCount }) {
    const key = JSON.stringify([cell, region, isDifference]);
    if (this.grid === grid && this.key === key) return;
    Object.assign(this, { grid, key });
    this.clear.hidden = !cell && !region;
    const parts = this.clear.hidden ? [h("p", { className: "muted" }, PLACEHOLDERS[Number(hasTouch.matches)])] : [];
    if (region) parts.push(table(regionRows(grid, columns, region, this.of, { isDifference, isCount })));
    if (cell) {
      const value = grid.values[cell[0] * columns + cell[1]];
      const rows = [["Cell", nameOfCell(cell, grid, columns, this.of)], ["Value", full(value) + (isDifference ? " points" : "")]];
      if (!isDifference && isCount && grid.total) rows.push(["Share", percent(value, grid.total)]);
      parts.push(table(rows));
      if (this.lists) parts.push(...this.lists.show(cell[0] * columns + cell[1]));
    }
    this.body.replaceChildren(...parts);
  }
}

function table(rows) {
  return h("dl", { className: "rows" }, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function regionRows(grid, columns, region, of, { isDifference, isCount }) {
  const [top, left, bottom, right] = region;
  let [sum, known] = [0, 0];
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const value = grid.values[row * columns + column];
      if (Number.isNaN(value)) continue;
      sum += value;
      known += 1;
    }
  }
  const cells = (bottom - top) * (right - left);
  const rows = [
    ["Region", nameOf(region, grid, columns, of)],
    ["Cells", known === cells ? full(cells) : `${full(cells)}, ${full(cells - known)} without data`],
    ["Sum", full(sum) + (isDifference ? " points" : "")],
    ["Mean", known ? full(Number((sum / known).toPrecision(6))) : "no data"],
  ];
  if (!isDifference && isCount && grid.total) rows.push(["Share", percent(sum, grid.total)]);
  return rows;
}
