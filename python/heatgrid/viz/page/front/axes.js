// Axes: shares of the image's sides, for the visible part of the map.

import { h } from "./dom.js";

const STEPS_OF_AXES = [0.5, 0.25, 0.1, 0.05, 0.02, 0.01];
const NARROW = 240;

export class Axes {
  constructor(camera) {
    Object.assign(this, { camera, key: "" });
    [this.x, this.y] = ["x", "y"].map((name) => h("div", { className: `map-axis along-${name}`, "aria-hidden": "true" }));
  }

  /** Show ticks of a map of this size in pixels; one is drawn only if the view has changed. */
  update(width, height) {
    const { seen, level } = this.camera;
    const key = [level, seen.x, seen.y, width < NARROW, height < NARROW].join();
    if (key === this.key) return;
    this.key = key;
    const sides = [[this.x, seen.x, seen.width, this.camera.width, width], [this.y, seen.y, seen.height, this.camera.height, height]];
    for (const [axis, start, length, whole, pixels] of sides) {
      axis.replaceChildren(...shares(start / whole, length / whole, pixels < NARROW).map((share) => {
        const tick = h("span", {}, tickText(share, axis === this.y && this.camera.isUpwards));
        tick.style.setProperty("--at", String((share * whole - start) / length));
        return tick;
      }));
    }
  }
}

/** Return the text of a share, which is that from the other end on a reversed axis. */
export function tickText(share, isReversed = false) {
  return String(isReversed ? Number((1 - share).toFixed(2)) : share);
}

/** Return round shares in a range, at least three steps of the range unless it is narrow. */
export function shares(start, length, isNarrow = false) {
  const step = STEPS_OF_AXES.find((one) => length / one >= (isNarrow ? 2 : 3)) ?? STEPS_OF_AXES[STEPS_OF_AXES.length - 1];
  const found = [];
  for (let k = Math.ceil(start / step - 1e-9); k * step <= start + length + 1e-9; k++) found.push(Number((k * step).toFixed(2)));
  return found;
}
