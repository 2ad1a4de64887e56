// State in a link: the settings that differ from those of the page, checked when they are read.

import { CHOICES, RANGES } from "./tables.js";

/** Return the fragment of a link that restores settings. */
export function fragment(values, initial) {
  const changed = Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(initial[name]));
  return `#${encodeURIComponent(JSON.stringify(Object.fromEntries(changed)))}`;
}

/** Return the valid settings of a link's fragment. */
export function restored(hash, meta) {
  let values;
  try {
    values = JSON.parse(decodeURIComponent(hash.slice(1)));
  } catch {
    return {};
  }
  const found = Object.fromEntries(Object.entries(values ?? {}).filter(([name, value]) => isValid(name, value, meta)));
  const { vmin, vmax } = { ...meta.settings, ...found };
  if (vmin !== null && vmax !== null && vmin > vmax) Object.assign(found, { vmin: null, vmax: null });
  return found;
}

function isValid(name, value, meta) {
  if (!Object.hasOwn(meta.settings, name)) return false;
  if (name === "colormap") return meta.colormaps.names.includes(value);
  if (Object.hasOwn(CHOICES, name)) return CHOICES[name].includes(value);
  if (Object.hasOwn(RANGES, name)) return Number.isFinite(value) && value >= RANGES[name][0] && value <= RANGES[name][1];
  if (name === "percentiles") return isRange(value, 0, 100);
  if (value === null) return name !== "splits" || !meta.maps;
  const { rows, columns, splits, classes } = meta;
  const [row, column, bottom, right] = Array.isArray(value) ? value : [];
  switch (name) {
    case "vmin": case "vmax": return Number.isFinite(value);
    case "splits": return isAmong(value, splits) && (!meta.maps || value.length === 1);
    case "classes": return isAmong(value, classes);
    case "difference": return value.length === 2 && ((!meta.maps && isAmong(value, splits)) || isAmong(value, classes));
    case "cell": return isPlace(row, rows) && isPlace(column, columns) && value.length === 2;
    case "region": return isPlace(row, bottom) && isPlace(column, right) && isPlace(bottom - 1, rows) && isPlace(right - 1, columns);
    default: return false;
  }
}

function isAmong(names, known) {
  return Array.isArray(names) && names.every((name) => known.includes(name));
}

function isPlace(index, end) {
  return Number.isInteger(index) && index >= 0 && index < end;
}

function isRange(pair, low, high) {
  return Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) && low <= pair[0] && pair[0] <= pair[1] && pair[1] <= high;
}
