// Overview of a data set: findings, classes, the viewers of places and sizes, charts, and tables. A class and a
// split are selected for the whole page.

import { dataTable, Histogram, Parts, round, Tables, total, wholeLabels } from "./charts.js";
import { imageAddress, imageLink } from "./cell_lists.js";
import { ClassTable } from "./class_table.js";
import { h, newId, say } from "./dom.js";
import { pageData, pageMeta, PageSettings, showOnPage } from "./hosts.js";
import { arrayAt } from "./layers.js";
import { short } from "./numbers.js";
import { chart, counted, findingList, mean, meter, section, SharedSettings } from "./sections.js";
import { followTheme } from "./theme.js";
import { Viewer } from "./viewer.js";

const ALL = "";

class Overview {
  constructor(meta, { location, size, tables }) {
    this.meta = meta;
    this.unsized = meta.images_unsized ? "The sizes of the images are unknown." : "No object has a box.";
    this.tables = new Tables(meta.tables, tables, arrayAt);
    this.shared = new PageSettings(meta.location.settings);
    this.location = this.viewer(meta.location, location);
    this.size = this.viewer(meta.size, size);
    this.choose = this.makeChoice();
    this.classes = new ClassTable(meta, this.tables, this.location.layers, this.colors, (number) => this.toggle(number));
    this.makeCharts();
    this.element = this.build();
    followTheme(this.element);
    this.shared.watch((name) => (name === "colormap" ? this.classes.color(this.colors) : this.update()));
    this.update();
  }

  viewer(meta, buffer) {
    const settings = new SharedSettings(this.shared, new PageSettings(meta.settings));
    const viewer = new Viewer(meta, buffer, settings, (cell) => settings.set({ cell }));
    viewer.element.classList.add("embedded");
    return viewer;
  }

  get colors() {
    return this.location.tables.get(this.shared.get("colormap"));
  }

  // Selection

  get label() {
    const names = this.shared.get("classes");
    return names === null ? null : this.meta.classes.findIndex(({ name }) => name === names[0]);
  }

  get split() {
    const names = this.shared.get("splits");
    return names === null ? null : this.meta.splits.indexOf(names[0]);
  }

  toggle(number) {
    this.shared.set({ classes: this.label === number ? null : [this.meta.classes[number].name] });
  }

  makeChoice() {
    const select = (key, all, names) => {
      const control = h("select", { id: newId(), onchange: () => this.shared.set({ [key]: control.value === ALL ? null : [names[Number(control.value)]] }) },
        h("option", { value: ALL }, all), ...names.map((name, i) => h("option", { value: String(i) }, name)));
      return control;
    };
    const names = this.meta.classes.map(({ name }) => name);
    const [classes, splits] = [select("classes", "All classes", names), select("splits", "All splits", this.meta.splits)];
    const count = h("p", { className: "muted", role: "status" });
    const clear = h("button", { type: "button", className: "quiet", onclick: () => this.shared.set({ classes: null, splits: null }) }, "Show all");
    const labelled = (text, control) => h("label", { className: "choice", htmlFor: control.id }, h("span", {}, text), control);
    const element = h("div", { className: "choose", role: "group", "aria-label": "Selection" }, labelled("Class", classes), this.meta.splits.length > 1 ? labelled("Split", splits) : null, count, clear);
    return { element, classes, splits, count, clear };
  }

  // Charts

  makeCharts() {
    const { per_image: counts, area, aspect } = this.meta.charts;
    const wholes = wholeLabels(counts);
    const every = Math.ceil(wholes.length / 8);
    this.perImage = new Histogram("Objects per image", {
      labels: wholes.map((text) => `${text} object${text === "1" ? "" : "s"}`), noun: "images",
      ticks: wholes.flatMap((text, i) => (i % every ? [] : [[i + 0.5, text.split("–")[0]]])),
    });
    const shares = area.map((edge) => `${short(100 * Number(edge.toPrecision(2)))} %`);
    this.area = new Histogram("Area, share of the image", {
      labels: shares.slice(1).map((text, i) => `${shares[i].replace(" %", "")} to ${text}`), noun: "objects",
      ticks: area.flatMap((edge, i) => (Math.abs(Math.log10(edge) % 1) < 1e-6 || Math.abs(Math.log10(edge) % 1) > 1 - 1e-6 ? [[i, shares[i]]] : [])),
    });
    const ratio = (edge) => (edge >= 1 ? `${short(Number(edge.toPrecision(2)))}:1` : `1:${short(Number((1 / edge).toPrecision(2)))}`);
    this.aspect = new Histogram("Aspect ratio, width to height", {
      labels: aspect.slice(1).map((edge, i) => `${ratio(aspect[i])} to ${ratio(edge)}`), noun: "objects",
      ticks: aspect.flatMap((edge, i) => (Number.isInteger(Math.log2(edge)) && (aspect.length < 12 || Math.log2(edge) % 2 === 0) ? [[i, ratio(edge)]] : [])),
    });
    this.coco = new Parts([["Small", "below 32²"], ["Medium", "to 96²"], ["Large", "above"]]);
    this.small = h("div", {});
  }

  smallBoxes(split, label) {
    const { sizes, sides } = this.meta.training;
    const [small, [sized]] = [this.tables.sum("small", split, label), this.tables.sum("sized", split, label)];
    const rows = sizes.map((size, i) => [`${size} px`, ...sides.map((_, j) => meter(small[i * sides.length + j], sized))]);
    const heads = ["Training size", ...sides.map((side) => `below ${side} px`)];
    this.small.replaceChildren(sized ? dataTable(heads, rows) : h("p", { className: "muted" }, this.unsized));
  }

  update() {
    const { label, split, tables, meta } = this;
    const sum = (name) => tables.sum(name, split, label);
    const [[objects], [boxed], [sized]] = ["objects", "boxed", "sized"].map(sum);
    const [images] = label === null ? tables.sum("images", split, null) : sum("images_with");
    const last = meta.classes.length;
    const perImage = tables.sum("per_image", split, label ?? last);
    const where = label === null ? "" : " with any";
    this.perImage.update(perImage, tables.sum("per_image", null, last), images ? `${mean(objects, images)} on average, in ${counted(images, "image")}${where}` : "no images");
    this.area.update(sum("area"), tables.sum("area", null, null), `${counted(boxed, "object")} with a box`);
    this.aspect.update(sum("aspect"), tables.sum("aspect", null, null), sized ? `of boxes in pixels, ${counted(sized, "object")}` : this.unsized);
    this.coco.update(sum("coco"));
    this.smallBoxes(split, label);
    this.classes.update(label);
    this.choose.classes.value = label === null ? ALL : String(label);
    this.choose.splits.value = split === null ? ALL : String(split);
    say(this.choose.count, `${counted(objects, "object")} in ${counted(images, "image")}${where}`);
    this.choose.clear.hidden = label === null && split === null;
  }

  // Layout

  build() {
    const { meta } = this;
    const cards = meta.cards.map(([name, value, detail]) => h("div", { className: "fact" }, h("dt", {}, name), h("dd", {}, value), h("dd", { className: "muted" }, detail)));
    const drawing = h("details", { className: "drawing" }, h("summary", {}, "Drawing"), this.location.controls.element);
    const maps = h(
      "div", { className: "maps" },
      h("figure", {}, h("figcaption", {}, h("h3", {}, "Where objects are"), h("p", { className: "muted" }, "All images on top of each other")), this.location.element),
      h("figure", {}, h("figcaption", {}, h("h3", {}, "How large they are"), h("p", { className: "muted" }, "Right: as wide as the image · up: as high")), this.size.element),
    );
    [...maps.children].forEach((figure, i) => figure.style.setProperty("--wide", String([meta.location, meta.size][i].aspect)));
    const isSized = this.tables.sum("sized", null, null)[0] > 0;
    const sizes = h("div", { className: "charts" }, this.perImage.element, this.area.element, this.aspect.element,
      chart("COCO sizes", isSized ? "By the area of the box in pixels" : this.unsized, isSized ? this.coco.element : ""),
      chart("Small boxes", "Share of boxes whose shorter side is too short, in letterboxed images", this.small), this.imageSizes());
    const overview = h(
      "div", { className: "viewer overview" },
      h(
        "div", { className: "page" },
        h("header", { id: "head" }, h("h1", {}, meta.title), h("p", { className: "muted" }, meta.subtitle), h("dl", { className: "facts-row" }, ...cards)),
        findingList(meta.findings), this.choose.element,
        section("classes", "Classes", this.classes.element), section("places", "Places and sizes", maps, drawing),
        section("sizes", "Distributions", sizes), this.splits(), this.together(), this.duplicates(),
        h("footer", { className: "muted" }, ...meta.notes.map((note) => h("p", {}, note))),
      ),
    );
    return overview;
  }

  imageSizes() {
    const { image_sizes: sizes, other_image_sizes: [kinds, others], images_unsized: unknown } = this.meta;
    const images = total(this.tables.sum("images", null, null));
    const rows = sizes.map(([width, height, count]) => [`${short(width)} × ${short(height)}`, meter(count, images)]);
    if (kinds) rows.push([`${kinds.toLocaleString("en-US")} more`, meter(others, images)]);
    if (unknown) rows.push(["unknown", meter(unknown, images)]);
    const different = sizes.length === 0 ? this.unsized : sizes.length + kinds === 1 ? "The same for all" : `${(sizes.length + kinds).toLocaleString("en-US")} different, in pixels`;
    return chart("Image sizes", different, dataTable(["Width × height", "Images"], rows));
  }

  splits() {
    const { splits, differences } = this.meta;
    if (splits.length < 2) return null;
    const number = (name, s) => this.tables.sum(name, s, null)[0];
    const rows = splits.map((name, s) => {
      const [images, objects, counted] = ["images", "objects", "images_counted"].map((table) => number(table, s));
      return [name, ...[images, objects].map((n) => n.toLocaleString("en-US")), images ? mean(objects, images) : "–", (images - counted).toLocaleString("en-US")];
    });
    const compared = differences.map((one) => [
      `${one.split} – ${one.reference}`, { location: "Places", size: "Sizes", classes: "Classes" }[one.aspect], round(one.total_variation),
      one.expected === null ? "–" : round(one.expected), one.p_value === null ? "–" : h("span", { className: one.p_value <= 0.05 ? "odd" : "" }, String(Number(one.p_value.toPrecision(2)))),
      one.jensen_shannon.toFixed(3), one.detail,
    ]);
    return section("splits", "Splits", dataTable(["Split", "Images", "Objects", "Objects per image", "Images without objects"], rows, [1, 2, 3, 4]),
      compared.length ? dataTable(["Compared", "In their", "Would have to move", "By chance", "p", "Divergence, bits", "Largest part"], compared, [2, 3, 4, 5]) : null);
  }

  together() {
    const rows = this.meta.together.map(({ classes: [a, b], images, shares: [ofA, ofB] }) => [a, b, images.toLocaleString("en-US"), `${round(ofA)} of “${a}”`, `${round(ofB)} of “${b}”`]);
    return rows.length ? section("together", "Classes that occur together", dataTable(["Class", "And class", "Images with both", "Share of images", "Share of images"], rows, [2])) : null;
  }

  duplicates() {
    const { duplicates, duplicate_pairs: pairs, thumbnails } = this.meta;
    if (!duplicates) return null;
    const hasFiles = pairs.some(([, , file]) => file !== ".");
    const rows = pairs.map(([name, image, file, first, second, overlap]) => [imageLink(imageAddress(thumbnails, image), image), ...(hasFiles ? [file] : []), name, first, second, overlap.toFixed(3)]);
    const heads = ["Image", ...(hasFiles ? ["File"] : []), "Class", "First", "Second", "Overlap"];
    const note = h("p", { className: "muted" }, `${duplicates.toLocaleString("en-US")} boxes nearly equal an earlier one of the same class and image.` + (pairs.length < duplicates ? " The most similar pairs:" : ""));
    return section("duplicates", "Likely duplicates", note, dataTable(heads, rows, [heads.length - 1]));
  }
}

/** Show the overview of a page. */
export async function showOverview(style) {
  const meta = pageMeta();
  const [location, size, tables] = await Promise.all(["location", "size", "tables"].map((name) => pageData(`heatgrid-${name}`)));
  showOnPage(new Overview(meta, { location, size, tables }), style);
}
