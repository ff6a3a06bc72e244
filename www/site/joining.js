import { byId, make } from './dom.js';
import { assets } from './serfiq/assets.js';
import { words } from './words.js';

/** How often the page asks whether the modules are built, in milliseconds. */
const INTERVAL_MS = 3000;

/**
 * `cargo xtask serve` serves the page as soon as it runs on the CPU, and compiles the other modules in the background. Shows a notice,
 * and reloads the page when they are ready: at once if nothing would be lost, else when the visitor asks. If a module could not be
 * compiled, the notice says that instead.
 * @param {() => boolean} hasResults whether a reload would lose results
 */
export async function joinModules(hasResults) {
  if (!assets.compiling && assets.missing.length === 0) return;
  const notice = byId('joining', HTMLElement);
  notice.hidden = false;
  notice.textContent = assets.compiling ? words.joining.compiling : words.joining.failed;
  if (!assets.compiling) return;
  while (await isCompiling()) await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  if (!hasResults()) return location.reload();
  const reload = make('button', '', words.joining.reload);
  reload.type = 'button';
  reload.addEventListener('click', () => location.reload());
  notice.replaceChildren(`${words.joining.compiled} `, reload);
}

/** Whether the server is still compiling. A server that does not answer may be restarting. */
async function isCompiling() {
  try {
    return (await import(`./serfiq/assets.js?at=${Date.now()}`)).assets.compiling;
  } catch {
    return true;
  }
}
