// Colors and ticks of the color bar, as in heatgrid.viz.scales.

import { FEW, SCALES } from "./tables.js";

/** Return the values whose colors make up the bar, from low to high, and ticks with positions in [0, 1]. */
export function colorBar(scale, { whole, length, gap }) {
  const { vmin, vmax } = scale;
  if (whole && Number.isInteger(vmin) && Number.isInteger(vmax) && vmax - vmin <= FEW) {
    const values = Array.from({ length: vmax - vmin + 1 }, (_, i) => vmin + i);
    const ticks = values.map((value, i) => ({ value, position: (i + 0.5) / values.length }));
    return { values, ticks, blocks: true };
  }
  const values = Array.from({ length }, (_, i) => scale.invert((i + 0.5) / length));
  return { values, ticks: roundTicks(scale, whole, gap), blocks: false };
}

/** Return ticks at round numbers, at least a gap apart; the tick rule decides which numbers win. */
function roundTicks(scale, whole, gap) {
  const { vmin, vmax } = scale;
  if (vmin === vmax) return [{ value: vmin, position: 0 }];
  const share = scale.normalizer();
  const chosen = [];
  for (const tier of tiers(scale, gap)) {
    for (const value of tier) {
      if (value < vmin || value > vmax || (whole && !Number.isInteger(value))) continue;
      const position = share(value);
      if (chosen.every((other) => Math.abs(position - other.position) >= gap)) chosen.push({ value, position });
    }
  }
  return chosen.sort((a, b) => a.value - b.value);
}

function tiers(scale, gap) {
  const { kind, vmin, vmax } = scale;
  const rule = SCALES[kind].ticks;
  if (rule === "even") return [even(vmin, vmax, gap)];
  const sparse = even(vmin, vmax, 2 * gap); // fewer, because they crowd at one end
  const decades = [0, ...powers(scale, [1])];
  const halves = powers(scale, [5, 2]);
  return rule === "powers first" ? [decades, halves, sparse] : [sparse, decades, halves];
}

/** Return the multiples of the least round step that is at least a gap. */
function even(low, high, gap) {
  const least = Math.max((high - low) * gap, 1e-300);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10, 20].find((m) => m * power >= least * (1 - 1e-9)) * power;
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) {
    values.push(Math.min(Math.max(Number((k * step).toPrecision(15)), low), high));
  }
  return values;
}

/** Return mantissas times powers of ten, of both signs, in falling order. */
function powers({ vmin, vmax }, mantissas) {
  const top = Math.floor(Math.log10(Math.max(Math.abs(vmin), Math.abs(vmax))));
  const values = [];
  for (let exponent = top; exponent > top - 12; exponent--) {
    for (const mantissa of mantissas) values.push(Number(`${mantissa}e${exponent}`), -Number(`${mantissa}e${exponent}`));
  }
  return values;
}
