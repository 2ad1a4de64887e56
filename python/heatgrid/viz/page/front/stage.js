// Canvas: background, cells, and frames around the selection.

import { h } from "./dom.js";
import { clamp, short } from "./numbers.js";

const CLICKED = "#111827";
const [GRID_LINE, DARK_TEXT, LIGHT_TEXT] = ["#d6dbe3", "#18202c", "#ffffff"];
const LEAST_LINED = 32; // pixels of cells with lines, as in pictures

/** Least pixels of cells with numbers, as in pictures. */
export const LEAST_WRITTEN = 40;

export class Stage {
  constructor(camera) {
    this.camera = camera;
    this.canvas = h("canvas", {
      className: "canvas", tabIndex: 0, role: "application", "aria-roledescription": "heat map",
    });
    this.element = h("div", { className: "stage" }, this.canvas);
    this.context = this.canvas.getContext("2d");
    this.cells = h("canvas", { width: camera.columns, height: camera.rows });
    this.background = null;
  }

  /** Set the colors of all cells, and the numbers that are written into large ones, or null. */
  paint(pixels, values = null) {
    Object.assign(this, { pixels: this.asDrawn(pixels), values: values && this.asDrawn(values) });
    const image = new ImageData(this.pixels, this.camera.columns, this.camera.rows);
    this.cells.getContext("2d").putImageData(image, 0, 0);
  }

  /** Return values of the map's rows in the order of the picture's lines. */
  asDrawn(values) {
    const { rows, isUpwards } = this.camera;
    if (!isUpwards) return values;
    const [turned, length] = [values.slice(), values.length / rows];
    for (let row = 0; row < rows; row++) turned.set(values.subarray(row * length, (row + 1) * length), this.camera.turned(row) * length);
    return turned;
  }

  /** Fit the canvas to its element, in device pixels. Returns whether its size changed. */
  fit() {
    const box = this.canvas.getBoundingClientRect();
    const width = Math.max(1, Math.round(box.width * devicePixelRatio));
    const height = Math.max(1, Math.round(box.height * devicePixelRatio));
    if (this.canvas.width === width && this.canvas.height === height) return false;
    Object.assign(this.canvas, { width, height });
    return true;
  }

  draw({ opacity, interpolation, hover, cell, region }) {
    const { context, camera, canvas } = this;
    const { width, height } = canvas;
    context.clearRect(0, 0, width, height);
    if (this.background) this.drawPart(this.background, 1, true);
    const isReduced = width < camera.seen.width / camera.unit || height < camera.seen.height / camera.unit;
    this.drawPart(this.cells, opacity, interpolation === "bilinear" || isReduced);
    if (!this.background && interpolation === "nearest") this.drawCells();
    if (region) this.frame(region, { fill: true });
    if (hover) this.frame(cellRange(hover), {});
    if (cell) this.frame(cellRange(cell), { bold: true });
    if (camera.level > 0) this.drawOverview();
    Object.assign(canvas.dataset, { level: camera.level, x: camera.x, y: camera.y, background: this.background ? "drawn" : "none" });
  }

  /** Draw the visible part of an image of any size. */
  drawPart(image, opacity, isSmooth) {
    const { context, camera, canvas } = this;
    const { x, y, width, height } = camera.seen;
    const [across, down] = [image.width / camera.width, image.height / camera.height];
    context.save();
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = isSmooth;
    context.imageSmoothingQuality = "high";
    context.drawImage(image, x * across, y * down, width * across, height * down, 0, 0, canvas.width, canvas.height);
    context.restore();
  }

  /** Draw lines between large cells, and their numbers if all of them fit. */
  drawCells() {
    const { context, camera, canvas, pixels, values } = this;
    const [x, y, right, bottom] = [camera.x, camera.y, camera.x + camera.seen.width, camera.y + camera.seen.height].map((at) => at / camera.unit);
    const [wide, high] = [canvas.width / (right - x), canvas.height / (bottom - y)];
    const side = Math.min(wide, high) / devicePixelRatio;
    if (side < LEAST_LINED) return;
    context.fillStyle = GRID_LINE;
    for (let column = Math.ceil(x); column < right; column++) if (column > 0) context.fillRect(Math.round((column - x) * wide), 0, devicePixelRatio, canvas.height);
    for (let row = Math.ceil(y); row < bottom; row++) if (row > 0) context.fillRect(0, Math.round((row - y) * high), canvas.width, devicePixelRatio);
    if (!values || side < LEAST_WRITTEN) return;
    context.font = `${clamp(side / 5, 13, 24) * devicePixelRatio}px system-ui, "DejaVu Sans", sans-serif`;
    const written = [];
    for (let row = Math.floor(y); row < bottom; row++) {
      for (let column = Math.floor(x); column < right; column++) {
        const i = row * camera.columns + column;
        if (!values[i]) continue; // zero or no data
        const text = short(values[i]);
        if (context.measureText(text).width > wide - 8 * devicePixelRatio) return;
        written.push([text, (column + 0.5 - x) * wide, (row + 0.5 - y) * high, i]);
      }
    }
    Object.assign(context, { textAlign: "center", textBaseline: "middle" });
    for (const [text, left, top, i] of written) {
      context.fillStyle = isLight(pixels.subarray(4 * i, 4 * i + 4)) ? DARK_TEXT : LIGHT_TEXT;
      context.fillText(text, left, top);
    }
  }

  /** Frame cells, dark on light, visible on any color. */
  frame(range, { fill = false, bold = false }) {
    const { context, camera, canvas } = this;
    const { x, y, width, height } = camera.place(range, canvas.width, canvas.height);
    const thin = Math.max(1, devicePixelRatio);
    // The frame keeps its distance from small cells, so that they stay visible.
    const gap = Math.max(0, 4 * thin - Math.min(width, height)) / 2;
    const box = [x - gap, y - gap, width + 2 * gap, height + 2 * gap];
    if (fill) {
      context.fillStyle = "rgb(255 255 255 / 0.18)";
      context.fillRect(...box);
    }
    for (const [color, line] of [["#ffffff", (bold ? 5 : 3) * thin], [CLICKED, (bold ? 2 : 1) * thin]]) {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.strokeRect(...box);
    }
  }

  /** Draw the visible part of the map in a corner. */
  drawOverview() {
    const { context, camera, canvas } = this;
    const side = 72 * devicePixelRatio;
    const aspect = canvas.width / canvas.height;
    const [width, height] = aspect > 1 ? [side, side / aspect] : [side * aspect, side];
    const gap = 10 * devicePixelRatio;
    const [left, top] = [gap, canvas.height - gap - height];
    const { x, y, width: across, height: down } = camera.seen;
    context.fillStyle = "rgb(17 24 39 / 0.55)";
    context.fillRect(left, top, width, height);
    context.fillStyle = "rgb(255 255 255 / 0.9)";
    context.fillRect(
      left + (x / camera.width) * width, top + (y / camera.height) * height,
      (across / camera.width) * width, (down / camera.height) * height,
    );
  }
}

/** Return whether dark letters have more contrast on a color over white. */
export function isLight([red, green, blue, alpha]) {
  const [r, g, b] = [red, green, blue].map((part) => ((part * alpha + 255 * (255 - alpha)) / 65025) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2;
}

function cellRange([row, column]) {
  return [row, column, row + 1, column + 1];
}
