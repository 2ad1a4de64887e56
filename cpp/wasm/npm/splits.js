// Splits that the names of files and folders mention, as heatgrid.io.options finds them.

const WORDS = {
  train: ["train", "training"],
  val: ["val", "valid", "validate", "validation"],
  test: ["test", "testing"],
  trainval: ["trainval"],
  minival: ["minival"],
};
const CANONICAL = new Map(Object.entries(WORDS).flatMap(([name, words]) => words.map((word) => [word, name])));
const CONTENTS = new Set(
  (
    "image images img imgs label labels annotation annotations annots ann anns data dataset set split gt txt xml xmls " +
    "json jsons csv zip tar gz tgz bz tbz xz txz"
  ).split(" "),
);

export const IMAGE_SUFFIX = /\.(jpe?g|png|bmp|webp|tiff?|gif|jp2|avif|heic|dng|mpo|pfm)$/i;

/** Words that name the same split as a word. */
export const synonyms = (word) =>
  ["train", "val", "test"].includes(canonicalSplit(word)) ? WORDS[canonicalSplit(word)] : [];

export const canonicalSplit = (name) => CANONICAL.get(name.toLowerCase()) ?? name;

const wordsOf = (name) => name.toLowerCase().match(/[a-z]+/g) ?? [];

/** Return the split that a file's name mentions, or else the last word of the first of its folders; null without one. */
export function splitOf(folders, file = "") {
  const named = wordsOf(file.replace(/\.[^.]*$/, "")).find((word) => CANONICAL.has(word));
  if (named) return CANONICAL.get(named);
  for (const name of folders) {
    const words = wordsOf(name);
    while (words.length && CONTENTS.has(words.at(-1))) words.pop();
    if (words.length && CANONICAL.has(words.at(-1))) return CANONICAL.get(words.at(-1));
  }
  return null;
}
