/** The documents: their links lead somewhere, and the files that security.md refers to exist. Needs no browser. */

import assert from 'node:assert/strict';
import { access, readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const written = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'www/site/README.md',
  'www/package/README.md',
  'tests/browser/README.md',
  'tests/consumers/README.md',
  'examples/express/README.md',
  ...written,
];

for (const name of documents) {
  test(`the links in ${name} lead to existing files and headings`, async () => {
    const here = new URL(name, ROOT);
    const broken = [];
    for (const [, link] of prose(await readFile(here, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const target = new URL(path || here, here);
      const isThere = anchor === undefined ? await exists(target) : (await anchors(target)).includes(anchor);
      if (!isThere) broken.push(link);
    }
    assert.deepEqual(broken, []);
  });
}

test('the files that security.md refers to exist', async () => {
  const text = await readFile(new URL('docs/security.md', ROOT), 'utf8');
  const named = [...text.matchAll(/`((?:crates|models|src|tests|www|xtask)\/[\w./-]+)`/g)].map(([, path]) => path);
  assert.ok(named.length > 10, `only ${named.length} files`);
  const missing = await Promise.all(named.map(async (path) => ((await exists(new URL(path, ROOT))) ? [] : [path])));
  assert.deepEqual(missing.flat(), []);
});

test('the page is built on what the package exports, as any page could be', async () => {
  const site = new URL('www/site/', ROOT);
  const modules = (await readdir(site, { recursive: true })).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(modules.map((name) => readFile(new URL(name, site), 'utf8')));
  const imported = texts.flatMap((text) => [...text.matchAll(/^import .*'\.{1,2}\/serfiq\/(.+)';$/gm)].map(([, module]) => module));
  // What the build says of itself, not of the package.
  const ofBuild = 'assets.js';
  assert.deepEqual([...new Set(imported)].sort(), [ofBuild, 'capture/index.js', 'index.js']);
});

/** @param {string} text Markdown @returns {string} without its code */
function prose(text) {
  return text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, 'code');
}

/** @param {URL} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Returns the anchors of a document, as GitHub makes them from its headings, and those in its tags. @param {URL} file */
async function anchors(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N}\- _]/gu, '').replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)];
}
