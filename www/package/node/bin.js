#!/usr/bin/env node
import { ALL_READ, FAILED, complain, run } from './command-line.js';

process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
  // The reader closed the pipe (`serfiq *.jpg | head`): the other results are not wanted.
  if (error.code === 'EPIPE') process.exit(ALL_READ);
  complain(`standard output cannot be written: ${error.message}`);
  process.exit(FAILED);
});
// A problem that cannot be printed is dropped. The results do not depend on it.
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
