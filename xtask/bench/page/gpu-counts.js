/**
 * What an engine asks of WebGPU, counted at the browser's own functions: unlike the milliseconds of an adapter that computes on the
 * CPU, it is the same on every GPU. To be imported before the engine.
 */
const counts = { dispatches: 0, submissions: 0, pipelines: 0, read_backs: 0 };

count('GPUComputePassEncoder', ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect'], 'dispatches');
count('GPUQueue', ['submit'], 'submissions');
count('GPUDevice', ['createComputePipeline', 'createComputePipelineAsync'], 'pipelines');
count('GPUBuffer', ['mapAsync'], 'read_backs');

/** What one run of `job` asks for; pipelines are those compiled since the start. @param {() => Promise<unknown>} job */
export async function countedDuring(job) {
  const before = { ...counts };
  await job();
  return {
    dispatches: counts.dispatches - before.dispatches,
    submissions: counts.submissions - before.submissions,
    read_backs: counts.read_backs - before.read_backs,
    pipelines: counts.pipelines,
  };
}

/** @param {string} type @param {string[]} methods @param {keyof typeof counts} what */
function count(type, methods, what) {
  // Without WebGPU there is nothing to count.
  const prototype = globalThis[type]?.prototype;
  for (const method of prototype ? methods : []) {
    const original = prototype[method];
    prototype[method] = function (...values) {
      counts[what] += 1;
      return original.apply(this, values);
    };
  }
}
