/**
 * Every word on the page. To add a language, copy `en`, translate it, and name it in `LANGUAGES`.
 * index.html names its words by path: `data-text="live.stop"` for text, `data-label="..."` for an aria-label.
 */

/** @import { MethodName } from './types.js' */
/** @typedef {{ title: string, text: string, action?: string }} Words */

/** @param {number} value @param {number} digits */
const fixed = (value, digits) => value.toFixed(digits);

/** @param {number} bytes */
const megabytes = (bytes) => fixed(bytes / 1e6, 1);

const en = {
  page: {
    title: 'serfiq: face image quality, on your device',
    tagline: 'Face image quality, scored live on your own device.',
    skip: 'Skip to the content',
    views: 'Views',
    privacy: 'Your pictures stay here: everything is computed in this page, nothing is sent anywhere, and no picture is stored.',
  },

  tabs: { live: 'Live', photos: 'Photos' },

  /** @type {Record<string, string>} */
  bands: { poor: 'Poor', fair: 'Fair', good: 'Good', excellent: 'Excellent' },

  meter: {
    label: 'Face image quality',
    heading: 'Quality',
    empty: 'No score',
    emptyLabel: 'Face image quality: no score',
    /** @param {string} value @param {string} word */
    valueText: (value, word) => `${value} of 100, ${word.toLowerCase()}`,
    /** @param {number} raw @param {number | null} stdError */
    raw: (raw, stdError) => (stdError === null ? `raw ${fixed(raw, 4)}` : `raw ${fixed(raw, 4)} ± ${fixed(stdError, 4)}`),
  },

  live: {
    heading: 'Live view',
    preview: 'Camera preview, mirrored',
    camera: 'Camera',
    /** @param {number} number */
    unnamedCamera: (number) => `Camera ${number}`,
    noCameraYet: 'Chosen when the camera starts',
    stop: 'Stop camera',
    /** @type {Record<string, Words>} shown over the preview; the action starts the camera */
    states: {
      idle: {
        title: 'See your score, live',
        text: 'The camera starts only when you ask for it.',
        action: 'Start camera',
      },
      asking: { title: 'Waiting for your permission', text: 'Your browser asks whether this page may use the camera.' },
      denied: {
        title: 'The camera is not allowed',
        text: 'Allow it for this page in the address bar or in the browser’s settings, then try again. Photos work without it.',
        action: 'Try again',
      },
      none: {
        title: 'No camera found',
        text: 'Connect a camera and try again, or score photos instead.',
        action: 'Try again',
      },
      busy: {
        title: 'The camera is in use',
        text: 'Another program holds it. Close that program, or choose another camera, then try again.',
        action: 'Try again',
      },
      unplugged: {
        title: 'The camera went away',
        text: 'It was unplugged or switched off. Connect it again, or go on with another one.',
        action: 'Start again',
      },
      hidden: { title: 'Paused', text: 'Scoring goes on as soon as this page is visible again.' },
      error: {
        title: 'The live view stopped',
        text: 'Something unexpected happened. Starting again usually helps.',
        action: 'Start again',
      },
      insecure: {
        title: 'No access to cameras here',
        text: 'Browsers offer the camera only to pages served over HTTPS or from this computer. Photos work all the same.',
        action: 'Try again',
      },
    },
    /** @type {Record<string, string>} shown at the preview's foot while it runs */
    hints: {
      'no-face': 'No face in view. Look into the camera, with light from the front.',
      'several-faces': 'Several faces in view. The largest one is scored.',
      restarting: 'The GPU was lost. Starting again on the CPU …',
      unscored: 'This face gives no usable score. Move a little.',
    },
    /** @type {Record<string, string>} */
    announcements: { 'no-face': 'No face in view', 'several-faces': 'Several faces; the largest is scored' },
    /** @param {string} word */
    announceQuality: (word) => `Quality: ${word.toLowerCase()}`,
  },

  photos: {
    heading: 'Photos',
    drop: 'Drop photos here, or choose them',
    dropHint: 'JPEG, PNG or WebP. They are read here and stay here.',
    /** @param {number} done @param {number} total */
    progress: (done, total) => `${done} of ${total}`,
    progressLabel: 'Photos scored',
    cancel: 'Cancel',
    download: 'Download CSV',
    clear: 'Clear list',
    results: 'Results, worst first',
    empty: 'Scores appear here, the worst first.',
    /** @param {number} faces @param {number} photos */
    summary: (faces, photos) => `${faces} ${faces === 1 ? 'face' : 'faces'} in ${photos} ${photos === 1 ? 'photo' : 'photos'}`,
    /** @param {number} number @param {number} count */
    face: (number, count) => `Face ${number} of ${count}`,
    /** @type {Record<string, string>} */
    status: {
      no_face: 'No face found',
      unreadable: 'Unreadable',
      failed: 'Not scored',
    },
    noFaceHint: 'No face found in this photo. A larger or more frontal face may help.',
    unscored: 'This face gives no usable score.',
  },

  scoring: {
    heading: 'Scoring',
    method: 'Method',
    passes: 'Passes',
  },
  /** @type {Record<string, string>} */
  methods: { mc: 'Dropout passes', limit: 'Limit' },
  /** @type {Record<string, string>} */
  methodHints: {
    mc: 'The recogniser’s last layer runs many times with random dropout. More passes: less noise, more work.',
    limit: 'What endless dropout passes would give, in closed form: quick, and without noise.',
  },

  loading: {
    heading: 'Getting ready',
    text: 'The engine and its models are loaded once and kept by your browser.',
    engine: 'Scoring engine',
    models: 'Face models',
    /** @param {number} loaded @param {number | null} total */
    bytes: (loaded, total) =>
      total ? `${megabytes(loaded)} of ${megabytes(total)} MB` : loaded ? `${megabytes(loaded)} MB` : 'waiting',
    starting: 'Starting the engine …',
    status: 'Loading',
    ready: 'Ready',
  },
  retry: 'Try again',
  /** @type {Record<string, Words>} by error code */
  failures: {
    'model-fetch': {
      title: 'A model could not be fetched',
      text: 'Check the connection and try again. Nothing else is lost.',
    },
    'model-hash': {
      title: 'A model is not the one expected',
      text: 'The file differs from the one this page was made for, so it was refused and thrown away. Trying again fetches it anew.',
    },
    'model-invalid': {
      title: 'A model cannot be used',
      text: 'The file is whole but not in a form this engine knows. The site needs to be built again.',
    },
    'engine-fetch': {
      title: 'The scoring engine could not be fetched',
      text: 'Check the connection and try again.',
    },
    'engine-died': {
      title: 'The scoring engine stopped',
      text: 'It could not go on, on the CPU either. Trying again starts it afresh.',
    },
    'webgpu-unavailable': {
      title: 'WebGPU cannot be used here',
      text: 'This page’s address asks for it. Trying again goes on on the CPU.',
    },
    other: { title: 'Scoring could not start', text: 'Trying again may help.' },
  },

  status: {
    label: 'Status',
    backend: 'Runs on',
    model: 'Model',
    method: 'Method',
    time: 'Per score',
    /** @type {Record<string, string>} */
    backends: { webgpu: 'WebGPU', cpu: 'CPU' },
    restarting: 'Starting on the CPU …',
    changed: 'The GPU engine stopped. Scoring goes on on the CPU.',
    failed: 'Not running',
    /** @param {string} reason */
    fallback: (reason) => `Why not WebGPU: ${reason}`,
    cpuAsked: 'the CPU was asked for.',
    /** @param {MethodName} method @param {number} [passes] */
    methodInUse: (method, passes) => (method === 'mc' ? `${passes} dropout passes` : 'Limit'),
    /** @param {number} total */
    milliseconds: (total) => `${fixed(total, total < 10 ? 1 : 0)} ms`,
    /** @param {number} detect @param {number} score */
    timing: (detect, score) => `finding faces ${fixed(detect, 1)} ms, scoring ${fixed(score, 1)} ms`,
    none: '–',
  },

  /** @param {string} name */
  modelName: (name) => /** @type {Record<string, string>} */ ({ sface: 'SFace', yunet: 'YuNet' })[name] ?? name,
  credits: {
    heading: 'Credits',
    method: 'Method: SER-FIQ (Terhörst, Kolf, Damer, Kirchbuchner, Kuijper, CVPR 2020), an independent implementation.',
    /** @type {Record<string, string>} */
    roles: { recogniser: 'face recogniser', detector: 'face detector' },
    code: 'Code: MIT or Apache-2.0.',
  },
};

/** @type {Record<string, typeof en>} by the first part of a language tag */
const LANGUAGES = { en };

const language = navigator.languages.map((tag) => tag.split('-')[0]).find((tag) => tag in LANGUAGES) ?? 'en';

export const strings = LANGUAGES[language];

/** Puts the words into index.html's elements. */
export function fillIn() {
  document.documentElement.lang = language;
  document.title = strings.page.title;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text]'))) {
    element.textContent = lookUp(element.dataset.text ?? '');
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-label]'))) {
    element.setAttribute('aria-label', lookUp(element.dataset.label ?? ''));
  }
}

/** @param {string} path such as "live.stop" @returns {string} */
function lookUp(path) {
  const found = path.split('.').reduce((/** @type {any} */ branch, key) => branch?.[key], strings);
  if (typeof found === 'string') return found;
  throw new TypeError(`strings.js has no words at "${path}", which index.html asks for`);
}
