// Configuration of a YOLO folder, data.yaml: plain scalars in lists and maps; no other YAML is understood.

const KEYS = ["train", "val", "valid", "test", "names", "nc", "classes", "path"];
const SPLITS = ["train", "val", "valid", "validation", "test", "minival"];
const CANONICAL = { valid: "val", validation: "val" };
const MOST_CLASSES = 100_000;
const OTHER = /^(~|null|true|false|yes|no|on|off|[yn])?$/i; // what YAML does not read as text, apart from numbers

/** Return `{ names, entries, root, keypoints }`, null if a text is no configuration; names must be plain scalars. */
export function readYaml(text) {
  const blocks = blocksOf(text);
  if (KEYS.filter((key) => blocks.has(key)).length < 2) return null;
  const entries = new Map();
  for (const key of SPLITS) {
    const { value, lines } = blocks.get(key) ?? { value: "", lines: [] };
    const found = (listOf(value, lines) ?? [scalar(value)]).filter((one) => one);
    if (found.length) entries.set(CANONICAL[key] ?? key, [...(entries.get(CANONICAL[key] ?? key) ?? []), ...found]);
  }
  const shape = (
    blocks.has("kpt_shape") ? listOf(blocks.get("kpt_shape").value, blocks.get("kpt_shape").lines) : null
  )?.map(Number);
  const isShape =
    shape?.length === 2 && Number.isInteger(shape[0]) && shape[0] > 0 && (shape[1] === 2 || shape[1] === 3);
  return {
    names: namesOf(blocks),
    entries,
    root: scalar(blocks.get("path")?.value ?? "") ?? "",
    keypoints: isShape ? shape : null,
  };
}

/** Return the value of each key at the beginning of a line, and the lines below it. */
function blocksOf(text) {
  const blocks = new Map();
  let lines = [];
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)) {
    const bare = line.replace(/(^|\s)#.*$/, "").trimEnd();
    const [, key, value] = /^['"]?([A-Za-z_]+)['"]?\s*:(?:\s+(.*))?$/.exec(bare) ?? [];
    if (key) blocks.set(key, { value: (value ?? "").trim(), lines: (lines = []) });
    else if (bare.trim()) lines.push(bare.trim());
  }
  return blocks;
}

function namesOf(blocks) {
  const { value, lines } = blocks.get("names") ?? { value: "", lines: [] };
  const list = listOf(value, lines)?.map((name, i) => [i, name]);
  const found = list ?? mapOf(value, lines) ?? [];
  if (found.length && found.length <= MOST_CLASSES && found.every(([, name]) => name !== null))
    return Object.fromEntries(found);
  const count = Number(blocks.get("nc")?.value);
  return found.length || !(count > 0 && count < MOST_CLASSES)
    ? {}
    : Array.from({ length: count }, (_, i) => `class_${i}`);
}

/** Return the items of a list, null if it is none; items that are not plain scalars are null. */
function listOf(value, lines) {
  const all = [value, ...lines].join(" ").trim();
  if (/^\[.*\]$/.test(all)) return parts(all).map(scalar);
  return value === "" && lines.length && lines.every((line) => /^-(\s|$)/.test(line))
    ? lines.map((line) => scalar(line.slice(1)))
    : null;
}

/** Return the pairs of a map from numbers, null if it is none. */
function mapOf(value, lines) {
  const all = [value, ...lines].join(" ").trim();
  const items = /^\{.*\}$/.test(all) ? parts(all) : value === "" ? lines : null;
  const pairs = items?.map((item) => /^['"]?(\d+)['"]?\s*:\s*(.*)$/.exec(item.trim()));
  return pairs?.every(Boolean) ? pairs.map(([, number, name]) => [Number(number), scalar(name)]) : null;
}

/** Return the items between brackets; commas in quotes separate nothing. */
function parts(text) {
  const found = text.slice(1, -1).match(/(?:'[^']*'|"[^"]*"|[^,'"]|['"])+/g) ?? [];
  return found.map((item) => item.trim()).filter((item, i) => item || i < found.length - 1);
}

/** Return the text of a plain or quoted scalar, null if it is anything else. */
function scalar(text) {
  const bare = text.trim();
  const quoted = /^'([^']*)'$|^"([^"\\]*)"$/.exec(bare);
  if (quoted) return quoted[1] ?? quoted[2];
  if (/^-?(0|[1-9]\d*)$/.test(bare)) return bare;
  const isText =
    !OTHER.test(bare) && !/^[-?:,[\]{}#&*!|>'"%@`]|: | #|:$/.test(bare) && !/^[-+.]?\d[\d_.:eE+xXoO-]*$/.test(bare);
  return isText ? bare : null;
}
