// Categories of a COCO file: the names of the classes, and the class of each annotation.

import { FormatError, clean } from "./errors.js";

const NO_CATEGORIES =
  "no categories: classes are named by their id (truth= names them, and sizes of images)";

/**
 * Return the names of the classes, and the label of each annotation, -1 where its image is unknown as well.
 * `match(index, hasTexts)` looks ids up in a Map; `where(i)` is the place of an annotation.
 */
export function names({ text, ids, image, match, where, path, report }) {
  const labels = new Map();
  const labelOf = (name) => {
    if (!labels.has(name)) labels.set(name, labels.size);
    return labels.get(name);
  };
  const byId = listed(parsed(text, path), labels, labelOf, path, report);
  const keyOf = ids.keys();
  if (!byId.size && isEmpty(text)) {
    if (ids.length) report.note(NO_CATEGORIES, path);
    for (let i = 0; i < ids.length; i++) {
      const key = keyOf(i);
      if (image[i] >= 0 && !byId.has(key)) byId.set(key, labelOf(`category_${key}`));
    }
  }
  const numbers = new Map([...byId.keys()].map((key, i) => [key, i]));
  const values = [...byId.values()];
  const label = match(numbers, [...byId.keys()].some((key) => typeof key === "string"));
  for (let i = 0; i < label.length; i++) {
    label[i] = label[i] < 0 ? -1 : values[label[i]];
    if (label[i] >= 0 || image[i] < 0) continue;
    label[i] = labelOf(`category_${keyOf(i)}`);
    report.note("unknown category_id, counted as category_<id>", where(i));
  }
  return { classes: [...labels.keys()], label };
}

function isEmpty(text) {
  return text.replace(/\s/g, "") === "" || /^\[\s*\]$/.test(text.trim());
}

function parsed(text, path) {
  try {
    return text.trim() === "" ? [] : JSON.parse(text);
  } catch (error) {
    throw new FormatError(`broken JSON: ${error.message}`, path, "categories");
  }
}

/** Return the label by id of the categories that a file lists. */
function listed(categories, labels, labelOf, path, report) {
  const byId = new Map();
  categories.forEach((category, i) => {
    const where = `${path}: categories[${i}]`;
    const key = category?.id;
    if ((typeof key !== "number" && typeof key !== "string") || byId.has(key)) {
      const isDuplicate = key !== undefined && key !== null;
      const text = isDuplicate ? "duplicate category id: first one used" : "category without an id ignored";
      report.note(text, where);
      return;
    }
    const given = category.name;
    const isUnnamed = given === undefined || given === null || given === "";
    const name = clean(isUnnamed ? `category_${key}` : given);
    if (labels.has(name)) {
      report.note("categories of the same name merged", `${where} (id ${key}, ${name})`);
    }
    byId.set(key, labelOf(name));
  });
  return byId;
}
