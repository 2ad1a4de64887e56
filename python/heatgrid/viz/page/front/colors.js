// Colors of values, equal to those of heatgrid.viz.pixels to the byte.

import { rint } from "./numbers.js";
import { FADED } from "./tables.js";

const LEAST_OPACITY = 0.25;

/**
 * Color values by a scale and a table of 256 RGB colors.
 *
 * hideZero: zeros, and values below the scale, are not drawn, and opacity grows with the distance from zero. Blurred
 * values have no exact zeros; the lowest fade out. Values of at most chance, of either sign, fade to the color of
 * zero. Returns RGBA; cells without data are transparent.
 */
export function colorize(values, scale, table, { hideZero = false, blurred = false, chance = null } = {}) {
  const pixels = new Uint8ClampedArray(values.length * 4);
  const words = new Uint32Array(pixels.buffer);
  const share = scale.normalizer();
  const middle = scale.vmin < 0 && scale.vmax > 0 ? share(0) : 0;
  const reach = Math.max(middle, 1 - middle);
  const neutral = 3 * rint(share(0) * 255);
  const color = memory((value) => {
    if (Number.isNaN(value)) return 0;
    const s = share(value);
    const i = 3 * rint(s * 255);
    let opacity = 255;
    if (hideZero) {
      const strength = Math.abs(s - middle) / reach;
      const drawn = blurred ? Math.min(1, strength * 16) : Number(value !== 0 && value >= scale.vmin);
      opacity = rint((LEAST_OPACITY + (1 - LEAST_OPACITY) * strength) * drawn * 255);
    }
    const isFaded = chance !== null && Math.abs(value) <= chance;
    const [red, green, blue] = [0, 1, 2].map((part) => (isFaded ? Math.floor(table[i + part] * FADED + table[neutral + part] * (1 - FADED) + 0.5) : table[i + part]));
    return packed(red, green, blue, opacity);
  });
  for (let i = 0; i < values.length; i++) words[i] = color(values[i]);
  return pixels;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function packed(red, green, blue, alpha) {
  const word = littleEndian ? (alpha << 24) | (blue << 16) | (green << 8) | red : (red << 24) | (green << 16) | (blue << 8) | alpha;
  return word >>> 0;
}

const REMEMBERED = 65536;

/** Cache results of small whole numbers, the most frequent counts. */
function memory(compute) {
  const known = new Uint32Array(REMEMBERED);
  const is = new Uint8Array(REMEMBERED);
  return (value) => {
    if (!(value >= 0 && value < REMEMBERED && value === Math.floor(value))) return compute(value);
    if (!is[value]) {
      known[value] = compute(value);
      is[value] = 1;
    }
    return known[value];
  };
}
