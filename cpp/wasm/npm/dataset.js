// Data sets: annotation files that stay in the kernel's memory, and are counted again without being read again.

import { readCoco } from "./coco.js";
import { FormatError } from "./errors.js";
import { Heatmap } from "./heatmap.js";
import { Arena } from "./kernel.js";
import { bytesOf } from "./source.js";
import { IMAGE_SUFFIX, splitOf } from "./splits.js";
import { readYolo } from "./yolo.js";
import { findYolo } from "./yolo_folders.js";
import { listZip } from "./zip.js";

const FILES_PER_BATCH = 4096;
const TEXTS = /(^|\/)(readme|notes?|license|requirements)[^/]*$|\.(md|cache|yaml|yml|names|data|html|ipynb|py)$/i;

/** Annotations of COCO files or of a YOLO folder, by split. */
export class Dataset {
  #kernel;
  #batches = [];
  /** Files that were not read, `{ path, reason }` each. */
  refused = [];

  constructor(kernel) {
    this.#kernel = kernel;
  }

  /**
   * Read files, `{ path, content }` each: COCO files, those of a YOLO folder, or ZIP archives of either. A content is
   * text, bytes or a Blob.
   */
  static async read(kernel, files, { onProgress } = {}) {
    const own = new Dataset(kernel);
    try {
      await own.#read(await unpacked(files), onProgress);
      return own;
    } catch (error) {
      own.free();
      throw error;
    }
  }

  async #read(files, onProgress) {
    const documents = files.filter(({ path }) => /\.json$/i.test(path));
    const yolo = await findYolo(files.filter(({ path }) => !/\.json$/i.test(path))).catch((error) => {
      if (!documents.length) throw error;
      return null; // a configuration without label files
    });
    if (yolo !== null && documents.length === 0) await this.#readYolo(yolo, onProgress);
    else if (documents.length && yolo === null) await this.#readCoco(documents, onProgress);
    else if (documents.length) {
      throw new FormatError("JSON files next to label files of YOLO: choose one of the two", documents[0].path);
    } else throw new FormatError(nothingIn(files), files.length === 1 ? files[0].path : "");
    const others = files.filter(
      ({ path }) => !/\.(json|txt)$/i.test(path) && !IMAGE_SUFFIX.test(path) && !TEXTS.test(path),
    );
    for (const { path } of others) this.refused.push({ path, reason: "not read in the browser" });
  }

  async #readCoco(files, onProgress) {
    let failure = null;
    for (const [i, { path, content }] of files.entries()) {
      const arena = new Arena(this.#kernel);
      try {
        const parts = path.split("/");
        const options = { name: path, split: splitOf(parts.slice(0, -1).reverse(), parts.at(-1)) };
        const report = (progress) => onProgress?.({ ...progress, file: i + 1, files: files.length, name: path });
        this.#keep(arena, readCoco(this.#kernel, arena, await content(), { ...options, onProgress: report }));
      } catch (error) {
        arena.free();
        if (!(error instanceof FormatError)) throw error;
        failure ??= error;
        this.refused.push({ path, reason: error.text });
      }
    }
    if (failure !== null && this.#batches.length === 0) throw failure;
  }

  async #readYolo({ splits, names, keypoints, refused }, onProgress) {
    this.refused.push(...refused);
    const total = [...splits.values()].reduce((sum, images) => sum + images.length, 0);
    let done = 0;
    for (const [split, images] of splits) {
      for (let begin = 0; begin < images.length; begin += FILES_PER_BATCH) {
        const some = images.slice(begin, begin + FILES_PER_BATCH);
        const texts = [];
        for (const { path, file } of some) {
          texts.push({ name: path, content: file === null ? null : await bytesOf(await file.content()) });
          done += 1;
          onProgress?.({ phase: "read", done, total, file: 1, files: 1, name: path });
        }
        const arena = new Arena(this.#kernel);
        this.#keep(arena, readYolo(this.#kernel, arena, texts, { names, keypoints, split }));
      }
    }
  }

  #keep(arena, batch) {
    this.#batches.push({ arena, batch, pending: batch.outcome.values.slice() });
  }

  /** The names of the splits, null for annotations without one. */
  get splits() {
    return [...new Set(this.#batches.map(({ batch }) => batch.split))];
  }

  get annotations() {
    return this.#batches.reduce((sum, { batch }) => sum + batch.count, 0);
  }

  /** Return a new map of a split, of all without one; its memory is freed by `free()`. */
  count(options, { geometry = "auto", split, onProgress } = {}) {
    const map = new Heatmap(this.#kernel, options);
    const wanted = this.#batches.filter(({ batch }) => split === undefined || batch.split === split);
    try {
      wanted.forEach(({ batch, pending }, done) => {
        onProgress?.({ phase: "count", done, total: wanted.length });
        batch.outcome.values.set(pending);
        Arena.use(this.#kernel, (arena) => map.addBatch(arena, batch, geometry));
        map.report.parts += 1;
      });
    } catch (error) {
      map.free();
      throw error;
    }
    return map;
  }

  free() {
    for (const { arena } of this.#batches.splice(0)) arena.free();
  }
}

/** Return files with a function for their content, those of archives in their place. */
async function unpacked(files) {
  const found = [];
  for (const { path, content } of files) {
    if (!/\.zip$/i.test(path)) {
      found.push({ path, content: () => content });
      continue;
    }
    const archive = content instanceof Blob ? content : new Blob([content]);
    for (const inner of await listZip(archive, path)) found.push({ ...inner, path: `${path}/${inner.path}` });
  }
  const isHidden = (part) => part.startsWith(".") || part === "__MACOSX";
  return found.filter(({ path }) => !path.split("/").some(isHidden));
}

function nothingIn(files) {
  if (files.length === 0) return "no files";
  const suffixes = [...new Set(files.map(({ path }) => /\.[^./]{1,12}$/.exec(path)?.[0].toLowerCase() ?? "no suffix"))];
  const found = suffixes.slice(0, 5).join(", ");
  return `not read in the browser: neither a COCO file (.json) nor label files of YOLO (.txt), but ${found}`;
}
