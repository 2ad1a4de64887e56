// Color bar.

import { colorize } from "./colors.js";
import { h, say } from "./dom.js";
import { short } from "./numbers.js";
import { colorBar } from "./ticks.js";

const LENGTH = 256;

export class Legend {
  constructor() {
    // A vertical and a horizontal bar; the style sheet shows the one that fits.
    [this.upright, this.flat] = ["upright", "flat"].map((name) => h("canvas", { className: `bar ${name}`, "aria-hidden": "true" }));
    this.marker = h("div", { className: "marker", hidden: true });
    this.ticks = h("div", { className: "ticks" });
    this.title = h("div", { className: "legend-title" });
    this.track = h("div", { className: "track" }, this.upright, this.flat, this.marker, this.ticks);
    this.ends = ["high", "low"].map((name) => h("div", { className: `legend-end ${name}` }));
    this.element = h("div", { className: "legend", role: "img" }, this.title, this.ends[0], this.track, this.ends[1]);
  }

  /** Draw the bar as the cells look, over the mean color of the background; ends are texts at the bar's ends. */
  draw({ scale, table, looks, whole, unit, ends = null, backdrop = null }, opacity = 1) {
    Object.assign(this, { scale, opacity });
    this.ends.forEach((end, i) => {
      end.hidden = !ends;
      say(end, ends ? ends[i] : "");
    });
    const track = this.track.getBoundingClientRect();
    const gap = Math.max(0.09, track.width > track.height ? 60 / track.width : 24 / Math.max(track.height, 100));
    const { values, ticks, blocks } = colorBar(scale, { whole, length: LENGTH, gap });
    this.blocks = blocks ? values : null;
    const faint = (pixels) => pixels.map((part, i) => (i % 4 === 3 ? part * opacity : part));
    fill(this.flat, faint(colorize(values, scale, table, looks)), values.length, 1);
    fill(this.upright, faint(colorize([...values].reverse(), scale, table, looks)), 1, values.length);
    for (const bar of [this.flat, this.upright]) bar.style.background = backdrop ? `rgb(${backdrop})` : "";
    this.ticks.replaceChildren(...ticks.map(({ value, position }) => {
      const tick = h("span", { className: "tick" }, short(value));
      tick.style.setProperty("--at", String(position));
      return tick;
    }));
    say(this.title, unit + (scale.kind === "linear" ? "" : ` (${scale.kind} scale)`));
    this.element.setAttribute("aria-label", `Color bar: ${unit}, from ${short(scale.vmin)} to ${short(scale.vmax)}${ends ? `; high: ${ends[0]}, low: ${ends[1]}` : ""}`);
  }

  /** Mark a value on the bar; null marks none. */
  point(value) {
    this.marker.hidden = value === null || Number.isNaN(value);
    if (this.marker.hidden) return;
    const block = this.blocks ? this.blocks.indexOf(Math.min(Math.max(value, this.scale.vmin), this.scale.vmax)) : -1;
    const position = block >= 0 ? (block + 0.5) / this.blocks.length : this.scale.normalizer()(value);
    this.marker.style.setProperty("--at", String(position));
  }
}

function fill(canvas, pixels, width, height) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
}
