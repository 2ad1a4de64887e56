// Files of the shown map: CSV, SVG, and PNG, which is the drawn SVG.

import { shares, tickText } from "./axes.js";
import { colorize } from "./colors.js";
import { printable } from "./dom.js";
import { short } from "./numbers.js";
import { isLight, LEAST_WRITTEN } from "./stage.js";
import { colorBar } from "./ticks.js";

const LONG_SIDE = 960;
const [LEFT, TOP, RIGHT, BOTTOM, LINE] = [72, 106, 170, 66, 20];
const [DARK_INK, SOFT_INK, LINE_INK] = ["#18202c", "#5c6675", "#8b94a1"];
const FONT = "system-ui, 'DejaVu Sans', Arial, sans-serif";
const PIXELS_PER_UNIT = 2;
const MAX_RUNS = 65536;

/** Return one line per cell: row, column, value. */
export function csv({ values }, columns) {
  const lines = ["row,column,value"];
  values.forEach((value, i) => lines.push(`${Math.floor(i / columns)},${i % columns},${Number.isNaN(value) ? "" : value}`));
  return `${lines.join("\n")}\n`;
}

/** Return the shown map with axes, color bar and texts as the text of an SVG file without references. */
export function svg({ meta, subtitle, stage, key, opacity, isSmooth, notes }) {
  const [width, height] = meta.aspect > 1 ? [LONG_SIDE, LONG_SIDE / meta.aspect] : [LONG_SIDE * meta.aspect, LONG_SIDE];
  const [about, small] = [wrapped(subtitle, 14, width), wrapped(notes, 12, width + RIGHT - 16)];
  const top = TOP + LINE * about.length;
  const box = { x: LEFT, y: top, width, height, preserveAspectRatio: "none" };
  const [whole, tall] = [LEFT + width + RIGHT, top + height + BOTTOM + LINE * small.length];
  const cells = isSmooth ? null : paths(stage.pixels, meta.rows, meta.columns);
  const map = cells
    ? node("g", { transform: `translate(${LEFT} ${top}) scale(${width / meta.columns} ${height / meta.rows})`, "shape-rendering": "crispEdges", opacity }, ...cells)
    : node("image", { ...box, href: stage.cells.toDataURL(), opacity, style: isSmooth ? "" : "image-rendering:pixelated" });
  const root = node(
    "svg", { xmlns: SVG, width: whole, height: tall, viewBox: `0 0 ${whole} ${tall}`, "font-family": FONT, "font-size": 14 },
    node("rect", { width: whole, height: tall, fill: "#ffffff" }),
    text(meta.title, { x: LEFT, y: 44, "font-size": 26, fill: DARK_INK }),
    ...about.map((line, i) => text(line, { x: LEFT, y: 70 + LINE * i, fill: SOFT_INK })),
    meta.background ? node("image", { ...box, href: meta.background }) : null, map,
    node("rect", { x: LEFT, y: top, width, height, fill: "none", stroke: LINE_INK }),
    ...(isSmooth || meta.background ? [] : numbers(stage, meta, top, width, height)),
    ...shares(0, 1).flatMap((share) => [
      text(tickText(share), { x: LEFT + share * width, y: top + height + 22, "text-anchor": "middle", fill: SOFT_INK }),
      text(tickText(share, meta.of === "size"), { x: LEFT - 10, y: top + share * height + 5, "text-anchor": "end", fill: SOFT_INK }),
    ]),
    ...bar(key, LEFT + width + 24, top, height, opacity, meta.backdrop),
    ...small.map((line, i) => text(line, { x: LEFT, y: top + height + 56 + LINE * i, "font-size": 12, fill: SOFT_INK })),
  );
  return new XMLSerializer().serializeToString(root);
}

/** Draw the text of an SVG file. Returns a blob. */
export async function png(source) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(image.width * PIXELS_PER_UNIT), height: Math.round(image.height * PIXELS_PER_UNIT) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

/** Let the browser save a file. */
export function save(content, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const SVG = "http://www.w3.org/2000/svg";

function node(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (name !== "xmlns" && value !== "") element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

function text(content, attributes) {
  return node("text", attributes, document.createTextNode(printable(content)));
}

/** Return the lines of a text that is at most this wide. */
function wrapped(content, size, width) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `${size}px ${FONT}`;
  const lines = [""];
  for (const word of content.split(" ").filter(Boolean)) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter(Boolean);
}

/** Return the numbers of cells that are large enough. */
function numbers({ values, pixels }, { rows, columns }, top, width, height) {
  const [wide, high] = [width / columns, height / rows];
  if (!values || Math.min(wide, high) < LEAST_WRITTEN) return [];
  return [...values].map((value, i) => (value ? text(short(value), {
    x: LEFT + ((i % columns) + 0.5) * wide, y: top + (Math.floor(i / columns) + 0.5) * high + 5, "text-anchor": "middle",
    fill: isLight(pixels.subarray(4 * i, 4 * i + 4)) ? DARK_INK : "#ffffff",
  }) : null));
}

function bar({ scale, table, looks, whole, unit, ends }, x, y, height, opacity, backdrop) {
  const gap = Math.max(0.09, 24 / height);
  const { values, ticks } = colorBar(scale, { whole, length: 256, gap });
  const pixels = colorize(values, scale, table, looks);
  const step = height / values.length;
  return [
    text(unit, { x, y: y - 28, fill: SOFT_INK }),
    ends ? text(ends[0], { x, y: y - 8, fill: DARK_INK }) : null, ends ? text(ends[1], { x, y: y + height + 20, fill: DARK_INK }) : null,
    backdrop ? node("rect", { x, y, width: 18, height, fill: `rgb(${backdrop})` }) : null,
    ...values.map((_, i) => {
      const [red, green, blue, alpha] = pixels.subarray(4 * i, 4 * i + 4);
      const place = { x, y: y + height - (i + 1) * step, width: 18, height: step };
      return node("rect", { ...place, fill: `rgb(${red},${green},${blue})`, "fill-opacity": (alpha / 255) * opacity, "shape-rendering": "crispEdges" });
    }),
    node("rect", { x, y, width: 18, height, fill: "none", stroke: LINE_INK }),
    ...ticks.map(({ value, position }) => text(short(value), { x: x + 28, y: y + (1 - position) * height + 5, fill: SOFT_INK })),
  ].filter(Boolean);
}

/** Return one path per color, of runs of equal cells; null if there are too many. */
function paths(pixels, rows, columns) {
  const words = new Uint32Array(pixels.buffer);
  const shapes = new Map();
  let runs = 0;
  for (let row = 0; row < rows; row++) {
    for (let start = 0, column = 1; column <= columns; column++) {
      const i = row * columns + start;
      if (column < columns && words[row * columns + column] === words[i]) continue;
      if (pixels[4 * i + 3]) {
        if (++runs > MAX_RUNS) return null;
        const shape = shapes.get(words[i]) ?? { i, d: [] };
        shapes.set(words[i], shape);
        shape.d.push(`M${start} ${row}h${column - start}v1h${start - column}z`);
      }
      start = column;
    }
  }
  return [...shapes.values()].map(({ i, d }) => node("path", {
    fill: `rgb(${pixels[4 * i]},${pixels[4 * i + 1]},${pixels[4 * i + 2]})`, "fill-opacity": pixels[4 * i + 3] / 255, d: d.join(""),
  }));
}
