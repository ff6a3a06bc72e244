/** Prints, as JSON, facts about the machine that Node reports in the same way on every system. */
import { arch, cpus, release, totalmem, type } from 'node:os';

console.log(
  JSON.stringify({
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    memory_gb: totalmem() / 1e9,
    system: `${type()} ${release()} (${arch()})`,
    date: new Date().toISOString().slice(0, 10),
  }),
);
