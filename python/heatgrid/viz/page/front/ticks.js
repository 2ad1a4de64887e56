// What stands beside the colour bar: the design of heatgrid.render.colorbar.

const FEW = 8;

/** Design the bar: values from low to high, each of one height, and ticks with their positions in [0, 1]. */
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

/** Choose round numbers that stand at least a gap apart on the scale; rounder ones go first. */
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
  if (kind === "linear" || kind === "percentile") return [even(vmin, vmax, gap)];
  const sparse = even(vmin, vmax, 2 * gap); // they crowd at one end, so that fewer must do
  const decades = [0, ...powers(scale, [1])];
  const halves = powers(scale, [5, 2]);
  return kind === "log" ? [decades, halves, sparse] : [sparse, decades, halves];
}

/** Return the multiples of the least step of 1, 2 or 5 times a power of ten that is at least a gap. */
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

/** Return round numbers of both signs, the great ones first. */
function powers({ vmin, vmax }, mantissas) {
  const top = Math.floor(Math.log10(Math.max(Math.abs(vmin), Math.abs(vmax))));
  const values = [];
  for (let exponent = top; exponent > top - 12; exponent--) {
    for (const mantissa of mantissas) values.push(Number(`${mantissa}e${exponent}`), -Number(`${mantissa}e${exponent}`));
  }
  return values;
}
