/** The example of an Express server, with the packed package: it takes good portraits, and refuses others with the reasons. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { settings } from '../browser/support/settings.mjs';
import { setting } from './support/settings.mjs';
import { Workplace } from './support/workplace.mjs';

const EXAMPLE = fileURLToPath(new URL('../../examples/express/', import.meta.url));

describe('an Express server', () => {
  /** @type {import('node:child_process').ChildProcess} */
  let server;
  /** @type {string} */
  let address;

  before(async () => {
    const place = await Workplace.prepare(setting('SERFIQ_CONSUMERS'), setting('SERFIQ_PACKAGE'));
    // Below the folder that has the packages which the example names.
    const folder = place.path('express');
    await rm(folder, { recursive: true, force: true });
    await cp(EXAMPLE, folder, { recursive: true });
    server = spawn(process.execPath, ['server.js'], { cwd: folder, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await Promise.race([
      once(/** @type {import('node:stream').Readable} */ (server.stdout), 'data'),
      once(server, 'exit').then(([code]) => assert.fail(`the server ended with status ${code}`)),
    ]);
    address = String(line).trim();
  });
  after(() => server?.kill());

  /** Sends a form, as a page does. @param {Uint8Array | string | null} bytes null for a form without a file */
  async function send(bytes) {
    const form = new FormData();
    if (bytes !== null) form.set('portrait', new File([bytes], 'selfie.jpg', { type: 'image/jpeg' }));
    // What a page claims, to which the server must not listen.
    form.set('quality', '100');
    const response = await fetch(address, { method: 'POST', body: form });
    return { status: response.status, .../** @type {any} */ (await response.json()) };
  }
  const portrait = (/** @type {string} */ name) => readFile(join(settings.portraits, name));

  test('accepts a good portrait', async () => {
    const { status, accepted, issues, quality, threshold, model } = await send(await portrait('impostor_2.jpg'));
    assert.deepEqual({ status, accepted, issues, threshold, model }, { status: 201, accepted: true, issues: [], threshold: 60, model: 'sface' });
    assert.ok(quality > 60);
  });

  test('refuses a bad one, with the reasons', async () => {
    const { status, accepted, issues, quality } = await send(await portrait('person_a_1.jpg'));
    assert.deepEqual({ status, accepted, issues }, { status: 422, accepted: false, issues: ['too_far'] });
    assert.ok(quality > 60, 'the score alone would have been enough');
  });

  test('refuses a file that is not a picture', async () => {
    const { status, accepted, reason, error } = await send('This is no picture.');
    assert.deepEqual({ status, accepted, reason }, { status: 415, accepted: false, reason: 'format' });
    assert.match(error, /not a JPEG, PNG or WebP/);
  });

  test('refuses a form without a file, and a file that is too large', async () => {
    const none = await send(null);
    assert.deepEqual([none.status, none.error], [400, "There is no file; expected one in the field 'portrait'."]);
    assert.equal((await send(new Uint8Array(10_000_001))).status, 413);
  });

  test('answers several at the same time', async () => {
    const good = await portrait('impostor_2.jpg');
    const answers = await Promise.all([send(good), send('text'), send(good), send(await portrait('person_a_1.jpg'))]);
    assert.deepEqual(answers.map(({ status }) => status), [201, 415, 201, 422]);
  });
});
