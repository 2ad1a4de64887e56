// Evaluation of predictions: findings, the maps of misses and of false alarms, classes, sizes, and images. A class is
// selected for the whole page.

import { dataTable, Tables } from "./charts.js";
import { imageAddress, imageLink, smallImage } from "./cell_lists.js";
import { h, newId, say } from "./dom.js";
import { pageData, pageMeta, PageSettings, showOnPage } from "./hosts.js";
import { arrayAt, Grid } from "./layers.js";
import { short } from "./numbers.js";
import { Readout, Selection } from "./readout.js";
import { findingList, meter, section, SharedSettings } from "./sections.js";
import { followTheme } from "./theme.js";
import { Viewer } from "./viewer.js";

const FIRST_CLASSES = 12;
const EVERY = "";
const SVG_NAMES = "http://www.w3.org/2000/svg";
const number = (value) => value.toLocaleString("en-US");
const ratio = (part, rest) => (part + rest ? (part / (part + rest)).toFixed(2) : "–");
const chance = (p) => (p === null ? "–" : h("span", { className: p <= 0.05 ? "odd" : "" }, String(Number(p.toPrecision(2)))));

/** The line under a map of shares. */
class ShareReadout extends Readout {
  constructor(words) {
    super("place");
    this.words = words;
  }

  show(grid, columns, cell, isDifference) {
    super.show(grid, columns, cell, isDifference);
    if (!cell) return;
    const i = cell[0] * columns + cell[1];
    say(this.value, Number.isNaN(grid.values[i]) ? "too few" : `${short(grid.values[i])} %`);
    say(this.share, this.words(grid.part[i], grid.whole[i]));
  }
}

/** The selected cell: its share, and its images with errors. */
class ShareSelection extends Selection {
  constructor(lists, words, onclear) {
    super("place", lists, onclear);
    this.words = words;
  }

  show(grid, columns, { cell }) {
    const key = JSON.stringify(cell);
    if (this.grid === grid && this.key === key) return;
    Object.assign(this, { grid, key });
    this.element.hidden = this.clear.hidden = !cell;
    if (!cell) return;
    const i = cell[0] * columns + cell[1];
    say(this.heading, `Row ${cell[0]}, column ${cell[1]}`);
    this.body.replaceChildren(h("p", { className: "muted" }, this.words(grid.part[i], grid.whole[i])), ...this.lists.show(i));
  }
}

/** A map of the share that one kind of object has of two, in percent; cells of too few have no data. */
class ShareViewer extends Viewer {
  constructor(meta, buffer, settings, { kinds, least, words, what }) {
    super(meta, buffer, settings, (cell) => settings.set({ cell }));
    Object.assign(this, { kinds, least });
    this.element.classList.add("embedded", "shares");
    const readout = new ShareReadout(words);
    this.readout.element.replaceWith(readout.element);
    this.readout = readout;
    Object.assign(this.selection.lists, { what, advice: "", whole: meta.classes.length > 1 ? ", of all classes" : "" });
    this.selection.element.remove();
    this.selection = new ShareSelection(this.selection.lists, words, () => this.clear());
    this.selection.element.hidden = true;
    this.element.append(this.selection.element);
    say(this.empty.firstChild, "Too few");
  }

  count() {
    const classes = this.settings.get("classes");
    const [part, rest] = this.kinds.map((kind) => this.layers.sum([kind], classes));
    const whole = part.map((value, i) => value + rest[i]);
    this.grid = new Grid(part.map((value, i) => (whole[i] >= this.least && whole[i] > 0 ? (100 * value) / whole[i] : NaN)));
    Object.assign(this.grid, { part, whole });
    this.empty.hidden = this.grid.missing < part.length;
    say(this.empty.lastChild, `No cell has ${number(this.least)} or more`);
  }

  remarks() {
    return this.grid.missing ? [`${number(this.grid.missing)} cells with fewer than ${number(this.least)} have no data`] : [];
  }
}

class Errors {
  constructor(meta, { misses, alarms, tables }) {
    this.meta = meta;
    this.tables = new Tables(meta.tables, tables, arrayAt);
    this.shared = new PageSettings(meta.misses.settings);
    this.misses = this.viewer(meta.misses, misses, {
      kinds: ["missed", "found"], what: "with misses ",
      words: (part, whole) => `${number(part)} of ${number(whole)} object${whole === 1 ? "" : "s"} missed`,
    });
    this.alarms = this.viewer(meta.alarms, alarms, {
      kinds: ["false", "true"], what: "with false alarms ",
      words: (part, whole) => `${number(part)} of ${number(whole)} prediction${whole === 1 ? "" : "s"} false`,
    });
    this.choose = this.makeChoice();
    this.classRows = this.makeClassRows();
    this.showsAll = false;
    this.classBody = h("tbody", {});
    this.more = h("button", { type: "button", className: "quiet", onclick: () => this.toggleAll() });
    this.sizeBody = h("tbody", {});
    this.element = this.build();
    followTheme(this.element);
    this.shared.watch(() => this.update());
    this.arrange();
    this.update();
  }

  viewer(meta, buffer, how) {
    const settings = new SharedSettings(this.shared, new PageSettings(meta.settings));
    return new ShareViewer(meta, buffer, settings, { ...how, least: this.meta.least });
  }

  // Selection

  get label() {
    const names = this.shared.get("classes");
    return names === null ? null : this.meta.classes.indexOf(names[0]);
  }

  select(label) {
    this.shared.set({ classes: label === null || label === this.label ? null : [this.meta.classes[label]] });
  }

  makeChoice() {
    const control = h("select", { id: newId(), onchange: () => this.select(control.value === EVERY ? null : Number(control.value)) },
      h("option", { value: EVERY }, "All classes"), ...this.meta.classes.map((name, k) => h("option", { value: String(k) }, name)));
    const count = h("p", { className: "muted", role: "status" });
    const clear = h("button", { type: "button", className: "quiet", onclick: () => this.select(null) }, "Show all");
    const element = h("div", { className: "choose", role: "group", "aria-label": "Selection" },
      h("label", { className: "choice", htmlFor: control.id }, h("span", {}, "Class"), control), count, clear);
    element.hidden = this.meta.classes.length < 2;
    return { element, control, count, clear };
  }

  /** Return the numbers found, missed, true and false of a class, or of all. */
  sums(label) {
    return ["found", "missed", "true", "false"].map((kind) => [...this.tables.sum(kind, null, label)]);
  }

  // Classes

  makeClassRows() {
    return this.meta.classes.map((name, label) => {
      const [found, missed, right, wrong] = this.sums(label).map((sizes) => sizes.reduce((a, b) => a + b, 0));
      const button = h("button", { type: "button", className: "class-name", "aria-pressed": "false" }, name);
      const cells = shareCells(found, missed, right, wrong);
      return { label, errors: missed + wrong, missed, cells, button, element: h("tr", { onclick: () => this.select(label) }, h("th", { scope: "row" }, button), ...(cells ?? [])) };
    }).filter(({ cells }) => cells).sort((a, b) => b.missed - a.missed || b.errors - a.errors);
  }

  toggleAll() {
    this.showsAll = !this.showsAll;
    this.arrange();
  }

  arrange() {
    const rows = this.showsAll ? this.classRows : this.classRows.slice(0, FIRST_CLASSES);
    this.classBody.replaceChildren(...rows.map(({ element }) => element));
    this.more.hidden = this.classRows.length <= FIRST_CLASSES;
    say(this.more, this.showsAll ? `Show the first ${FIRST_CLASSES}` : `Show all ${number(this.classRows.length)} classes`);
  }

  // Updates

  update() {
    const { label, meta } = this;
    const [found, missed, right, wrong] = this.sums(label);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    for (const row of this.classRows) {
      row.element.classList.toggle("selected", row.label === label);
      row.button.setAttribute("aria-pressed", String(row.label === label));
    }
    this.choose.control.value = label === null ? EVERY : String(label);
    this.choose.clear.hidden = label === null;
    say(this.choose.count, `recall ${ratio(sum(found), sum(missed))} of ${number(sum(found) + sum(missed))} objects · precision ${ratio(sum(right), sum(wrong))} of ${number(sum(right) + sum(wrong))} predictions`);
    this.sizeBody.replaceChildren(...meta.sizes.flatMap((name, k) => {
      const cells = shareCells(found[k], missed[k], right[k], wrong[k]);
      return cells ? [h("tr", {}, h("th", { scope: "row" }, sizeName(name)), ...cells)] : [];
    }));
  }

  // Layout

  build() {
    const { meta } = this;
    const cards = meta.cards.map(([name, value, detail]) => h("div", { className: "fact" }, h("dt", {}, name), h("dd", {}, value), h("dd", { className: "muted" }, detail)));
    const figure = (title, text, viewer, places, noun) => {
      const hatched = h("p", { className: "muted hatched" }, `fewer than ${number(meta.least)} ${noun === "Recall" ? "objects" : "predictions"}`);
      const element = h("figure", {}, h("figcaption", {}, h("h3", {}, title), h("p", { className: "muted" }, text)), viewer.element, hatched, placeTable(places, noun));
      element.style.setProperty("--wide", String(viewer.meta.aspect));
      return element;
    };
    const maps = h("div", { className: "maps" },
      figure("Missed objects", "Share of objects that no prediction finds", this.misses, meta.places.recall, "Recall"),
      figure("False alarms", "Share of predictions that find no object", this.alarms, meta.places.precision, "Precision"));
    return h("div", { className: "viewer overview" }, h(
      "div", { className: "page" },
      h("header", { id: "head", tabIndex: -1 }, h("h1", {}, `Where ${meta.title} fails`), h("p", { className: "muted" }, meta.subtitle), h("dl", { className: "facts-row" }, ...cards)),
      findingList(meta.findings), this.choose.element,
      section("places", "By place: white is best, dark red is worst", maps),
      section("classes", "By class", h("div", { className: "classes" }, shareTable("Class", this.classBody), this.more)), section("sizes", "By size", shareTable("Area of the box", this.sizeBody)), this.images(),
      h("footer", { className: "muted" }, ...meta.notes.map((note) => h("p", {}, note))),
    ));
  }

  images() {
    const { images, sketches, thumbnails } = this.meta;
    if (!images.length) return null;
    const counts = ({ missed, false: wrong }) => `${number(missed)} missed · ${number(wrong)} false`;
    const link = (name) => imageLink(imageAddress(thumbnails, name), name);
    const cards = sketches.map((boxes, i) => h("figure", { className: "sketch" }, sketch(boxes, imageAddress(thumbnails, images[i].image)),
      h("figcaption", {}, link(images[i].image), h("span", { className: "muted" }, counts(images[i])))));
    const key = h("p", { className: "muted sketch-key" }, ...["found", "missed", "false"].map((kind) => h("span", { className: kind }, { found: "found", missed: "missed", false: "false alarm" }[kind])));
    const rows = images.map((one) => [link(one.image), number(one.found + one.missed), number(one.missed), number(one.false)]);
    const all = h("details", {}, h("summary", {}, `List of ${number(images.length)} images`), dataTable(["Image", "Objects", "Missed", "False alarms"], rows, [1, 2, 3]));
    return section("images", "Images with most errors", key, h("div", { className: "sketches" }, ...cards), all);
  }
}

/** Return a table of recall and precision, whose rows `shareCells` makes. */
function shareTable(first, body) {
  const heads = [[first, ""], ["Objects", "number"], ["Missed", "number wide"], ["Recall", "metered-head"], ["Predictions", "number wide"], ["False", "number wide"], ["Precision", "metered-head"]];
  return h("table", { className: "errors-table" }, h("thead", {}, h("tr", {}, ...heads.map(([text, className]) => h("th", { className, scope: "col" }, text)))), body);
}

/** Return the cells of a row, null if all numbers are 0. */
function shareCells(found, missed, right, wrong) {
  if (found + missed + right + wrong === 0) return null;
  return [
    h("td", { className: "number" }, number(found + missed)), h("td", { className: "number wide" }, number(missed)), h("td", { className: "metered-cell" }, share(found, missed)),
    h("td", { className: "number wide" }, number(right + wrong)), h("td", { className: "number wide" }, number(wrong)), h("td", { className: "metered-cell" }, share(right, wrong)),
  ];
}

function share(part, rest) {
  const bar = meter(part, part + rest);
  say(bar.lastChild, ratio(part, rest));
  return bar;
}

function sizeName(name) {
  return { small: "Small, below 32² px", medium: "Medium, to 96² px", large: "Large, above", unknown: "Unknown" }[name];
}

/** Return a table of the places that are worse than the rest, the clearest first. */
function placeTable(places, noun) {
  const items = noun === "Recall" ? "Objects" : "Predictions";
  const rows = places.map((one) => [one.part.replace(/^the /, ""), number(one.total), one.share.toFixed(2), one.share_elsewhere.toFixed(2), chance(one.p_value)]);
  return rows.length ? dataTable(["Worst places", items, noun, "Elsewhere", "p"], rows, [1, 2, 3, 4]) : h("p", { className: "muted" }, "No place is worse than the rest.");
}

/** Return the boxes of an image, over its thumbnail if there is one; coordinates are thousandths of its sides. */
function sketch(boxes, address) {
  const drawing = document.createElementNS(SVG_NAMES, "svg");
  drawing.setAttribute("viewBox", "0 0 1000 1000");
  drawing.setAttribute("preserveAspectRatio", "none");
  for (const kind of ["found", "false", "missed"]) {
    for (const [x1, y1, x2, y2] of boxes[kind]) {
      const box = document.createElementNS(SVG_NAMES, "rect");
      for (const [name, value] of Object.entries({ x: x1, y: y1, width: Math.max(x2 - x1, 1), height: Math.max(y2 - y1, 1), class: kind })) box.setAttribute(name, String(value));
      drawing.append(box);
    }
  }
  const frame = h("div", { className: "sketch-frame" }, address && smallImage(address), drawing);
  frame.style.aspectRatio = String(boxes.aspect);
  return frame;
}

/** Show the evaluation of a page. */
export async function showErrors(style) {
  const meta = pageMeta();
  const [misses, alarms, tables] = await Promise.all(["misses", "alarms", "tables"].map((name) => pageData(`heatgrid-${name}`)));
  showOnPage(new Errors(meta, { misses, alarms, tables }), style);
}
