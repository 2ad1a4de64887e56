// From values to [0, 1] and back: the scales of heatgrid.render.scales, in the same order of operations.

import { clamp, rint } from "./numbers.js";

export const KINDS = ["linear", "log", "sqrt", "rank", "percentile", "gamma"];

const KNOTS = 4096;

/** A rising function from [vmin, vmax] onto [0, 1]; values outside are clipped. */
export class Scale {
  constructor(kind, vmin, vmax, gamma = 0.5, knots = null, shares = null) {
    Object.assign(this, { kind, vmin, vmax, gamma, knots, shares });
  }

  /** Return the function from a value to its share. */
  normalizer() {
    const { vmin, vmax, knots, shares } = this;
    if (vmin === vmax) return (value) => (value > vmax ? 1 : 0);
    if (knots) return (value) => clamp(interpolate(clamp(value, vmin, vmax), knots, shares), 0, 1);
    const forward = this.forward();
    const low = forward(vmin);
    const span = forward(vmax) - low;
    return (value) => clamp((forward(clamp(value, vmin, vmax)) - low) / span, 0, 1);
  }

  /** Return the value that becomes a share. */
  invert(share) {
    const { vmin, vmax } = this;
    if (this.knots) return interpolate(share, this.shares, this.knots);
    const forward = this.forward();
    const bent = forward(vmin) + share * (forward(vmax) - forward(vmin));
    return clamp(this.backward()(bent), vmin, vmax);
  }

  forward() {
    const { kind, vmin, vmax, gamma } = this;
    if (kind === "log") return (value) => Math.sign(value) * Math.log1p(Math.abs(value));
    if (kind === "sqrt") return (value) => Math.sign(value) * Math.sqrt(Math.abs(value));
    if (kind === "gamma" && vmax > vmin) return (value) => ((value - vmin) / (vmax - vmin)) ** gamma;
    return (value) => value;
  }

  backward() {
    const { kind, vmin, vmax, gamma } = this;
    if (kind === "log") return (value) => Math.sign(value) * Math.expm1(Math.abs(value));
    if (kind === "sqrt") return (value) => Math.sign(value) * value ** 2;
    if (kind === "gamma") return (value) => vmin + value ** (1 / gamma) * (vmax - vmin);
    return (value) => value;
  }
}

/**
 * Make the scale of a grid.
 *
 * ordered() gives all its values that are numbers, in rising order; it is called only where they are needed.
 */
export function scaleOf(grid, { kind, gamma, percentiles, vmin, vmax }) {
  const [low, high] = ends(grid, kind === "percentile" ? percentiles : null, vmin, vmax);
  if (kind === "rank") return new Scale(kind, low, high, gamma, ...ranks(grid.ordered(), low, high));
  const bent = new Scale(kind, low, high, gamma);
  const forward = bent.forward();
  return forward(low) < forward(high) || low === high ? bent : new Scale("linear", low, high, gamma);
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

/** Return a percentile, p in [0, 1], as numpy interpolates it. */
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

/** Return which of n knots are kept: all, or some at even distances. */
function places(n) {
  if (n <= KNOTS) return Array.from({ length: n }, (_, i) => i);
  const step = (n - 1) / (KNOTS - 1);
  return Array.from({ length: KNOTS }, (_, i) => (i === KNOTS - 1 ? n - 1 : rint(i * step)));
}

/** Go straight from knot to knot; x and y rise together. */
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
