// Color scales: functions from values to [0, 1] and their inverses, as in heatgrid.viz.scales, from which
// names and parameters in tables.js are generated.

import { clamp, rint } from "./numbers.js";
import { KNOTS } from "./tables.js";

const identity = (value) => value;

/** The curve of each scale, and its inverse, as functions of a value and the fitted scale. */
const CURVES = {
  linear: { forward: identity, backward: identity },
  log: {
    forward: (value) => Math.sign(value) * Math.log1p(Math.abs(value)),
    backward: (value) => Math.sign(value) * Math.expm1(Math.abs(value)),
  },
  sqrt: {
    forward: (value) => Math.sign(value) * Math.sqrt(Math.abs(value)),
    backward: (value) => Math.sign(value) * value ** 2,
  },
  rank: {
    forward: (value, { knots, shares }) => interpolate(value, knots, shares),
    backward: (share, { knots, shares }) => interpolate(share, shares, knots),
  },
  percentile: { forward: identity, backward: identity },
  gamma: {
    forward: (value, { vmin, vmax, gamma }) => ((value - vmin) / (vmax - vmin)) ** gamma,
    backward: (share, { vmin, vmax, gamma }) => vmin + share ** (1 / gamma) * (vmax - vmin),
  },
};

/** A rising function from [vmin, vmax] onto [0, 1]; values outside are clipped. */
export class Scale {
  constructor(kind, vmin, vmax, gamma, knots = null, shares = null) {
    Object.assign(this, { kind, vmin, vmax, gamma, knots, shares });
  }

  /** Return the function from a value to its share. */
  normalizer() {
    const { vmin, vmax } = this;
    if (vmin === vmax) return (value) => (value > vmax ? 1 : 0);
    const [low, high] = this.range();
    const { forward } = CURVES[this.kind];
    return (value) => clamp((forward(clamp(value, vmin, vmax), this) - low) / (high - low), 0, 1);
  }

  /** Return the value of a share. */
  invert(share) {
    const { vmin, vmax } = this;
    if (vmin === vmax) return vmin;
    const [low, high] = this.range();
    return clamp(CURVES[this.kind].backward(low + share * (high - low), this), vmin, vmax);
  }

  range() {
    return [this.vmin, this.vmax].map((end) => CURVES[this.kind].forward(end, this));
  }
}

/** Fit a scale to a grid. */
export function scaleOf(grid, { kind, gamma, percentiles, vmin, vmax }) {
  const [low, high] = ends(grid, kind === "percentile" ? percentiles : null, vmin, vmax);
  const knots = kind === "rank" ? ranks(grid.ordered(), low, high) : [];
  const scale = new Scale(kind, low, high, gamma, ...knots);
  if (low === high) return scale;
  const [first, last] = scale.range();
  return first < last ? scale : new Scale("linear", low, high, gamma);
}

function ends(grid, percentiles, vmin, vmax) {
  let low = Math.min(grid.min, 0);
  let high = Math.max(grid.max, 0);
  if (percentiles && grid.ordered().length) {
    const [first, last] = percentiles.map((p) => percentile(grid.ordered(), p / 100));
    if (first < last) [low, high] = [first, last];
  }
  if (vmin !== null) [low, high] = [vmin, Math.max(high, vmin)];
  if (vmax !== null) [low, high] = [vmin !== null ? low : Math.min(low, vmax), vmax];
  return [low, Math.max(low, high)];
}

/** Return a percentile, p in [0, 1], interpolated as numpy does. */
export function percentile(ordered, p) {
  const place = (ordered.length - 1) * p;
  const before = Math.floor(place);
  const [a, b] = [ordered[before], ordered[Math.ceil(place)]];
  const t = place - before;
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

function ranks(ordered, low, high) {
  const values = [];
  const cells = [];
  for (const value of ordered) {
    const clipped = clamp(value, low, high);
    if (!(clipped > low)) continue;
    if (values.length && values[values.length - 1] === clipped) cells[cells.length - 1] += 1;
    else {
      values.push(clipped);
      cells.push(1);
    }
  }
  if (!values.length) return [[low, high], [0, 1]];
  const all = cells.reduce((sum, n) => sum + n, 0);
  let sum = 0;
  const shares = cells.map((n) => (sum += n) / all);
  const kept = places(values.length);
  return [[low, ...kept.map((i) => values[i])], [0, ...kept.map((i) => shares[i])]];
}

/** Return the indices of the knots to keep out of n: all, or evenly spaced ones. */
function places(n) {
  if (n <= KNOTS) return Array.from({ length: n }, (_, i) => i);
  const step = (n - 1) / (KNOTS - 1);
  return Array.from({ length: KNOTS }, (_, i) => (i === KNOTS - 1 ? n - 1 : rint(i * step)));
}

/** Interpolate linearly between knots; x and y are rising. */
function interpolate(at, x, y) {
  if (Number.isNaN(at)) return NaN;
  if (at < x[0]) return y[0];
  let low = 0;
  let high = x.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= at) low = middle;
    else high = middle;
  }
  if (low === x.length - 1 || x[low] === at) return y[low];
  return ((y[low + 1] - y[low]) / (x[low + 1] - x[low])) * (at - x[low]) + y[low];
}
