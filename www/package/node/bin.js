#!/usr/bin/env node
import { run } from './command-line.js';

// The reader closed the pipe (`serfiq *.jpg | head`).
process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2));
