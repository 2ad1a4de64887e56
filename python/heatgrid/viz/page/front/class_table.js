// Table of classes with a small map each; a click selects the class.

import { colorize } from "./colors.js";
import { h, say } from "./dom.js";
import { Grid } from "./layers.js";
import { round } from "./charts.js";
import { scaleOf } from "./scale.js";

const FIRST = 12;
const CELLS = 25;
const WHOLE = { kind: "linear", gamma: 1, percentiles: [0, 100], vmin: null, vmax: null };

export class ClassTable {
  /** classes: {name, median}; tables: `Tables`; layers: of the location map; select: callback. */
  constructor({ classes, splits }, tables, layers, colors, select) {
    Object.assign(this, { tables, layers, colors, select, splits, showsAll: false, needle: "" });
    this.sort = { key: "objects", down: true };
    this.hasSizes = classes.some(({ median }) => median);
    const objects = tables.sum("objects", null, null)[0];
    this.rows = classes.map(({ name, median }, number) => this.row(name, median, number, objects)).filter((row) => row.objects);
    this.body = h("tbody", {});
    this.heads = [
      ["name", "Class", ""], ["objects", "Objects", "number"], ["images", "Images", "number"], ["area", "Median size", "number wide"],
    ].slice(0, this.hasSizes ? 4 : 3).map(([key, text, className]) => [key, h("th", { className, scope: "col" }, h("button", { type: "button", className: "sort", onclick: () => this.sortBy(key) }, text))]);
    const heads = Object.fromEntries(this.heads);
    const bySplit = splits.length > 1 && splits.length <= 4 ? splits.map((name) => h("th", { className: "number wide", scope: "col" }, name)) : [];
    this.more = h("button", { type: "button", className: "quiet", onclick: () => this.toggle() });
    const filter = h("input", { type: "search", placeholder: "Find a class", "aria-label": "Find a class", oninput: () => this.filter(filter.value) });
    filter.hidden = this.rows.length <= FIRST;
    this.element = h(
      "div", { className: "classes" }, filter,
      h("table", {}, h("thead", {}, h("tr", {},
        h("th", { className: "thumb-head" }, h("span", { className: "unseen" }, "Map")), heads.name, heads.objects,
        h("th", { className: "share", scope: "col" }, "Share"), ...bySplit, heads.images, heads.area ?? null)), this.body),
      this.more,
    );
    this.draws = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => this.paint(target)), { rootMargin: "600px" });
    this.arrange();
  }

  row(name, median, number, all) {
    const [objects, images] = ["objects", "images_with"].map((table) => this.tables.sum(table, null, number)[0]);
    const button = h("button", { type: "button", className: "class-name", "aria-pressed": "false" }, name);
    const bar = h("span", { className: "meter", "aria-hidden": "true" }, h("b", {}));
    bar.firstChild.style.width = `${(100 * objects) / all}%`;
    const bySplit = this.splits.length > 1 && this.splits.length <= 4 ? this.splits.map((_, s) => {
      const count = this.tables.sum("objects", s, number)[0];
      return h("td", { className: `number wide${count ? "" : " none"}` }, count.toLocaleString("en-US"));
    }) : [];
    const canvas = h("canvas", { className: "thumb", "aria-hidden": "true" });
    canvas.dataset.number = String(number);
    const size = median ? h("td", { className: "number wide" }, h("span", { title: `${median.image} · ${median.place}` }, median.text)) : h("td", { className: "number wide" }, "–");
    const element = h(
      "tr", { onclick: () => this.select(number) },
      h("td", {}, canvas), h("th", { scope: "row" }, button), h("td", { className: "number" }, objects.toLocaleString("en-US")),
      h("td", { className: "share" }, bar, h("span", {}, round(objects / all))), ...bySplit,
      h("td", { className: "number" }, images.toLocaleString("en-US")), this.hasSizes ? size : null,
    );
    return { name, number, objects, images, area: median ? median.share : 0, element, button, canvas };
  }

  /** Draw a class's map, on a coarser grid, when it is first near the window. */
  paint(canvas) {
    this.draws.unobserve(canvas);
    const { name } = this.rows.find((row) => String(row.number) === canvas.dataset.number);
    const { rows, columns } = this.layers;
    const values = this.layers.sum(null, [name]);
    const [height, width] = [rows, columns].map((cells) => Math.min(cells, CELLS));
    const sums = new Float64Array(height * width);
    values.forEach((value, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      sums[Math.floor((row * height) / rows) * width + Math.floor((column * width) / columns)] += value;
    });
    const grid = new Grid(sums);
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(colorize(sums, scaleOf(grid, WHOLE), this.colors), width, height), 0, 0);
  }

  color(colors) {
    this.colors = colors;
    for (const { canvas } of this.rows) this.draws.observe(canvas);
  }

  sortBy(key) {
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : key !== "name" };
    this.arrange();
  }

  filter(text) {
    this.needle = text.trim().toLowerCase();
    this.arrange();
  }

  toggle() {
    this.showsAll = !this.showsAll;
    this.arrange();
  }

  /** Put the rows into order, and show the first of them. */
  arrange() {
    const { key, down } = this.sort;
    const order = (a, b) => (key === "name" ? a.name.localeCompare(b.name) : a[key] - b[key]);
    const found = this.rows.filter((row) => row.name.toLowerCase().includes(this.needle)).sort((a, b) => (down ? order(b, a) : order(a, b)));
    const shown = this.showsAll ? found : found.slice(0, FIRST);
    this.body.replaceChildren(...shown.map((row) => row.element));
    for (const row of shown) this.draws.observe(row.canvas);
    for (const [name, head] of this.heads) head.setAttribute("aria-sort", name === key ? (down ? "descending" : "ascending") : "none");
    this.more.hidden = found.length <= FIRST;
    say(this.more, this.showsAll ? `Show the first ${FIRST}` : `Show all ${found.length.toLocaleString("en-US")} classes`);
  }

  update(selected) {
    for (const row of this.rows) {
      row.element.classList.toggle("selected", row.number === selected);
      row.button.setAttribute("aria-pressed", String(row.number === selected));
    }
  }
}
