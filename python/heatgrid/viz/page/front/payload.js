// Payload of the viewer from counted maps, equal to that of heatgrid.viz.page.payload.

const MAX_ASPECT = 3; // of square cells, as heatgrid.viz.canvas limits it
const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);
const withCommas = (value) => value.toLocaleString("en-US");

/** Description and buffer of a viewer: `base` are those of an empty map, `maps` those that the worker counted. */
export function payloadOf({ meta: base, buffer: tables }, maps, { title, texts, ...own }) {
  const splits = maps.map(({ split }) => split ?? "no split");
  const classes = [...new Set(maps.flatMap((map) => map.classes ?? []))];
  const { grid: [rows, columns] } = maps[0].spec;
  const hasUnion = classes.length > 0 && maps.some((map) => map.hasUnion);
  const buffer = new Appended(tables);
  const planes = maps.flatMap((map, split) => planesOf(map, split, classes, hasUnion)).map(({ values, ...plane }) => ({ ...plane, ...buffer.add(values) }));
  const aspect = maps.find((map) => map.aspect !== null)?.aspect ?? Math.min(Math.max(columns / rows, 1 / MAX_ASPECT), MAX_ASPECT);
  const meta = {
    ...base, title, rows, columns, splits: splits.length > 1 ? splits : [""], classes, planes, has_union: maps.some((map) => map.hasUnion),
    aspect: Math.min(Math.max(aspect, 0.05), 20), of: maps[0].spec.of,
    subtitle: subtitleOf(maps, classes, [rows, columns]), unit: maps[0].spec.count === "images" ? "images per cell" : "objects per cell",
    notes: notesOf(maps, texts), is_count: true, empty: emptyOf(maps), ...own,
  };
  return { meta, buffer: buffer.joined() };
}

/** Arrays, one after another, behind those of an empty map. */
class Appended {
  constructor(first) {
    Object.assign(this, { parts: [new Uint8Array(first)], size: first.byteLength });
  }

  add(values) {
    const type = { Uint8Array: "u1", Uint16Array: "u2", Uint32Array: "u4" }[values.constructor.name] ?? "f8";
    const place = { type, start: this.size, length: values.length };
    this.parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.size += values.byteLength;
    return place;
  }

  joined() {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all.buffer;
  }
}

/** Return the grids of a map that are not all zero. */
function planesOf({ classes, planes, report }, split, names, hasUnion) {
  const isWhole = names.length === 0 || hasUnion || !classes?.length;
  const shown = planes.filter((plane) => (plane.class !== null || isWhole) && plane.values.some((value) => value !== 0));
  return shown.map((plane) => ({
    split, class: plane.class === null ? null : names.indexOf(classes[plane.class]), values: plane.values,
    objects: plane.class === null ? (report.read ? report.counted : null) : (countedOf(report, classes[plane.class]) ?? null),
  }));
}

/** Return how many annotations of a class were counted, undefined if the class has none. */
function countedOf({ classes }, name) {
  if (!Object.hasOwn(classes, name)) return undefined;
  const { counted = 0, counted_as_point: asPoint = 0 } = classes[name];
  return counted + asPoint;
}

function isAnnotated({ classes, planes, report }, i) {
  const { images, excluded, ...read } = Object.hasOwn(report.classes, classes[i]) ? report.classes[classes[i]] : {};
  return sumOf(Object.values(read)) > 0 || planes.some((plane) => plane.class === i && plane.values.some((value) => value !== 0));
}

/** Return the numbers of objects, images, classes, splits and cells, as heatgrid.viz.text.subtitle. */
function subtitleOf(maps, classes, [rows, columns]) {
  const reports = maps.map(({ report }) => report);
  const sum = (name) => sumOf(reports.map((report) => report[name]));
  const parts = sum("read") ? [`${withCommas(sum("counted"))} objects`] : [];
  const images = sum("images");
  if (images) parts.push(classes.length === 1 ? `${withCommas(sum("images_counted"))} of ${withCommas(images)} images` : `${withCommas(images)} images`);
  if (classes.length === 1) parts.push(classes[0]);
  else if (classes.length) {
    const used = new Set(maps.flatMap((map) => (map.classes ?? []).filter((_, i) => isAnnotated(map, i)))).size;
    parts.push(`${withCommas(used)} classes${used < classes.length ? `, ${withCommas(classes.length - used)} without annotations` : ""}`);
  }
  if (maps.length > 1) parts.push(`${withCommas(maps.length)} splits`);
  return [...parts, `${withCommas(rows)} by ${withCommas(columns)} cells`].join(" · ");
}

function notesOf(maps, texts) {
  const { of, rule, count } = maps[0].spec;
  const skips = sumOf(maps.flatMap(({ report }) => Object.values(report.skipped)));
  return [
    ...(of === "size" ? texts.size : [texts.rules[rule]]), ...(count === "images" ? [texts.images] : []),
    ...(skips ? [`${withCommas(skips)} annotations left out`] : []),
  ];
}

/** Return why maps are empty; an empty text if something was counted. */
function emptyOf(maps) {
  if (maps.some(({ planes }) => planes.some(({ values }) => values.some((value) => value !== 0)))) return "";
  const reasons = new Map();
  let total = 0;
  for (const { report } of maps) {
    total += report.read + report.excluded;
    const found = { ...report.skipped, "no extent": report.empty, "outside the image": report.outside, excluded: report.excluded };
    for (const [reason, n] of Object.entries(found)) reasons.set(reason, (reasons.get(reason) ?? 0) + n);
  }
  const [reason, n] = [...reasons].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0]);
  return n ? `${withCommas(n)} of ${withCommas(total)} annotations: ${reason}` : "no annotations were read";
}
