// Rounding and formatting of numbers.

/** Round to the nearest whole number, halves to even, as numpy.rint does. */
export function rint(value) {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const everyDigit = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 17 });
const sixDigits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

/** Return a number as short text: thousands separators, rounded fractions, M and B from ten millions on. */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e12 || (size > 0 && size < 1e-4)) {
    return Number(value.toPrecision(3)).toExponential().replace("e+", "e");
  }
  for (const [unit, letter] of [[1e9, "B"], [1e6, "M"]]) {
    if (size >= 10 * unit) return Number((value / unit).toPrecision(4)) + letter;
  }
  if (size === 0) return "0";
  return size >= 1 ? grouped.format(value) : String(Number(value.toPrecision(3)));
}

/** Return a number as text: all digits of whole numbers, six digits of others. */
export function full(value) {
  if (Number.isNaN(value)) return "no data";
  return Number.isInteger(value) ? everyDigit.format(value) : sixDigits.format(value);
}

/** Return a part of a whole as a percentage. */
export function percent(part, whole) {
  const share = (100 * part) / whole;
  if (share === 0 || Math.abs(share) >= 0.01) return `${share.toFixed(2)} %`;
  return `${Number(share.toPrecision(2))} %`;
}

/** Return the number in a text, or null. */
export function typed(text) {
  const value = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
