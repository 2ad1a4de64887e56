// Viewer: settings in, picture out. hosts.js connects it to a page or a widget.

import { Axes } from "./axes.js";
import { gaussian } from "./blur.js";
import { CellLists } from "./cell_lists.js";
import { Camera } from "./camera.js";
import { Comparison, Maps, Names, Steps } from "./choices.js";
import { colorize } from "./colors.js";
import { Controls } from "./controls.js";
import { h, say } from "./dom.js";
import { Input, rangeOf } from "./input.js";
import { arrayAt, Grid, Layers, objectsOf } from "./layers.js";
import { Legend } from "./legend.js";
import { short } from "./numbers.js";
import { Facts, Readout, Selection } from "./readout.js";
import { scaleOf } from "./scale.js";
import { Stage } from "./stage.js";
import { DEFAULT_COLORMAP } from "./tables.js";
import { followTheme } from "./theme.js";
import { FileTools, ViewTools } from "./tools.js";

// First step to repeat when a setting changes; each step includes those of lower numbers.
const [FRAME, COLORS, VALUES, COUNTS] = [1, 2, 3, 4];
const STEP = {
  splits: COUNTS, classes: COUNTS, difference: COUNTS, blur: VALUES,
  colormap: COLORS, scale: COLORS, gamma: COLORS, percentiles: COLORS, vmin: COLORS, vmax: COLORS, zero: COLORS,
};

/** Notes on selected classes that are added up: of computed values, of images. */
const SUMS = ["the values of the selected classes are added up", "an image counts once for each of its classes"];

export class Viewer {
  /** settings: get(name), set({name: value}) and watch(listener); clicked: callback of the host for clicks. */
  constructor(meta, buffer, settings, clicked) {
    Object.assign(this, { meta, settings, clicked, hover: null, needed: COUNTS, isWaiting: false });
    this.layers = new Layers(meta, buffer);
    this.tables = new Map(meta.colormaps.names.map((name, i) => [name, arrayAt(buffer, meta.colormaps).subarray(768 * i, 768 * (i + 1))]));
    this.camera = new Camera(meta.rows, meta.columns, meta.of === "size");
    this.stage = new Stage(this.camera);
    this.input = new Input(this.stage, this.camera, this);
    this.axes = new Axes(this.camera);
    this.viewTools = new ViewTools(this.input, () => this.want(FRAME));
    this.fileTools = new FileTools(() => this.snapshot(), settings);
    this.legend = new Legend();
    this.readout = new Readout(meta.of);
    this.facts = new Facts();
    this.selection = new Selection(meta.of, meta.lists && new CellLists(meta.lists, buffer, meta.classes.length + meta.splits.length > 2, meta.thumbnails), () => this.clear());
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
    const whole = layers.planes.filter((plane) => (plane.class === null) === (layers.hasUnion || !layers.classes.length));
    for (const [i, split] of layers.splits.entries()) bySplit.set(split, objectsOf(whole.filter((plane) => plane.split === i)));
    const parts = this.meta.slider ? "Groups" : "Splits";
    if (layers.splits.length > 1 && this.meta.slider) choices.push(new Steps(this.meta.slider, layers.splits, settings, !layers.maps));
    if (layers.maps) choices.push(new Maps(layers.splits, layers.maps.map((map) => map.unit), settings));
    else if (layers.splits.length > 1) choices.push(new Names(parts, layers.splits, "splits", settings, (name) => bySplit.get(name)));
    if (layers.classes.length > 1) {
      choices.push(new Names("Classes", layers.classes, "classes", settings, (name) => layers.objectsOf(name, settings.get("splits"))));
    }
    const comparison = new Comparison(layers, settings, parts);
    return comparison.isPossible ? [...choices, comparison] : choices;
  }

  build() {
    const { meta } = this;
    this.subtitle = h("p", { className: "muted" }, meta.subtitle);
    const titles = h("div", {}, h("h1", { hidden: !meta.title }, meta.title), this.subtitle);
    const head = h("header", { className: "head" }, titles, this.fileTools.element);
    this.empty = h("div", { className: "empty", hidden: true }, h("strong", {}, "Nothing was counted"), h("span", {}));
    this.stage.element.append(this.axes.x, this.axes.y, this.empty);
    this.error = h("p", { className: "error", role: "alert", hidden: true });
    const map = h("div", { className: "map" }, this.stage.element, this.legend.element);
    const main = h("div", { className: "main" }, map, h("div", { className: "under" }, this.readout.element, this.viewTools.element), this.facts.element);
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
    const opacity = settings.get("opacity");
    if (needed >= COLORS || isResized || opacity !== this.legend.opacity) this.legend.draw(this.key, opacity);
    this.axes.update(this.stage.canvas.clientWidth, this.stage.canvas.clientHeight);
    const cell = settings.get("cell");
    const isDifference = Boolean(settings.get("difference"));
    const names = ["opacity", "interpolation", "cell", "region"];
    this.stage.draw({ ...Object.fromEntries(names.map((name) => [name, settings.get(name)])), hover: this.hover });
    const pointed = this.hover ?? cell;
    this.readout.show(this.grid, this.meta.columns, pointed, { isDifference, isCount: this.map.is_count });
    this.legend.point(pointed ? this.shown.values[pointed[0] * this.meta.columns + pointed[1]] : null);
    this.selection.show(this.grid, this.meta.columns, { cell, region: settings.get("region") }, { isDifference, isCount: this.map.is_count });
    this.showView();
    this.controls.update(this.scale, this.colormap);
    for (const choice of this.choices) choice.update();
    this.element.dataset.drawn = String(Number(this.element.dataset.drawn ?? 0) + 1);
  }

  /** The texts of what is shown: of the page, or of the chosen one of maps that do not add up. */
  get map() {
    const { meta, layers, settings } = this;
    return meta.maps ? meta.maps[layers.splits.indexOf(settings.get("splits")[0])] : meta;
  }

  count() {
    const [splits, classes, difference] = ["splits", "classes", "difference"].map((name) => this.settings.get(name));
    this.grid = this.layers.select({ splits, classes, difference });
    this.empty.hidden = this.map.empty === null || Boolean(difference) || this.grid.covered > 0;
    say(this.empty.lastChild, this.map.empty || "in the selected classes and splits");
    say(this.subtitle, classes && classes.length && !difference ? this.part(classes, splits) : this.map.subtitle);
  }

  /** Return the subtitle of some classes: their objects, their name or number. */
  part(classes, splits) {
    const objects = classes.reduce((sum, name) => sum + this.layers.objectsOf(name, splits), 0);
    const name = classes.length === 1 ? classes[0] : "";
    return [objects ? `${short(objects)} objects` : "", name, `${classes.length} of ${this.meta.classes.length} classes`].filter(Boolean).join(" · ");
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
    this.colormap = colormap;
    const [kind, gamma, percentiles] = ["scale", "gamma", "percentiles"].map((name) => settings.get(name));
    this.scale = scaleOf(shown, { kind, gamma, percentiles, vmin, vmax });
    const difference = settings.get("difference");
    const looks = { hideZero: settings.get("zero") === "transparent", blurred: shown !== this.grid, chance: this.chance(difference) };
    const table = this.tables.get(colormap) ?? this.tables.values().next().value;
    this.stage.element.classList.toggle("gaps", this.grid.missing > 0 && !meta.backdrop);
    this.stage.paint(colorize(shown.values, this.scale, table, looks), shown.whole && !difference ? shown.values : null);
    const unit = difference ? "percentage points" : this.map.unit;
    const ends = difference && difference.map((name) => `more in ${name}`);
    this.key = { scale: this.scale, table, looks, whole: shown.whole, unit, ends, backdrop: meta.backdrop };
    this.facts.show(this.grid, [...this.map.notes, ...this.remarks(looks)]);
  }

  /** Return the largest difference within chance, or null if it is not known for what is shown. */
  chance(difference) {
    const { meta, settings } = this;
    const isKnown = difference && meta.settings.difference?.every((name) => difference.includes(name));
    return isKnown && !settings.get("classes") && this.shown === this.grid ? meta.chance : null;
  }

  /** Return what the tools save: the whole map as it is drawn. */
  snapshot() {
    const { meta, stage, key, grid, settings } = this;
    const isSmooth = settings.get("interpolation") === "bilinear";
    return { meta, subtitle: this.subtitle.textContent, stage, key, grid, isSmooth, opacity: settings.get("opacity"), notes: this.facts.notes.textContent };
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
      looks.chance === null ? "" : `differences up to ${short(looks.chance)} points are faded: chance alone makes them`,
      grid.missing ? `${short(grid.missing)} cells have no data${this.meta.backdrop ? "" : " (gray)"}` : "",
      this.map.has_union && this.layers.addsUp({ classes, difference }) ? SUMS[Number(this.map.is_count)] : "",
    ];
  }

  showView() {
    const { camera, stage, settings } = this;
    say(this.viewTools.level, `${camera.zoom.toFixed(1)}×`);
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

  /** Move the hovered cell by lines and columns of the picture, by the keyboard; the view follows. */
  step(rows, columns) {
    const [row, column] = this.hover ?? this.settings.get("cell") ?? this.camera.cellAt({ u: 0.5, v: 0.5 });
    const down = this.camera.isUpwards ? -rows : rows;
    const cell = [
      Math.min(Math.max(row + down, 0), this.camera.rows - 1), Math.min(Math.max(column + columns, 0), this.camera.columns - 1),
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

  close() {
    this.observer.disconnect();
    this.unfollow();
  }
}
