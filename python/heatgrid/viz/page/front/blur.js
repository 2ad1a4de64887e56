// Gaussian smoothing for display, with the order of operations of heatgrid.viz.pixels.

/** Smooth a grid; beyond its edges it continues as its mirror image. NaN means "no data" and stays NaN. */
export function gaussian(values, rows, columns, sigma) {
  const weights = gaussianWeights(sigma);
  if (weights.length === 1 || !values.length) return values;
  if (!values.some(Number.isNaN)) return bothAxes(values, rows, columns, weights);
  const known = bothAxes(values.map((v) => (Number.isNaN(v) ? 0 : 1)), rows, columns, weights);
  const smooth = bothAxes(values.map((v) => (Number.isNaN(v) ? 0 : v)), rows, columns, weights);
  return smooth.map((v, i) => (Number.isNaN(values[i]) ? NaN : v / known[i]));
}

function gaussianWeights(sigma) {
  const radius = Math.floor(4 * sigma + 0.5);
  if (radius === 0) return [1];
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp((-0.5 / (sigma * sigma)) * (i - radius) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function bothAxes(values, rows, columns, weights) {
  return alongRows(alongColumns(values, rows, columns, weights), rows, columns, weights);
}

/** Fold a position beyond the edges back onto 0 … size - 1. */
function mirror(position, size) {
  const folded = ((position % (2 * size)) + 2 * size) % (2 * size);
  return Math.min(folded, 2 * size - 1 - folded);
}

function alongColumns(values, rows, columns, weights) {
  const radius = (weights.length - 1) / 2;
  const smooth = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let c = 0; c < columns; c++) smooth[at + c] = values[at + c] * weights[radius];
    for (let k = 0; k < radius; k++) {
      const above = mirror(row - radius + k, rows) * columns;
      const below = mirror(row + radius - k, rows) * columns;
      const weight = weights[k];
      for (let c = 0; c < columns; c++) smooth[at + c] += weight * (values[above + c] + values[below + c]);
    }
  }
  return smooth;
}

function alongRows(values, rows, columns, weights) {
  const radius = (weights.length - 1) / 2;
  const smooth = new Float64Array(values.length);
  const padded = new Float64Array(columns + 2 * radius);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let i = 0; i < padded.length; i++) padded[i] = values[at + mirror(i - radius, columns)];
    for (let c = 0; c < columns; c++) {
      let sum = padded[radius + c] * weights[radius];
      for (let k = 0; k < radius; k++) sum += weights[k] * (padded[k + c] + padded[2 * radius - k + c]);
      smooth[at + c] = sum;
    }
  }
  return smooth;
}
