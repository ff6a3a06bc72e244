/**
 * Counts an engine's use of WebGPU by wrapping the browser's functions. Unlike timings on an adapter that computes on the CPU, the
 * counts are the same on every GPU. Import this before the engine.
 */
const counts = {
  dispatches: 0,
  submissions: 0,
  read_backs: 0,
  pipelines: 0,
  /** Total size of the buffers bound to dispatches: the bytes read or written if a dispatch touches each of their bytes once. */
  bound_bytes: 0,
  /** Bytes written from the CPU, or copied from buffer to buffer. */
  copied_bytes: 0,
};
const memory = { gpu_bytes: 0, most_gpu_bytes: 0 };

/** @type {WeakMap<GPUBindGroup, number>} bytes of the buffers in each */
const boundBy = new WeakMap();
/** @type {WeakMap<GPUComputePassEncoder, Map<number, number>>} bytes of the buffers bound at each index */
const boundIn = new WeakMap();
/** @type {WeakSet<GPUBuffer>} */
const destroyed = new WeakSet();

before('GPUComputePassEncoder', ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect'], (pass) => {
  counts.dispatches += 1;
  for (const bytes of boundIn.get(pass)?.values() ?? []) counts.bound_bytes += bytes;
});
before('GPUComputePassEncoder', ['setBindGroup'], (pass, [index, group]) => {
  if (!boundIn.has(pass)) boundIn.set(pass, new Map());
  boundIn.get(pass).set(index, boundBy.get(group) ?? 0);
});
before('GPUQueue', ['submit'], () => (counts.submissions += 1));
before('GPUQueue', ['writeBuffer'], (_, [, , data, offset = 0, size]) => {
  // Both are in elements of a typed array.
  const element = data.BYTES_PER_ELEMENT ?? 1;
  counts.copied_bytes += size === undefined ? data.byteLength - offset * element : size * element;
});
before('GPUCommandEncoder', ['copyBufferToBuffer'], (_, values) => {
  // The offsets, and the size of a whole buffer, may be omitted.
  const [source, size] = typeof values[1] === 'number' ? [values[0], values[4]] : [values[0], values[2]];
  counts.copied_bytes += size ?? source.size;
});
before('GPUDevice', ['createComputePipeline', 'createComputePipelineAsync'], () => (counts.pipelines += 1));
before('GPUBuffer', ['mapAsync'], () => (counts.read_backs += 1));
before('GPUBuffer', ['destroy'], (buffer) => {
  if (!destroyed.has(buffer)) memory.gpu_bytes -= buffer.size;
  destroyed.add(buffer);
});
after('GPUDevice', 'createBuffer', (buffer) => {
  memory.gpu_bytes += buffer.size;
  memory.most_gpu_bytes = Math.max(memory.most_gpu_bytes, memory.gpu_bytes);
});
after('GPUDevice', 'createBindGroup', (group, [{ entries }]) => {
  let bytes = 0;
  for (const { resource } of entries) {
    const { buffer, offset = 0, size } = resource.buffer ? resource : { buffer: resource };
    bytes += size ?? (buffer.size ?? 0) - offset;
  }
  boundBy.set(group, bytes);
});

/** Counts one run of `job`; pipelines are those compiled since the start. @param {() => Promise<unknown>} job */
export async function countedDuring(job) {
  const start = { ...counts };
  await job();
  const during = Object.fromEntries(Object.entries(counts).map(([what, count]) => [what, count - start[what]]));
  return { ...during, pipelines: counts.pipelines, ...memory };
}

/** @param {string} type @param {string[]} methods @param {(self: any, values: any[]) => void} look */
function before(type, methods, look) {
  // Without WebGPU there is nothing to count.
  const prototype = globalThis[type]?.prototype;
  for (const method of prototype ? methods : []) {
    const original = prototype[method];
    prototype[method] = function (...values) {
      look(this, values);
      return original.apply(this, values);
    };
  }
}

/** @param {string} type @param {string} method @param {(made: any, values: any[]) => void} look */
function after(type, method, look) {
  const prototype = globalThis[type]?.prototype;
  if (!prototype) return;
  const original = prototype[method];
  prototype[method] = function (...values) {
    const made = original.apply(this, values);
    look(made, values);
    return made;
  };
}
