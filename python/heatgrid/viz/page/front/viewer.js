// Viewer: settings in, picture out. hosts.js connects it to a page or a widget.

import { gaussian } from "./blur.js";
import { CellLists } from "./cell_lists.js";
import { Camera } from "./camera.js";
import { Comparison, Names } from "./choices.js";
import { colorize } from "./colors.js";
import { Controls } from "./controls.js";
import { h, say } from "./dom.js";
import { Input, rangeOf } from "./input.js";
import { arrayAt, Grid, Layers } from "./layers.js";
import { Legend } from "./legend.js";
import { short } from "./numbers.js";
import { Facts, Readout, Selection } from "./readout.js";
import { scaleOf } from "./scale.js";
import { Stage } from "./stage.js";
import { DEFAULT_COLORMAP } from "./tables.js";
import { followTheme } from "./theme.js";

// First step to repeat when a setting changes; each step includes those of lower numbers.
const [FRAME, COLORS, VALUES, COUNTS] = [1, 2, 3, 4];
const STEP = {
  splits: COUNTS, classes: COUNTS, difference: COUNTS, blur: VALUES,
  colormap: COLORS, scale: COLORS, gamma: COLORS, percentiles: COLORS, vmin: COLORS, vmax: COLORS, zero: COLORS,
};

export class Viewer {
  /** settings: get(name), set({name: value}) and watch(listener); clicked: callback of the host for clicks. */
  constructor(meta, buffer, settings, clicked) {
    Object.assign(this, { meta, settings, clicked, hover: null, needed: COUNTS, isWaiting: false });
    this.layers = new Layers(meta, buffer);
    this.tables = new Map(meta.colormaps.names.map((name, i) => [name, arrayAt(buffer, meta.colormaps).subarray(768 * i, 768 * (i + 1))]));
    this.camera = new Camera(meta.rows, meta.columns);
    this.stage = new Stage(this.camera);
    this.input = new Input(this.stage, this.camera, this);
    this.legend = new Legend();
    this.readout = new Readout();
    this.facts = new Facts();
    this.selection = new Selection(meta.lists && new CellLists(meta.lists, buffer, meta.classes.length + meta.splits.length > 2), () => this.clear());
    this.controls = new Controls(settings, { colormaps: meta.colormaps.names, canBlur: !meta.display });
    this.choices = this.makeChoices();
    this.element = this.build();
    settings.watch((name) => this.change(name));
    this.observer = new ResizeObserver(() => this.want(FRAME));
    this.observer.observe(this.stage.element);
    this.unfollow = followTheme(this.element);
    this.showBackground();
    this.want(COUNTS);
  }

  makeChoices() {
    const { layers, settings } = this;
    const choices = [];
    const bySplit = new Map();
    const totalOf = (split) => layers.planes
      .filter((plane) => layers.splits[plane.split] === split && (plane.class === null) === (layers.hasUnion || !layers.classes.length))
      .reduce((sum, plane) => sum + plane.total, 0);
    for (const split of layers.splits) bySplit.set(split, totalOf(split));
    if (layers.splits.length > 1) choices.push(new Names("Splits", layers.splits, "splits", settings, (name) => bySplit.get(name)));
    if (layers.classes.length > 1) {
      choices.push(new Names("Classes", layers.classes, "classes", settings, (name) => layers.totalOf(name, settings.get("splits"))));
    }
    const comparison = new Comparison(layers, settings);
    return comparison.isPossible ? [...choices, comparison] : choices;
  }

  build() {
    const { meta } = this;
    const head = h("header", { className: "head" }, h("h1", {}, meta.title), h("p", { className: "muted" }, meta.subtitle));
    head.hidden = !meta.title && !meta.subtitle;
    this.level = h("output", { className: "level", "aria-label": "Zoom" });
    const button = (text, label, onclick) => h("button", { type: "button", className: "tool", title: label, "aria-label": label, onclick }, text);
    this.selects = button("Select", "Select a region by dragging", () => this.toggleSelecting());
    this.selects.setAttribute("aria-pressed", "false");
    const tools = h(
      "div", { className: "tools", role: "toolbar", "aria-label": "View" },
      button("−", "Zoom out", () => this.input.zoom(-1)), this.level, button("+", "Zoom in", () => this.input.zoom(1)),
      button("Reset", "Show the whole map", () => this.input.reset()), this.selects,
    );
    this.error = h("p", { className: "error", role: "alert", hidden: true });
    const map = h("div", { className: "map" }, this.stage.element, this.legend.element);
    const main = h("div", { className: "main" }, map, h("div", { className: "under" }, this.readout.element, tools), this.facts.element);
    const side = h("div", { className: "side" }, this.selection.element, ...this.choices.map((choice) => choice.element), this.controls.element);
    const layout = h("div", { className: "layout" }, main, side);
    const viewer = h("div", { className: "viewer" }, h("div", { className: "inside" }, head, this.error, layout));
    viewer.style.setProperty("--aspect", String(meta.aspect));
    return viewer;
  }

  async showBackground() {
    const { width, height, background } = this.meta;
    if (width) this.stage.element.style.setProperty("--width", `${width}px`);
    if (height) this.stage.element.style.setProperty("--height", `${height}px`);
    if (!background) return;
    const image = new Image();
    image.src = background;
    await image.decode();
    this.stage.background = image;
    this.want(FRAME);
  }

  // Changes

  change(name) {
    this.want(STEP[name] ?? FRAME);
  }

  want(step) {
    this.needed = Math.max(this.needed, step);
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.update();
    });
  }

  update() {
    const { needed, settings } = this;
    this.needed = 0;
    if (needed >= COUNTS) this.count();
    if (needed >= VALUES) this.smooth();
    const isResized = this.stage.fit();
    if (needed >= COLORS) this.color();
    if (needed >= COLORS || isResized) this.legend.draw(this.key);
    const cell = settings.get("cell");
    const isDifference = Boolean(settings.get("difference"));
    const names = ["opacity", "interpolation", "cell", "region"];
    this.stage.draw({ ...Object.fromEntries(names.map((name) => [name, settings.get(name)])), hover: this.hover });
    const pointed = this.hover ?? cell;
    this.readout.show(this.grid, this.meta.columns, pointed, isDifference);
    this.legend.point(pointed ? this.shown.values[pointed[0] * this.meta.columns + pointed[1]] : null);
    this.selection.show(this.grid, this.meta.columns, { cell, region: settings.get("region") }, isDifference);
    this.showView();
    this.controls.update(this.scale);
    for (const choice of this.choices) choice.update();
    this.element.dataset.drawn = String(Number(this.element.dataset.drawn ?? 0) + 1);
  }

  count() {
    const [splits, classes, difference] = ["splits", "classes", "difference"].map((name) => this.settings.get(name));
    this.grid = this.layers.select({ splits, classes, difference });
  }

  smooth() {
    const sigma = this.settings.get("blur");
    const { rows, columns, display } = this.layers;
    if (display) this.shown = new Grid(display);
    else this.shown = sigma > 0 ? new Grid(gaussian(this.grid.values, rows, columns, sigma)) : this.grid;
  }

  color() {
    const { shown, settings, meta } = this;
    let [vmin, vmax, colormap] = ["vmin", "vmax", "colormap"].map((name) => settings.get(name));
    if (shown.min < 0) { // signed values: zero has the neutral color
      const reach = Math.max(-shown.min, shown.max);
      if (vmin === null && vmax === null) [vmin, vmax] = [-reach, reach];
      if (colormap === DEFAULT_COLORMAP) colormap = "balance";
    }
    const [kind, gamma, percentiles] = ["scale", "gamma", "percentiles"].map((name) => settings.get(name));
    this.scale = scaleOf(shown, { kind, gamma, percentiles, vmin, vmax });
    const looks = { hideZero: settings.get("zero") === "transparent", blurred: shown !== this.grid };
    const table = this.tables.get(colormap) ?? this.tables.values().next().value;
    this.stage.paint(colorize(shown.values, this.scale, table, looks));
    const unit = settings.get("difference") ? "percentage points" : meta.unit;
    this.key = { scale: this.scale, table, looks, whole: shown.whole, unit };
    this.facts.show(this.grid, [...meta.notes, ...this.remarks(looks)]);
  }

  /** Return notes on what the picture does not show exactly. */
  remarks(looks) {
    const { shown, scale, grid, settings } = this;
    const beyond = [shown.min < scale.vmin ? `below ${short(scale.vmin)}` : "", shown.max > scale.vmax ? `above ${short(scale.vmax)}` : ""].filter(Boolean);
    const [classes, difference] = [settings.get("classes"), settings.get("difference")];
    return [
      `${grid.covered.toLocaleString("en-US")} of ${grid.values.length.toLocaleString("en-US")} cells are not zero`,
      looks.blurred ? "picture blurred, numbers exact" : "",
      beyond.length ? `values ${beyond.join(" and ")} have the color of the end` : "",
      grid.missing ? `${short(grid.missing)} cells have no data` : "",
      this.layers.overcounts({ classes, difference }) ? "an image counts once for each of its classes" : "",
    ];
  }

  showView() {
    const { camera, stage, settings } = this;
    say(this.level, `${camera.zoom.toFixed(1)}×`);
    stage.element.classList.toggle("zoomed", camera.level > 0);
    stage.element.classList.toggle("selecting", this.input.selects);
    stage.canvas.setAttribute("aria-label", `Heat map of ${camera.rows} by ${camera.columns} cells. Plus and minus zoom, arrows move, Enter pins a cell, Home shows all.`);
    const error = settings.get("error") ?? "";
    this.error.hidden = !error;
    say(this.error, error);
  }

  // Input

  changed() {
    this.want(FRAME);
  }

  hoverAt(cell) {
    this.hover = cell;
    this.want(FRAME);
  }

  click(cell) {
    this.clicked(cell);
  }

  region(range) {
    this.settings.set({ region: range });
  }

  /** Move the hovered cell by the keyboard; the view follows. */
  step(rows, columns) {
    const [row, column] = this.hover ?? this.settings.get("cell") ?? this.camera.cellAt({ u: 0.5, v: 0.5 });
    const cell = [
      Math.min(Math.max(row + rows, 0), this.camera.rows - 1), Math.min(Math.max(column + columns, 0), this.camera.columns - 1),
    ];
    this.camera.show(cell);
    this.hoverAt(cell);
  }

  /** Pin the hovered cell, or select the region from the pinned cell to it. */
  enter(isRegion) {
    const fixed = this.settings.get("cell");
    if (isRegion && fixed && this.hover) this.region(rangeOf(fixed, this.hover));
    else if (this.hover) this.click(this.hover);
  }

  clear() {
    this.settings.set({ cell: null, region: null });
  }

  toggleSelecting() {
    this.input.selects = !this.input.selects;
    this.selects.setAttribute("aria-pressed", String(this.input.selects));
    this.want(FRAME);
  }

  close() {
    this.observer.disconnect();
    this.unfollow();
  }
}
