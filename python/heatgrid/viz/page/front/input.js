// Input by pointer, wheel and keys: zoom, pan, hover, click, select.

import { clamp } from "./numbers.js";
import { STEPS } from "./camera.js";

const NOTCH = 8;
const STILL = 4;
const PAN = 0.1;

/** Listen on a stage, and call a listener's changed, hoverAt, click, region, step, enter and clear. */
export class Input {
  constructor(stage, camera, listener) {
    Object.assign(this, { stage, camera, listener, pointers: new Map(), selects: false, wheel: 0 });
    this.canvas = stage.canvas;
    const listen = (type, method, options) => this.canvas.addEventListener(type, (event) => this[method](event), options);
    listen("pointerdown", "down");
    listen("pointermove", "move");
    listen("pointerup", "up");
    listen("pointercancel", "cancel");
    listen("pointerleave", "leave");
    listen("wheel", "turn", { passive: false });
    listen("dblclick", "reset");
    listen("keydown", "key");
  }

  /** Return the position of an event in the view, in shares of its sides. */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return { u: clamp((event.clientX - box.left) / box.width, 0, 1), v: clamp((event.clientY - box.top) / box.height, 0, 1) };
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size === 2) {
      this.drag = null;
      this.pinch = this.span();
      return;
    }
    const at = this.at(event);
    const kind = event.shiftKey || this.selects ? "region" : "pan";
    this.drag = { kind, at, event, moved: false, view: { x: this.camera.x, y: this.camera.y }, from: this.camera.cellAt(at) };
  }

  move(event) {
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, event);
    if (this.pinch && this.pointers.size === 2) return this.pinchMove();
    const at = this.at(event);
    if (!this.drag) {
      if (event.pointerType !== "touch") this.listener.hoverAt(this.camera.cellAt(at));
      return undefined;
    }
    const { drag } = this;
    const distance = Math.hypot(event.clientX - drag.event.clientX, event.clientY - drag.event.clientY);
    drag.moved ||= distance >= STILL;
    if (!drag.moved) return undefined;
    if (drag.kind === "region") return this.listener.region(rangeOf(drag.from, this.camera.cellAt(at)));
    this.camera.moveFrom(drag.view, drag.at.u - at.u, drag.at.v - at.v);
    return this.listener.changed();
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.pinch) {
      if (this.pointers.size === 0) this.pinch = null;
      return;
    }
    const { drag } = this;
    this.drag = null;
    if (drag && !drag.moved) this.listener.click(this.camera.cellAt(this.at(event)));
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    [this.drag, this.pinch] = [null, null];
  }

  leave() {
    if (!this.drag) this.listener.hoverAt(null);
  }

  span() {
    const [a, b] = [...this.pointers.values()].map((event) => this.at(event));
    const [first, second] = [...this.pointers.values()];
    const distance = Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY);
    const at = { u: (a.u + b.u) / 2, v: (a.v + b.v) / 2 };
    return { distance, point: this.camera.pointAt(at), level: this.camera.level };
  }

  /** Pinch: keep the touched points of the map under the fingers. */
  pinchMove() {
    const [a, b] = [...this.pointers.values()].map((event) => this.at(event));
    const ratio = this.span().distance / Math.max(1, this.pinch.distance);
    this.camera.level = clamp(this.pinch.level + Math.round(Math.log10(ratio) * STEPS), 0, STEPS);
    this.camera.lookAt(this.pinch.point, { u: (a.u + b.u) / 2, v: (a.v + b.v) / 2 });
    this.listener.changed();
  }

  /** Zoom around the cursor; when fully zoomed out, the page scrolls. */
  turn(event) {
    const pixels = event.deltaY * [1, 33, 800][event.deltaMode];
    if (pixels > 0 && this.camera.level === 0) return;
    event.preventDefault();
    this.wheel -= (clamp(pixels, -200, 200) / 100) * NOTCH;
    const steps = Math.trunc(this.wheel);
    this.wheel -= steps;
    if (!this.camera.zoomBy(steps, this.at(event))) return;
    this.listener.changed();
    this.listener.hoverAt(this.camera.cellAt(this.at(event)));
  }

  zoom(direction) {
    if (this.camera.zoomBy(direction * NOTCH, { u: 0.5, v: 0.5 })) this.listener.changed();
  }

  reset() {
    this.camera.reset();
    this.listener.changed();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const actions = {
      "+": () => this.zoom(1), "=": () => this.zoom(1), "-": () => this.zoom(-1), _: () => this.zoom(-1),
      Home: () => this.reset(), 0: () => this.reset(),
      Enter: () => this.listener.enter(event.shiftKey), " ": () => this.listener.enter(false),
      Escape: () => this.listener.clear(),
    };
    if (event.key in arrows) {
      const [dx, dy] = arrows[event.key];
      if (event.shiftKey || this.camera.level === 0) this.listener.step(dy, dx);
      else {
        this.camera.moveFrom({ x: this.camera.x, y: this.camera.y }, dx * PAN, dy * PAN);
        this.listener.changed();
      }
    } else if (event.key in actions) actions[event.key]();
    else return;
    event.preventDefault();
  }
}

/** Return the half-open range of rows and columns between two cells, both included. */
export function rangeOf([row, column], [otherRow, otherColumn]) {
  return [
    Math.min(row, otherRow), Math.min(column, otherColumn),
    Math.max(row, otherRow) + 1, Math.max(column, otherColumn) + 1,
  ];
}
