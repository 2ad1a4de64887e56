// ZIP archives: the list of the files, each unpacked when it is read (PKWARE's APPNOTE 6.3.10).

import { FormatError } from "./errors.js";
import { crc32 } from "./npz.js";

const decoder = new TextDecoder();
const LONGEST_END = 65_557; // the end record and the longest comment
const MOST_FILES = 2_000_000;
const MOST_BYTES = 8 * 2 ** 30;
const MOST_RATIO = 300; // as limits.archive_ratio, for files of more than a megabyte
const UNKNOWN = 0xffffffff;

/** Return the files of an archive, `{ path, size, content }` each; `content()` returns a promise of a Blob. */
export async function listZip(archive, path) {
  const fail = (text) => {
    throw new FormatError(text, path);
  };
  const { entries, at, size } = await findEnd(archive, fail);
  if (entries > MOST_FILES) fail(`an archive of more than ${MOST_FILES.toLocaleString("en-US")} files`);
  if (at + size > archive.size) fail("damaged archive: its list of files is beyond its end");
  const view = await viewOf(archive.slice(at, at + size));
  const files = [];
  for (let i = 0, from = 0, total = 0; i < entries; i++) {
    if (from + 46 > size || view.getUint32(from, true) !== 0x02014b50)
      fail("damaged archive: its list of files is cut off");
    const [name, extra, comment] = [28, 30, 32].map((place) => view.getUint16(from + place, true));
    if (from + 46 + name + extra > size) fail("damaged archive: its list of files is cut off");
    const inner = decoder.decode(new Uint8Array(view.buffer, from + 46, name));
    const entry = {
      path: inner.replaceAll("\\", "/"),
      flags: view.getUint16(from + 8, true),
      method: view.getUint16(from + 10, true),
      sum: view.getUint32(from + 16, true),
      ...sizesOf(view, from, name, extra),
    };
    from += 46 + name + extra + comment;
    const isPlain = !entry.path.startsWith("/") && !entry.path.split("/").includes("..");
    if (entry.path.endsWith("/") || !isPlain) continue;
    total += entry.size;
    if (total > MOST_BYTES || (entry.size > 2 ** 20 && entry.size > MOST_RATIO * entry.packed)) {
      fail("an archive that unpacks to too many bytes");
    }
    files.push({ path: entry.path, size: entry.size, content: () => unpack(archive, entry, path) });
  }
  return files;
}

async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}

/** Return the number of files, and the place of their list, also of archives of more than 65,535 files. */
async function findEnd(archive, fail) {
  const start = Math.max(0, archive.size - LONGEST_END);
  const view = await viewOf(archive.slice(start));
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) fail("not a ZIP archive, or one that is cut off");
  const found = {
    entries: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    at: view.getUint32(end + 16, true),
  };
  if (end < 20 || view.getUint32(end - 20, true) !== 0x07064b50) return found;
  const place = Number(view.getBigUint64(end - 12, true));
  if (place + 56 > archive.size) fail("damaged archive: its end record is beyond its end");
  const wide = await viewOf(archive.slice(place, place + 56));
  const [entries, size, at] = [32, 40, 48].map((offset) => Number(wide.getBigUint64(offset, true)));
  return { entries, size, at };
}

/** Return both sizes of an entry and its place; those that do not fit are in its extra field. */
function sizesOf(view, from, name, extra) {
  const found = {
    packed: view.getUint32(from + 20, true),
    size: view.getUint32(from + 24, true),
    at: view.getUint32(from + 42, true),
  };
  for (let at = from + 46 + name, end = at + extra; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const key of ["size", "packed", "at"]) {
      if (found[key] !== UNKNOWN || next + 8 > end) continue;
      found[key] = Number(view.getBigUint64(next, true));
      next += 8;
    }
  }
  return found;
}

/** Return the content of an entry; its size and checksum must be those of the list. */
async function unpack(archive, entry, path) {
  const fail = (text) => new FormatError(text, `${path}/${entry.path}`);
  if (entry.flags & 1) throw fail("encrypted");
  if (entry.method !== 0 && entry.method !== 8) throw fail(`packed by method ${entry.method}, not by deflate`);
  const head = await viewOf(archive.slice(entry.at, entry.at + 30));
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw fail("damaged archive");
  const start = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = archive.slice(start, start + entry.packed);
  let [size, sum] = [0, 0];
  const checked = new TransformStream({
    transform(part, controller) {
      size += part.length;
      if (size > entry.size) throw fail("damaged archive: more bytes than its list says");
      sum = crc32(part, sum);
      controller.enqueue(part);
    },
    flush() {
      if (size !== entry.size || sum !== entry.sum) throw fail("damaged archive: wrong size or checksum");
    },
  });
  const stream =
    entry.method === 8 ? packed.stream().pipeThrough(new DecompressionStream("deflate-raw")) : packed.stream();
  try {
    return await new Response(stream.pipeThrough(checked)).blob();
  } catch (error) {
    throw error instanceof FormatError ? error : fail("damaged archive");
  }
}
