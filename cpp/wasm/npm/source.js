// Texts that the kernel scans: bytes in memory, Blobs in a worker, or anything with `size` and `read`.

const encoder = new TextEncoder();
const LARGEST_HELD = 1 << 25;

/**
 * Return `{ size, read }` of a source; `read(target)` fills an array with the next bytes, and returns their
 * number, 0 at the end.
 */
export function asSource(source) {
  if (typeof source === "string") return ofBytes(encoder.encode(source));
  if (source instanceof ArrayBuffer) return ofBytes(new Uint8Array(source));
  if (ArrayBuffer.isView(source)) {
    return ofBytes(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  if (typeof Blob !== "undefined" && source instanceof Blob) return ofBlob(source);
  if (typeof source?.read === "function" && source.size >= 0) return source;
  throw new TypeError("source must be text, bytes, a Blob in a worker, or an object with size and read()");
}

function ofBytes(bytes) {
  let at = 0;
  const read = (target) => {
    const part = bytes.subarray(at, at + target.length);
    target.set(part);
    at += part.length;
    return part.length;
  };
  return { size: bytes.length, read, bytes };
}

/** Blobs are read piece by piece, so that a file is never in memory as a whole. */
function ofBlob(blob) {
  if (typeof FileReaderSync === "undefined") {
    throw new TypeError("source: a Blob can be read in a worker only; elsewhere pass its bytes");
  }
  const reader = new FileReaderSync();
  let at = 0;
  const read = (target) => {
    const part = blob.slice(at, at + target.length);
    target.set(new Uint8Array(reader.readAsArrayBuffer(part)));
    at += part.size;
    return part.size;
  };
  return {
    size: blob.size,
    read,
    /** All bytes; those of a large file are not held in memory. */
    get bytes() {
      return blob.size > LARGEST_HELD ? undefined : new Uint8Array(reader.readAsArrayBuffer(blob));
    },
  };
}

/** Return a content as text or bytes, that of a Blob read. */
export async function bytesOf(content) {
  const isBlob = typeof Blob !== "undefined" && content instanceof Blob;
  return isBlob ? new Uint8Array(await content.arrayBuffer()) : content;
}
