// Files that are dropped or chosen; folders with all files in them.

const MOST_FILES = 500_000;

/** Return the files of a drop, `{ path, content }` each. */
export async function droppedFiles({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map((entry) => filesIn(entry)))).flat() : chosenFiles(files);
}

/** Return the files that an input holds; those of a folder with their path in it. */
export function chosenFiles(files) {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, content: file }));
}

async function filesIn(entry, found = []) {
  if (found.length >= MOST_FILES) throw new RangeError(`a folder of more than ${MOST_FILES.toLocaleString("en-US")} files`);
  if (entry.isFile) {
    found.push({ path: entry.fullPath.replace(/^\//, ""), content: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
    return found;
  }
  const reader = entry.createReader();
  for (;;) { // a call returns a part of the entries
    const inner = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!inner.length) return found;
    for (const one of inner) await filesIn(one, found);
  }
}

const KINDS = [ // name, mean x and y, spread, width and height, in shares of the image; objects per image
  ["car", 0.52, 0.66, 0.2, 0.07, 0.13, 0.11, 4], ["pedestrian", 0.16, 0.62, 0.08, 0.06, 0.035, 0.17, 2],
  ["traffic light", 0.73, 0.24, 0.07, 0.07, 0.022, 0.08, 1], ["bicycle", 0.3, 0.74, 0.1, 0.05, 0.07, 0.11, 1],
];
const [IMAGES, WIDTH, HEIGHT] = [240, 1280, 720];

/** Return a COCO file of synthetic street scenes, the same each time. */
export function sampleFiles() {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const annotations = [];
  for (let image = 1; image <= IMAGES; image++) {
    KINDS.forEach(([, x, y, across, down, width, height, number], kind) => {
      for (let n = Math.floor(2 * number * random() + 0.5); n > 0; n--) {
        const [cx, cy] = [x + across * normal(), y + down * normal()];
        const [w, h] = [width * WIDTH, height * HEIGHT].map((side) => side * (0.5 + 1.3 * Math.max(0, cy - 0.35)) * Math.exp(0.3 * normal()));
        const bbox = [cx * WIDTH - w / 2, cy * HEIGHT - h / 2, w, h].map((side) => Number(side.toFixed(1)));
        annotations.push({ id: annotations.length + 1, image_id: image, category_id: kind + 1, bbox });
      }
    });
  }
  const images = Array.from({ length: IMAGES }, (_, i) => ({ id: i + 1, file_name: `street_${i + 1}.jpg`, width: WIDTH, height: HEIGHT }));
  const categories = KINDS.map(([name], i) => ({ id: i + 1, name }));
  return [{ path: "street scenes (synthetic).json", content: new Blob([JSON.stringify({ images, categories, annotations })]) }];
}
