/** The page: puts its views together and follows the engine from loading to running. */

import { CaptureView } from './capture-view.js';
import { CompareView } from './compare-view.js';
import { byId, make } from './dom.js';
import { HowView } from './how-view.js';
import { joinModules } from './joining.js';
import { LoadingPanel } from './loading-panel.js';
import { PageEngine } from './page-engine.js';
import { PhotosView } from './photos-view.js';
import { PrivacyView } from './privacy-view.js';
import { RecogniserChoice } from './recogniser-choice.js';
import { Announcer } from './serfiq/capture/index.js';
import { Settings, askedBackend, askedView } from './settings.js';
import { Status } from './status.js';
import { setUpTabs } from './tabs.js';
import { LANGUAGES, fillIn, language, modelName, words } from './words.js';

/** @import { Engine, SerfiqError } from './serfiq/index.js' */
/** @import { ModelCard, Picture, Report } from './serfiq/types.js' */

/** The views that need an engine to begin. */
const NEED_ENGINE = new Set(['photos', 'compare']);

fillIn();

const root = document.documentElement;
const announcer = new Announcer(byId('announcer', HTMLElement));
const panel = new LoadingPanel();
const status = new Status();
const settings = new Settings();
const engine = new PageEngine(askedBackend(), (progress) => panel.progress(progress));
const onReport = (/** @type {Report} */ report) => status.showReport(report);
const capture = new CaptureView({ announcer, settings, backend: engine.backend });
const photos = new PhotosView({ engine, settings, announcer, onReport });
const compare = new CompareView({ engine, announcer, onReport });
const how = new HowView({ engine, announcer });
const privacy = new PrivacyView();
new RecogniserChoice(engine);
joinModules(() => document.querySelector('#taken > li, #photo-results > li, [data-state="ok"]') !== null);
/** The engine in use. @type {Engine | null} */
let current = null;
/** Engines already listened to. @type {WeakSet<Engine>} */
const followed = new WeakSet();

engine.addEventListener('loading', () => {
  root.dataset.state = 'loading';
  panel.showLoading();
  status.showBackendText(words.status.loading);
  announcer.say(words.status.loading);
});
engine.addEventListener('ready', (event) => {
  root.dataset.state = 'ready';
  panel.hide();
  follow(/** @type {CustomEvent<Engine>} */ (event).detail);
  announcer.say(words.loading.ready);
});
engine.addEventListener('failure', (event) => {
  const error = /** @type {CustomEvent<SerfiqError>} */ (event).detail;
  root.dataset.state = 'error';
  capture.camera.backend = engine.backend;
  status.showBackendText(words.status.failed);
  announcer.say(panel.showFailure(error));
});
engine.addEventListener('change', (event) => {
  capture.use(engine.recogniser, /** @type {CustomEvent<Engine>} */ (event).detail.info);
  // Scores of two recognisers are not comparable: everything shown must come from the one in use.
  for (const view of [photos, compare, how]) view.repeat();
});
byId('retry', HTMLButtonElement).addEventListener('click', load);

capture.camera.addEventListener('serfiq-ready', () => {
  if (capture.camera.engine) follow(capture.camera.engine);
});
capture.camera.addEventListener('serfiq-frame', ({ detail }) => {
  // On a slow machine not every frame is scored, and unscored ones have no scoring time.
  if (detail.faces[0]?.raw !== null) onReport(detail);
});
capture.camera.addEventListener('serfiq-state', ({ detail: { state } }) => {
  if (state === 'loading' && !current) status.showBackendText(words.status.loading);
});
capture.addEventListener('taken', (event) => how.offer(pictureOf(event).blob));
capture.addEventListener('compare', (event) => {
  chooseView('compare');
  compare.put(pictureOf(event).blob);
});
capture.addEventListener('explain', (event) => {
  chooseView('how');
  how.show(pictureOf(event).blob);
});
settings.addEventListener('change', () => current && status.showMethod(settings.inUse(current.info)));

// The address does not change: at a new one some browsers request the icon again.
const chooseView = setUpTabs(byId('tabs', HTMLElement), (view) => {
  panel.moveTo(view);
  byId('live', HTMLElement).hidden = view.id !== 'capture';
  if (view.id === 'capture') capture.takeUp();
  else capture.setAside();
  if (NEED_ENGINE.has(view.id)) load();
  if (view.id === 'privacy') privacy.show();
});
chooseView(askedView());
for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-view]'))) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    chooseView(link.dataset.view ?? '');
    byId(`tab-${link.dataset.view}`, HTMLElement).focus();
  });
}
// A photo dropped beside its field must not replace the page.
for (const name of /** @type {const} */ (['dragover', 'drop'])) document.addEventListener(name, (event) => event.preventDefault());
offerLanguages();
workOffline();

/** Starts loading, if there is no engine yet; events report the outcome. */
function load() {
  engine.get().catch(() => {});
}

/** @param {Engine} engine the one in use from now on */
function follow(engine) {
  current = engine;
  // For developers and tests: `await serfiq.score(file)` in the console.
  Object.assign(window, { serfiq: engine });
  showEngine(engine);
  if (followed.has(engine)) return;
  followed.add(engine);
  engine.addEventListener('enginelost', () => status.showBackendText(words.status.restarting));
  engine.addEventListener('backendchange', () => {
    showEngine(engine);
    announcer.say(words.status.changed);
  });
}

/** @param {Engine} engine */
function showEngine({ info, models }) {
  keepOffline(info.module);
  settings.offer(info);
  capture.explainBy(info);
  status.showEngine(info);
  status.showMethod(settings.inUse(info));
  showCredits(models);
}

/** @param {ModelCard[]} models */
function showCredits(models) {
  const lines = models.map(({ name, role, author, licence, source }) => {
    const line = make('li');
    const title = modelName(name);
    if (source.startsWith('https://')) {
      const link = make('a', '', title);
      link.href = source;
      link.rel = 'noreferrer';
      line.append(link);
    } else {
      line.append(title);
    }
    for (const part of [words.credits.roles[role], author, licence]) if (part) line.append(` · ${part}`);
    return line;
  });
  byId('credits', HTMLElement).replaceChildren(...lines);
}

/** @param {Event} event @returns {Picture} */
function pictureOf(event) {
  return /** @type {CustomEvent<Picture>} */ (event).detail;
}

function offerLanguages() {
  const select = byId('page-language', HTMLSelectElement);
  for (const [tag, { name }] of Object.entries(LANGUAGES)) {
    const option = new Option(name, tag, false, tag === language);
    option.lang = tag;
    select.add(option);
  }
  select.addEventListener('change', () => {
    const address = new URL(location.href);
    address.searchParams.set('lang', select.value);
    location.replace(address);
  });
}

/** Keeps the page's files for offline visits. The page also works without the service worker. */
function workOffline() {
  navigator.serviceWorker?.register('./offline-worker.js').catch(() => {});
}

/** Also keeps the module that the engine runs. @param {string} module its URL */
async function keepOffline(module) {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage({ keep: module });
}
