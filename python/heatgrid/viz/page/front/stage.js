// Canvas: background, cells, and frames around the selection.

import { h } from "./dom.js";

const CLICKED = "#111827";

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

  /** Set the colors of all cells. */
  paint(pixels) {
    const image = new ImageData(pixels, this.camera.columns, this.camera.rows);
    this.cells.getContext("2d").putImageData(image, 0, 0);
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
    if (region) this.frame(region, { fill: true });
    if (hover) this.frame(cellRange(hover), {});
    if (cell) this.frame(cellRange(cell), { bold: true });
    if (camera.level > 0) this.drawOverview();
    Object.assign(canvas.dataset, { level: camera.level, x: camera.x, y: camera.y });
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

function cellRange([row, column]) {
  return [row, column, row + 1, column + 1];
}
