// Page that counts annotation files in the browser: files in, the viewer, classes, sizes and the report out.

import { Tables } from "./charts.js";
import { ClassTable } from "./class_table.js";
import { h, newId, say } from "./dom.js";
import { save } from "./export.js";
import { pageData, pageMeta, PageSettings, showOnPage } from "./hosts.js";
import { arrayAt } from "./layers.js";
import { fragment, restored } from "./link.js";
import { payloadOf } from "./payload.js";
import { reportOf } from "./report_table.js";
import { section, SharedSettings } from "./sections.js";
import { Session } from "./session.js";
import { chosenFiles, droppedFiles, sampleFiles } from "./sources.js";
import { followTheme } from "./theme.js";
import { Viewer } from "./viewer.js";

const MOST_CELLS = 1_000_000;
const PHASES = { list: "Listing files", read: "Reading", select: "Choosing geometries", count: "Counting" };
const CANCELLED = "Cancelled.";

class Browser {
  /** base: description and buffer of an empty map; start: returns a worker; wasm: the bytes of the kernel. */
  constructor(meta, buffer, start, wasm) {
    Object.assign(this, { meta, base: { meta: meta.viewer, buffer }, start, wasm, session: null, shown: null, turn: 0 });
    this.options = { rows: 100, columns: 100, rule: "center", geometry: "auto", count: "instances" };
    this.drop = this.makeDrop();
    this.bar = this.makeBar();
    this.progress = this.makeProgress();
    this.alert = h("div", { className: "alert", role: "alert", hidden: true });
    this.result = h("div", { className: "result" });
    this.element = this.build();
    this.watchDrops();
    followTheme(this.element);
    this.update();
  }

  // Layout

  build() {
    const head = h(
      "header", {}, h("h1", {}, "Where in the image are the objects?"),
      h("p", { className: "muted" }, "Count heat map of an annotation file, exact to the last object. Nothing is uploaded: this page cannot send anything."),
    );
    const foot = h("footer", { className: "muted" }, h("p", {}, "The counts are those of the Python package heatgrid, to the last integer. The page is one file and works offline."));
    return h("div", { className: "viewer overview counter" }, h("div", { className: "page" }, head, this.drop, this.bar.element, this.progress.element, this.alert, this.result, foot));
  }

  makeDrop() {
    const input = (properties) => {
      const element = h("input", { type: "file", hidden: true, tabIndex: -1, "aria-hidden": "true", onchange: () => this.choose(element), ...properties });
      return element;
    };
    const [files, folder] = [input({ multiple: true, accept: ".json,.zip,.txt,.yaml,.yml" }), input({ webkitdirectory: true })];
    const button = (text, className, onclick) => h("button", { type: "button", className, onclick }, text);
    return h(
      "section", { className: "drop", "aria-label": "Files" },
      h("p", { className: "drop-title" }, "Drop annotations here"),
      h("p", { className: "muted" }, "One or several COCO files (.json), a YOLO folder, or a ZIP archive of either. Images are not needed."),
      h("p", { className: "drop-buttons" }, button("Choose files", "tool first", () => files.click()), button("Choose a folder", "tool", () => folder.click()), button("Try a sample", "tool", () => this.open(sampleFiles()))),
      files, folder,
    );
  }

  makeBar() {
    const field = (text, control) => h("span", { className: "choice" }, h("label", { htmlFor: control.id }, text), control);
    const number = (name, label) => {
      const control = h("input", { id: newId(), type: "number", min: "1", max: "2000", step: "1", value: String(this.options[name]), "aria-label": label, onchange: () => this.set({ [name]: control.valueAsNumber }) });
      return control;
    };
    const select = (name, names) => {
      const control = h("select", { id: newId(), onchange: () => this.set({ [name]: control.value }) }, ...Object.entries(names).map(([value, text]) => h("option", { value }, text)));
      return control;
    };
    const [rows, columns] = [number("rows", "Rows of the grid"), number("columns", "Columns of the grid")];
    const rule = select("rule", { center: "Center", touch: "Touch", point: "Point", area: "Area" });
    const geometry = select("geometry", { auto: "Best", box: "Boxes", polygon: "Polygons", mask: "Masks", point: "Keypoints" });
    const count = select("count", { instances: "Objects", images: "Images" });
    const name = h("strong", { className: "name" });
    const other = h("button", { type: "button", className: "tool", onclick: () => this.close() }, "Other files");
    const downloads = ["npz", "json"].map((format) => h("button", { type: "button", className: "tool", title: `${format.toUpperCase()}: save all counts; heatgrid.load reads it`, "aria-label": `${format.toUpperCase()}: save all counts`, onclick: () => this.download(format) }, format.toUpperCase()));
    const grid = h("span", { className: "choice", role: "group", "aria-label": "Grid" }, h("span", {}, "Grid"), rows, h("span", {}, "×"), columns);
    const meaning = h("p", { className: "muted meaning", role: "status" });
    const element = h(
      "div", { className: "choose", role: "group", "aria-label": "Options" }, h("div", { className: "bar-head" }, name, h("span", { className: "tools" }, ...downloads, other)),
      grid, field("Rule", rule), field("Geometry", geometry), field("Count", count), meaning,
    );
    return { element, name, controls: { rows, columns, rule, geometry, count }, downloads, meaning };
  }

  makeProgress() {
    const bar = h("progress", { max: 1, "aria-label": "Progress" });
    const text = h("p", { role: "status" });
    const element = h("div", { className: "progress", hidden: true }, bar, text, h("button", { type: "button", className: "tool", onclick: () => this.cancel() }, "Cancel"));
    return { element, bar, text };
  }

  watchDrops() {
    const marks = (isOver) => this.element.classList.toggle("over", isOver);
    addEventListener("dragover", (event) => {
      event.preventDefault();
      marks(true);
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && marks(false));
    addEventListener("drop", async (event) => {
      event.preventDefault();
      marks(false);
      this.showProgress({ phase: "list", done: 0, total: 0 });
      try {
        await this.open(await droppedFiles(event.dataTransfer));
      } catch (error) {
        this.progress.element.hidden = true;
        this.fail(error, "");
      }
    });
  }

  // Files

  async choose(input) {
    const files = chosenFiles(input.files);
    input.value = "";
    if (files.length) await this.open(files);
  }

  /** Count other files. */
  async open(files) {
    this.close();
    this.name = sourceName(files);
    this.session = new Session(this.start, this.wasm, files);
    this.update();
    await this.recount();
  }

  close() {
    this.turn += 1;
    this.session?.close();
    this.session = null;
    this.clear();
    this.alert.hidden = true;
    this.progress.element.hidden = true;
    this.update();
  }

  clear() {
    for (const viewer of this.shown?.viewers ?? []) viewer.close();
    this.shown = null;
    this.result.replaceChildren();
  }

  // Counting

  set(options) {
    Object.assign(this.options, options);
    this.recount();
  }

  /** The specification of a map, or an error for a grid that is none. */
  get spec() {
    const { rows, columns, rule, count } = this.options;
    const isGrid = [rows, columns].every((cells) => Number.isInteger(cells) && cells >= 1) && rows * columns <= MOST_CELLS;
    if (!isGrid) throw new RangeError(`Grid: rows and columns must be whole numbers from 1, with at most ${MOST_CELLS.toLocaleString("en-US")} cells`);
    return { grid: [rows, columns], rule, count };
  }

  /** Count by the current options; of several calls the last one is shown. */
  async recount() {
    const [turn, { session, name }] = [(this.turn += 1), this];
    if (session === null) return;
    const isCurrent = () => turn === this.turn;
    const onProgress = (progress) => isCurrent() && this.showProgress(progress);
    this.alert.hidden = true;
    this.showProgress({ phase: "read", done: 0, total: 0 });
    try {
      const { geometry } = this.options;
      const { spec } = this;
      const found = await session.read(onProgress);
      const maps = await session.count(spec, geometry, onProgress);
      const sizes = isCurrent() ? await session.count({ grid: spec.grid, of: "size" }, "box", onProgress) : [];
      if (isCurrent()) this.show(name, found, maps, sizes);
    } catch (error) {
      if (isCurrent()) this.fail(error, name);
    } finally {
      if (isCurrent()) this.progress.element.hidden = true;
    }
  }

  showProgress({ phase, done, total, file, files }) {
    const { element, bar, text } = this.progress;
    element.hidden = false;
    if (total > 0) bar.value = done / total;
    else bar.removeAttribute("value");
    const share = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : "";
    say(text, `${PHASES[phase]}${files > 1 ? ` file ${file} of ${files}` : ""}…${share}`);
  }

  cancel() {
    this.turn += 1;
    this.session?.close();
    this.progress.element.hidden = true;
    if (this.shown === null) this.session = null;
    this.update();
    this.tell([h("p", {}, CANCELLED)]);
  }

  fail(error, name) {
    const isFile = error.name === "FormatError";
    const isLost = isFile || !(error instanceof RangeError || error instanceof TypeError) || this.shown === null;
    if (isLost) {
      this.session?.close();
      this.clear();
      this.session = null;
    }
    const command = h("code", {}, `heatgrid map ${/^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`);
    this.tell([h("p", {}, error.message), isFile ? h("p", { className: "muted" }, "The Python package reads many more formats, and says which line is wrong: ", command) : null].filter(Boolean));
    this.update();
  }

  tell(content) {
    this.alert.replaceChildren(...content);
    this.alert.hidden = false;
  }

  async download(format) {
    const types = { npz: "application/zip", json: "application/json" };
    const { session, options, spec } = this;
    for (const button of this.bar.downloads) button.disabled = true;
    try {
      save(await session.save(format, spec, options.geometry), `${this.name.replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "-") || "map"}.${format}`, types[format]);
    } catch (error) {
      if (session === this.session) this.fail(error, this.name);
    } finally {
      for (const button of this.bar.downloads) button.disabled = false;
    }
  }

  // Result

  show(name, found, maps, sizes) {
    const before = this.shown;
    const { texts, size } = this.meta;
    const own = { title: name.replace(/\.(json|zip)$/i, ""), texts };
    const [map, sizeMap] = [payloadOf(this.base, maps, own), payloadOf(this.base, sizes, { ...own, title: `${own.title}, sizes`, aspect: 1, unit: size.unit, settings: { ...this.base.meta.settings, ...size.settings } })];
    if (sizeMap.meta.empty) sizeMap.meta.empty = map.meta.empty || "no object has a box";
    const shared = new PageSettings({ ...map.meta.settings, ...(before ? restored(fragment(before.settings.values, map.meta.settings), map.meta) : {}) });
    for (const viewer of before?.viewers ?? []) viewer.close();
    const viewers = [map, sizeMap].map(({ meta, buffer }, i) => {
      const settings = i === 0 ? shared : new SharedSettings(shared, new PageSettings(meta.settings));
      return new Viewer(meta, buffer, settings, (cell) => settings.set({ cell }));
    });
    viewers[1].element.classList.add("embedded");
    this.shown = { settings: shared, viewers };
    const sized = h("figure", {}, h("figcaption", {}, h("p", { className: "muted" }, "Right: as wide as the image · up: as high")), viewers[1].element);
    this.result.replaceChildren(
      section("map", "Places", viewers[0].element),
      h("div", { className: "pairs" }, ...this.classTable(map.meta, maps, viewers[0], shared), section("sizes", "Sizes", sized)),
      section("report", "What was read", ...reportOf(maps, found.refused, name)),
    );
    this.update();
  }

  /** Return the section of the classes, none for a single class. */
  classTable(meta, maps, viewer, settings) {
    if (meta.classes.length < 2) return [];
    const [objects, images] = [new Float64Array(maps.length * meta.classes.length), new Float64Array(maps.length * meta.classes.length)];
    maps.forEach(({ report }, split) => meta.classes.forEach((name, i) => {
      const { counted = 0, counted_as_point: asPoint = 0, images: number = 0 } = Object.hasOwn(report.classes, name) ? report.classes[name] : {};
      objects[split * meta.classes.length + i] = counted + asPoint;
      images[split * meta.classes.length + i] = number;
    }));
    const tables = new Tables({}, null, arrayAt);
    const shape = [maps.length, meta.classes.length];
    tables.tables = { objects: { shape, values: objects }, images_with: { shape, values: images } };
    const colors = () => viewer.tables.get(settings.get("colormap"));
    const selected = () => (settings.get("classes")?.length === 1 ? meta.classes.indexOf(settings.get("classes")[0]) : null);
    const toggle = (number) => settings.set({ classes: selected() === number ? null : [meta.classes[number]] });
    const table = new ClassTable({ classes: meta.classes.map((name) => ({ name, median: null })), splits: meta.splits }, tables, viewer.layers, colors(), toggle);
    settings.watch((name) => (name === "colormap" ? table.color(colors()) : table.update(selected())));
    table.update(selected());
    return [section("classes", "Classes", table.element)];
  }

  update() {
    const isOpen = this.session !== null;
    this.drop.hidden = isOpen;
    this.bar.element.hidden = !isOpen || this.shown === null;
    say(this.bar.name, this.name ?? "");
    say(this.bar.meaning, `Here ${this.meta.texts.rules[this.options.rule]}.`);
  }
}

/** Return the name of what was dropped: the file, the folder, or the number of files. */
function sourceName(files) {
  const tops = [...new Set(files.map(({ path }) => path.split("/")[0]))];
  return tops.length === 1 ? tops[0] : `${tops.length.toLocaleString("en-US")} files`;
}

/** Show the page. */
export async function showBrowser(style) {
  const [viewer, worker, wasm] = await Promise.all(["viewer", "worker", "kernel"].map((name) => pageData(`heatgrid-${name}`)));
  const start = () => {
    const address = URL.createObjectURL(new Blob([worker], { type: "text/javascript" }));
    const made = new Worker(address);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    return made;
  };
  showOnPage(new Browser(pageMeta(), viewer, start, wasm), style);
}
