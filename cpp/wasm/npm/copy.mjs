// Copies into the package what the repository holds elsewhere: the compiled kernel and the license.

import { copyFileSync } from "node:fs";

const root = new URL("../../../", import.meta.url);
copyFileSync(new URL("python/heatgrid/viz/page/kernel.wasm", root), new URL("kernel.wasm", import.meta.url));
copyFileSync(new URL("LICENSE", root), new URL("LICENSE", import.meta.url));
