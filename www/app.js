/** The page: puts its parts together and follows the engine from loading to running. */

import { Announcer } from './announcer.js';
import { Serfiq } from './client.js';
import { byId, make } from './dom.js';
import { LiveView } from './live-view.js';
import { LoadingPanel } from './loading-panel.js';
import { PhotosView } from './photos-view.js';
import { Settings, askedBackend, askedTab } from './settings.js';
import { StatusLine } from './status-line.js';
import { fillIn, strings } from './strings.js';
import { setUpTabs } from './tabs.js';

/** @import { SerfiqError } from './client.js' */
/** @import { ModelCard, Result } from './types.js' */

fillIn();

/** What the address asks for; the engine's own choice once that has turned out not to be there. */
let backend = askedBackend();
const root = document.documentElement;
const views = byId('views', HTMLElement);
const announcer = new Announcer(byId('announcer', HTMLElement));
const panel = new LoadingPanel();
const status = new StatusLine();
const settings = new Settings();
const parts = { settings, announcer, onResult: (/** @type {Result} */ result) => status.showTime(result.milliseconds) };
const live = new LiveView(parts);
const photos = new PhotosView(parts);

settings.addEventListener('change', () => status.showMethod(settings.options));
const chooseTab = setUpTabs(byId('tabs', HTMLElement), (panelId) => {
  if (panelId === 'live') live.takeUp();
  else live.setAside();
});
chooseTab(askedTab());
byId('retry', HTMLButtonElement).addEventListener('click', load);
load();

async function load() {
  show('loading');
  panel.showLoading();
  status.showBackendText(strings.loading.status);
  announcer.say(strings.loading.status);
  try {
    const engine = await Serfiq.load({ backend, onProgress: (progress) => panel.progress(progress) });
    use(engine);
  } catch (error) {
    fail(/** @type {SerfiqError} */ (error));
  }
}

/** @param {Serfiq} engine */
function use(engine) {
  // For developers and tests: `await serfiq.scorePhoto(file)` in the console.
  Object.assign(window, { serfiq: engine });
  engine.addEventListener('enginelost', () => status.showBackendText(strings.status.restarting));
  engine.addEventListener('backendchange', () => {
    showEngine(engine);
    announcer.say(strings.status.changed);
  });
  engine.addEventListener('enginefailure', (event) => fail(/** @type {CustomEvent} */ (event).detail.error));
  live.use(engine);
  photos.use(engine);
  showEngine(engine);
  showCredits(engine.models);
  show('ready');
  panel.hide();
  announcer.say(strings.loading.ready);
}

/** @param {Serfiq} engine */
function showEngine({ info }) {
  settings.offer(info);
  status.showEngine(info);
}

/** @param {SerfiqError} error */
function fail(error) {
  if (error.code === 'webgpu-unavailable') backend = 'auto';
  live.stop();
  show('error');
  panel.showFailure(error);
  status.showBackendText(strings.status.failed);
  announcer.say(`${byId('failure-title', HTMLElement).textContent}. ${error.message}`);
}

/** @param {'loading' | 'ready' | 'error'} state */
function show(state) {
  root.dataset.state = state;
  views.hidden = state !== 'ready';
}

/** @param {ModelCard[]} models */
function showCredits(models) {
  const lines = models.map(({ name, role, author, licence, source }) => {
    const line = make('li');
    const title = strings.modelName(name);
    if (source.startsWith('https://')) {
      const link = make('a', '', title);
      link.href = source;
      link.rel = 'noreferrer';
      line.append(link);
    } else {
      line.append(title);
    }
    line.append(`, ${strings.credits.roles[role]} · ${author} · ${licence}`);
    return line;
  });
  byId('credits', HTMLElement).replaceChildren(...lines);
}
