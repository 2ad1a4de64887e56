// YOLO folders: the label files of each split and the names of the classes, as heatgrid.io.formats.yolo finds them.

import { FormatError } from "./errors.js";
import { bytesOf } from "./source.js";
import { IMAGE_SUFFIX, canonicalSplit, splitOf, synonyms } from "./splits.js";
import { readYaml } from "./yolo_yaml.js";

const NAME_FILES = ["classes.txt", "obj.names", "_darknet.labels", "classes.names"];
const NOT_LABELS = /^(readme.*|notes?|license.*|requirements)$/;
const LISTS = ["train", "val", "valid", "test", "trainval"];

/**
 * Return `{ splits, names, keypoints, refused }` of a folder, null if it has no label files. `splits` holds images,
 * `{ path, file }` each; the file of an image without labels is null.
 */
export async function findYolo(files) {
  const tree = new Tree(files);
  const texts = files.filter(({ path }) => isNamedAsLabels(path));
  const refused = [];
  const config = await findConfig(files);
  if (config === null) {
    let sampled = [];
    for (const file of texts.slice(0, 20)) sampled.push(looksLikeRows(await headOf(file)));
    sampled = sampled.filter((one) => one !== null);
    if (!texts.length || 2 * sampled.filter(Boolean).length < sampled.length) return null;
    return { splits: byFolder(tree), names: await namesIn(files), keypoints: null, refused };
  }
  const splits = new Map();
  for (const [key, entries] of config.entries) {
    for (const entry of entries) {
      const folder = tree.locate(entry, config.base, config.root);
      const isList = /\.txt$/i.test(entry);
      if (folder === null) {
        refused.push({
          path: `${config.path}: ${entry}`,
          reason: isList ? "list of images: not read in the browser" : `split ${key} not found`,
        });
        continue;
      }
      splits.set(key, [...(splits.get(key) ?? []), ...tree.imagesIn(folder)]);
    }
  }
  if (![...splits.values()].flat().length) {
    throw new FormatError(
      "no label files in the folders of train, val and test, as the browser reads them",
      config.path,
    );
  }
  return { splits, names: config.names, keypoints: config.keypoints, refused };
}

/** Return the configuration nearest to the top, with its folder; null without one. */
async function findConfig(files) {
  const depth = ({ path }) => path.split("/").length;
  const order = (a, b) =>
    depth(a) - depth(b) ||
    Number(!/\/?data\.ya?ml$/.test(a.path)) - Number(!/\/?data\.ya?ml$/.test(b.path)) ||
    (a.path < b.path ? -1 : 1);
  for (const file of files.filter(({ path }) => /\.ya?ml$/i.test(path)).sort(order)) {
    const config = readYaml(await textOf(file), file.path);
    if (config !== null) return { ...config, path: file.path, base: file.path.split("/").slice(0, -1).join("/") };
  }
  return null;
}

async function textOf({ content }) {
  const bytes = await bytesOf(await content());
  return typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}

async function headOf({ content }) {
  const given = await content();
  return textOf({ content: () => (given instanceof Blob ? given.slice(0, 4096) : given.slice(0, 4096)) });
}

function isNamedAsLabels(path) {
  const name = path.split("/").at(-1);
  const stem = name.replace(/\.[^.]*$/, "").toLowerCase();
  return /\.txt$/i.test(name) && !NAME_FILES.includes(name) && !NOT_LABELS.test(stem) && !LISTS.includes(stem);
}

/** Return whether a text begins with a row of a class number and normalized coordinates; null if it is empty. */
function looksLikeRows(text) {
  for (const line of text
    .replace(/^\ufeff/, "")
    .split("\n")
    .slice(0, 50)) {
    const tokens = line.trim().split(/\s+/).filter(Boolean);
    if (!tokens.length) continue;
    const [number, ...coordinates] = tokens.map(Number);
    if (coordinates.length > 4 && coordinates.at(-1) % 1 === 0) coordinates.pop();
    return coordinates.length >= 4 && number >= 0 && number % 1 === 0 && coordinates.every((x) => Math.abs(x) <= 2);
  }
  return text.trim() === "" ? null : false;
}

async function namesIn(files) {
  const order = (a, b) => a.path.split("/").length - b.path.split("/").length || rank(a) - rank(b);
  const rank = ({ path }) => NAME_FILES.indexOf(path.split("/").at(-1));
  const [file] = files.filter((one) => rank(one) >= 0).sort(order);
  if (!file) return {};
  const lines = (await textOf(file)).split(/\r\n|\r|\n/).map((line, i) => [i, line.trim()]);
  return Object.fromEntries(lines.filter(([, name]) => name));
}

/** Return all images: those below `labels` folders, or else all. */
function byFolder(tree) {
  const holders = tree.holders();
  const splits = new Map();
  for (const holder of holders.length ? holders : [tree.top]) {
    for (const image of tree.imagesIn(holder)) {
      const folders = image.path.split("/").slice(0, -1).reverse();
      const split = splitOf(folders);
      splits.set(split, [...(splits.get(split) ?? []), image]);
    }
  }
  return splits;
}

const joined = (...parts) => {
  const found = [];
  for (const part of parts.join("/").split("/")) {
    if (part === "..") found.pop();
    else if (part && part !== ".") found.push(part);
  }
  return found.join("/");
};

const swapLast = (path, old, name) => {
  const parts = path.split("/");
  const i = parts.lastIndexOf(old);
  return i < 0 ? path : joined(...parts.slice(0, i), name, ...parts.slice(i + 1));
};

/** Files by their folders. */
class Tree {
  constructor(files) {
    this.files = files;
    this.folders = new Set([""]);
    for (const { path } of files) {
      for (
        let at = path.lastIndexOf("/");
        at > 0 && !this.folders.has(path.slice(0, at));
        at = path.lastIndexOf("/", at - 1)
      ) {
        this.folders.add(path.slice(0, at));
      }
    }
  }

  /** The folder that holds all files. */
  get top() {
    const [first, ...others] = this.files.map(({ path }) => path.split("/").slice(0, -1));
    let length = first.length;
    for (const other of others)
      while (length && first.slice(0, length).join("/") !== other.slice(0, length).join("/")) length -= 1;
    return first.slice(0, length).join("/");
  }

  below(folder) {
    return this.files.filter(({ path }) => folder === "" || path.startsWith(`${folder}/`));
  }

  /** The folders that have a folder `labels` in them, which are in no other of these. */
  holders() {
    const found = [];
    for (const folder of [...this.folders].filter((one) => one === "labels" || one.endsWith("/labels")).sort()) {
      const isInner = found.some((other) => folder.startsWith(`${other}/`));
      if (!isInner) found.push(folder);
    }
    return found.map((folder) => folder.split("/").slice(0, -1).join("/"));
  }

  /** Return the images of a folder: of images, of labels, of both, or with `images` and `labels` in it. */
  imagesIn(folder) {
    let [images, labels] = [folder, swapLast(folder, "images", "labels")];
    const last = folder.split("/").findLast((part) => part === "images" || part === "labels");
    if (this.folders.has(joined(folder, "labels")))
      [images, labels] = [joined(folder, "images"), joined(folder, "labels")];
    else if (last === "labels") [images, labels] = [swapLast(folder, "labels", "images"), folder];
    if (!this.folders.has(labels) && this.folders.has(images)) labels = images;
    const stems = (root, test) =>
      this.below(root)
        .filter(test)
        .map((file) => [file.path.slice(root ? root.length + 1 : 0).replace(/\.[^./]*$/, ""), file]);
    const texts = new Map(this.folders.has(labels) ? stems(labels, ({ path }) => isNamedAsLabels(path)) : []);
    const pictures = new Map(this.folders.has(images) ? stems(images, ({ path }) => IMAGE_SUFFIX.test(path)) : []);
    return [...new Set([...texts.keys(), ...pictures.keys()])].sort().map((stem) => {
      const file = texts.get(stem) ?? null;
      return { path: (file ?? pictures.get(stem)).path, file };
    });
  }

  hasData(folder) {
    const isNear = (path, root) => path.slice(root.length).split("/").length <= 4;
    const hasFile = (root) =>
      this.below(root).some(({ path }) => (/\.txt$/i.test(path) || IMAGE_SUFFIX.test(path)) && isNear(path, root));
    return [folder, swapLast(folder, "images", "labels")].some((one) => this.folders.has(one) && hasFile(one));
  }

  /** Return the folder that an entry of a configuration means, null without one; its leading folders may be wrong. */
  locate(entry, base, root) {
    const roots = root ? [joined(base, root), joined(base, root.split("/").at(-1)), base] : [base];
    const parts = entry
      .replaceAll("\\", "/")
      .split("/")
      .filter((part) => part && part !== "." && part !== ".." && !part.endsWith(":"));
    const named = parts.findIndex((part) => ["train", "val", "test"].includes(canonicalSplit(part)));
    const tried = roots.map((one) => joined(one, entry));
    const end = named < 0 ? parts.length : named + 1;
    for (let skip = 0; skip < end; skip++) tried.push(...roots.map((one) => joined(one, ...parts.slice(skip))));
    for (let skip = 0; skip < end && named >= 0; skip++) {
      for (const word of synonyms(parts[named]))
        tried.push(...roots.map((one) => joined(one, ...parts.slice(skip, named), word, ...parts.slice(named + 1))));
    }
    return tried.find((folder) => this.hasData(folder)) ?? null;
  }
}
