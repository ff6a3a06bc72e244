#!/usr/bin/env node
/**
 * Playwright runs this in place of Firefox. It starts the real one, and relays WebDriver BiDi between the two, except for commands that
 * Playwright sends for every context but Firefox ESR does not know yet: the relay answers those itself.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { WebSocket, WebSocketServer } from 'ws';

/** None of our tests depends on them. */
const UNKNOWN_COMMANDS = new Set(['emulation.setMediaFeaturesOverride']);
const ANNOUNCEMENT = /WebDriver BiDi listening on (ws:\/\/\S+)/;
const SOCKET = { perMessageDeflate: false, maxPayload: 2 ** 30 };

const firefox = spawn(process.env.SERFIQ_FIREFOX ?? 'firefox', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] });
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) process.on(signal, () => firefox.kill(signal));
process.on('exit', () => firefox.kill('SIGKILL'));
firefox.on('exit', (code) => process.exit(code ?? 1));
firefox.on('error', (error) => {
  console.error(`Firefox does not start: ${error.message}`);
  process.exit(1);
});

createInterface({ input: firefox.stderr }).on('line', async (line) => {
  const address = ANNOUNCEMENT.exec(line)?.[1];
  if (!address) return console.error(line);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...SOCKET });
  server.on('connection', (client, request) => relay(client, new WebSocket(address + request.url, SOCKET)));
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.error(`WebDriver BiDi listening on ws://127.0.0.1:${port}`);
});

/** @param {WebSocket} client Playwright @param {WebSocket} browser */
function relay(client, browser) {
  const open = once(browser, 'open');
  client.on('message', async (data) => {
    const { id, method } = JSON.parse(String(data));
    if (UNKNOWN_COMMANDS.has(method)) return client.send(JSON.stringify({ type: 'success', id, result: {} }));
    await open;
    browser.send(String(data));
  });
  browser.on('message', (data) => client.send(String(data)));
  for (const [one, other] of [[client, browser], [browser, client]]) one.on('close', () => other.close());
  browser.on('error', () => client.close());
}
