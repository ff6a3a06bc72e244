/**
 * Bind groups that are used again.
 *
 * The engine's GPU library makes a bind group for each dispatch: 29 in a frame, although every frame uses the same buffers. A browser
 * frees them only when it collects garbage, and some browsers have killed pages that ran for a long time. So a device of this worker
 * returns the bind group that it made before.
 */

/** The number of bind groups kept. A network needs fewer than 100. */
const MAX_KEPT = 512;

/** @typedef {object} Numbered a WebGPU object */

/** Numbers objects, so that they can be part of a key. */
class Numbers {
  /** @type {WeakMap<Numbered, number>} */
  #known = new WeakMap();
  #next = 0;

  /** @param {Numbered} one */
  of(one) {
    const known = this.#known.get(one) ?? this.#next++;
    this.#known.set(one, known);
    return known;
  }
}

/** Makes every device of this worker use its bind groups again. Without WebGPU, nothing happens. */
export function reuseBindGroups() {
  const { GPUDevice, GPUComputePipeline } = /** @type {any} */ (globalThis);
  if (!GPUDevice || !GPUComputePipeline) return;
  reuseLayouts(GPUComputePipeline.prototype);
  reuseGroups(GPUDevice.prototype);
}

/** A pipeline makes a new layout at every call. @param {any} prototype of pipelines */
function reuseLayouts(prototype) {
  const { getBindGroupLayout } = prototype;
  /** @type {WeakMap<Numbered, Map<number, object>>} */
  const layouts = new WeakMap();
  prototype.getBindGroupLayout = function (/** @type {number} */ index) {
    const own = layouts.get(this) ?? new Map();
    layouts.set(this, own);
    if (!own.has(index)) own.set(index, getBindGroupLayout.call(this, index));
    return own.get(index);
  };
}

/** @param {any} prototype of devices */
function reuseGroups(prototype) {
  const { createBindGroup } = prototype;
  const numbers = new Numbers();
  /** The one used longest ago comes first. @type {Map<string, object>} */
  const groups = new Map();
  prototype.createBindGroup = function (/** @type {any} */ descriptor) {
    const key = keyOf(descriptor, numbers);
    // A group of textures or samplers: none of ours.
    if (key === null) return createBindGroup.call(this, descriptor);
    const group = groups.get(key) ?? createBindGroup.call(this, descriptor);
    groups.delete(key);
    groups.set(key, group);
    if (groups.size > MAX_KEPT) groups.delete(groups.keys().next().value ?? '');
    return group;
  };
}

/** @param {any} descriptor @param {Numbers} numbers @returns {string | null} null if it names more than buffers */
function keyOf({ layout, entries }, numbers) {
  const parts = [numbers.of(layout)];
  for (const { binding, resource } of entries) {
    if (!resource?.buffer) return null;
    parts.push(binding, numbers.of(resource.buffer), resource.offset ?? 0, resource.size ?? -1);
  }
  return parts.join(' ');
}
