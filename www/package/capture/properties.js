/**
 * The element's properties, in one table. `attributes.js` derives accessors, `observedAttributes` and checks from it. A test
 * (`tests/browser/properties.test.mjs`) checks that the types below and the table in docs/capture.md match it word for word.
 */

import { METHODS, PASSES } from '../methods.js';

/** @import { BackendChoice, GuideSettings, MethodName, OwnRecogniser } from '../types.js' */
/** @import { OwnMessages } from './language.js' */

/**
 * The properties of `<serfiq-capture>` that can be set.
 * @typedef {object} ElementProperties
 * @property {number | null} threshold Minimum quality of a picture; needs a calibrated recogniser. Null for 50, the middle of the recogniser's calibration.
 * @property {boolean} autoCapture Whether the picture is taken automatically; without it there is a shutter.
 * @property {number | null} timeLimit Seconds after which auto-capture takes the best frame so far; 0 for no limit. Null for 20.
 * @property {boolean} belowThreshold Whether a frame below the threshold may be taken: by auto-capture at the end of time, by the shutter at once.
 * @property {boolean} review Whether the person looks at the picture before it is used, and may retake it.
 * @property {'number' | 'word' | 'none'} meter What shows the quality: a number and a word, the word alone, or nothing.
 * @property {boolean} autostart Whether the camera starts as soon as the element is in the page.
 * @property {'user' | 'environment'} cameraFacing Which way the camera looks.
 * @property {boolean | null} mirrored Whether the preview is a mirror. Null for a mirror if the camera faces the user.
 * @property {boolean} upload Whether the person may choose a photo where no camera can be used; the same checks judge it.
 * @property {string} name Name of the picture in a form's data.
 * @property {boolean} required Whether a form needs a picture before it can be submitted.
 * @property {boolean} disabled Whether the element is out of use; a running camera is stopped.
 * @property {string | null} language BCP 47 tag of the language to speak. Null for the nearest `lang` around the element, then the browser's.
 * @property {boolean} crop Whether pictures come with the face aligned for recognition (112 x 112, PNG).
 * @property {boolean} standardMeasures Whether pictures come with the measures of ISO/IEC 29794-5, which are shown below the picture.
 * @property {boolean} explain Whether pictures come with an explanation of their score, which can be shown over the picture.
 * @property {'image/jpeg' | 'image/png' | 'image/webp'} pictureType Format of the picture taken; JPEG where the browser cannot write WebP.
 * @property {BackendChoice} backend What computes: the GPU (`webgpu`) or the CPU; `auto` takes the GPU where there is one.
 * @property {MethodName | null} method How scores are computed: by dropout passes (`mc`), or by their closed-form limit. Null for `mc` on a GPU, `limit` on the CPU; without a calibration `mc`.
 * @property {number | null} passes Dropout passes of the method `mc`. Null for 100.
 * @property {string | null} model Name of a recogniser of this build. Null for the first.
 * @property {boolean | null} landmarks Whether the pose comes from 468 landmarks instead of the detector's five. Null for true.
 * @property {string | null} assetBase Folder of the package's files, where they are not next to the module. Null for the folder of the module.
 * @property {GuideSettings | null} guide Further thresholds of the guide. Null for its defaults.
 * @property {OwnRecogniser | null} recogniser A recogniser of your own, in place of `model`. Null for one of this build.
 * @property {OwnMessages | null} messages Own words, in place of the built-in ones. Null for the built-in ones.
 */

/**
 * One row of the table.
 * @typedef {object} PropertyRow
 * @property {keyof ElementProperties} property
 * @property {string | null} attribute null where the value is an object
 * @property {Kind} kind
 * @property {string | boolean | null} default value of the property while it is not set
 * @property {string} [unset] if the default is null, what applies instead
 * @property {'at once' | 'guide' | 'next start'} effect when a change takes effect; `guide`: at once, and the guide begins again
 * @property {string} type in TypeScript
 * @property {string} description one sentence
 */

/**
 * The values of a property. A `flag` is true if its attribute is present; a `switch` is `true`, `false` or, without its attribute, null.
 * @typedef {{ is: 'number', min: number, max: number } | { is: 'choice', values: readonly string[] } | { is: 'flag' | 'switch' | 'text' | 'object' }} Kind
 */

/** @type {Kind} */
const FLAG = { is: 'flag' };
/** @type {Kind} */
const SWITCH = { is: 'switch' };
/** @type {Kind} */
const TEXT = { is: 'text' };
/** @type {Kind} */
const OBJECT = { is: 'object' };
/** @param {number} min @param {number} max @returns {Kind} */
const numberFrom = (min, max) => ({ is: 'number', min, max });
/** @param {string[]} values @returns {Kind} */
const oneOf = (...values) => ({ is: 'choice', values });

/** @type {readonly PropertyRow[]} */
export const PROPERTIES = Object.freeze([
  {
    property: 'threshold',
    attribute: 'threshold',
    kind: numberFrom(0, 100),
    default: null,
    unset: "50, the middle of the recogniser's calibration",
    effect: 'guide',
    type: 'number | null',
    description: 'Minimum quality of a picture; needs a calibrated recogniser.',
  },
  {
    property: 'autoCapture',
    attribute: 'auto-capture',
    kind: FLAG,
    default: false,
    effect: 'guide',
    type: 'boolean',
    description: 'Whether the picture is taken automatically; without it there is a shutter.',
  },
  {
    property: 'timeLimit',
    attribute: 'time-limit',
    kind: numberFrom(0, 3600),
    default: null,
    unset: '20',
    effect: 'guide',
    type: 'number | null',
    description: 'Seconds after which auto-capture takes the best frame so far; 0 for no limit.',
  },
  {
    property: 'belowThreshold',
    attribute: 'below-threshold',
    kind: FLAG,
    default: false,
    effect: 'guide',
    type: 'boolean',
    description: 'Whether a frame below the threshold may be taken: by auto-capture at the end of time, by the shutter at once.',
  },
  {
    property: 'review',
    attribute: 'review',
    kind: FLAG,
    default: false,
    effect: 'at once',
    type: 'boolean',
    description: 'Whether the person looks at the picture before it is used, and may retake it.',
  },
  {
    property: 'meter',
    attribute: 'meter',
    kind: oneOf('number', 'word', 'none'),
    default: 'number',
    effect: 'at once',
    type: "'number' | 'word' | 'none'",
    description: 'What shows the quality: a number and a word, the word alone, or nothing.',
  },
  {
    property: 'autostart',
    attribute: 'autostart',
    kind: FLAG,
    default: false,
    effect: 'at once',
    type: 'boolean',
    description: 'Whether the camera starts as soon as the element is in the page.',
  },
  {
    property: 'cameraFacing',
    attribute: 'camera-facing',
    kind: oneOf('user', 'environment'),
    default: 'user',
    effect: 'next start',
    type: "'user' | 'environment'",
    description: 'Which way the camera looks.',
  },
  {
    property: 'mirrored',
    attribute: 'mirrored',
    kind: SWITCH,
    default: null,
    unset: 'a mirror if the camera faces the user',
    effect: 'at once',
    type: 'boolean | null',
    description: 'Whether the preview is a mirror.',
  },
  {
    property: 'upload',
    attribute: 'upload',
    kind: FLAG,
    default: false,
    effect: 'at once',
    type: 'boolean',
    description: 'Whether the person may choose a photo where no camera can be used; the same checks judge it.',
  },
  {
    property: 'name',
    attribute: 'name',
    kind: TEXT,
    default: '',
    effect: 'at once',
    type: 'string',
    description: "Name of the picture in a form's data.",
  },
  {
    property: 'required',
    attribute: 'required',
    kind: FLAG,
    default: false,
    effect: 'at once',
    type: 'boolean',
    description: 'Whether a form needs a picture before it can be submitted.',
  },
  {
    property: 'disabled',
    attribute: 'disabled',
    kind: FLAG,
    default: false,
    effect: 'at once',
    type: 'boolean',
    description: 'Whether the element is out of use; a running camera is stopped.',
  },
  {
    property: 'language',
    attribute: 'language',
    kind: TEXT,
    default: null,
    unset: "the nearest `lang` around the element, then the browser's",
    effect: 'at once',
    type: 'string | null',
    description: 'BCP 47 tag of the language to speak.',
  },
  {
    property: 'crop',
    attribute: 'crop',
    kind: FLAG,
    default: false,
    effect: 'next start',
    type: 'boolean',
    description: 'Whether pictures come with the face aligned for recognition (112 x 112, PNG).',
  },
  {
    property: 'standardMeasures',
    attribute: 'standard-measures',
    kind: FLAG,
    default: false,
    effect: 'next start',
    type: 'boolean',
    description: 'Whether pictures come with the measures of ISO/IEC 29794-5, which are shown below the picture.',
  },
  {
    property: 'explain',
    attribute: 'explain',
    kind: FLAG,
    default: false,
    effect: 'next start',
    type: 'boolean',
    description: 'Whether pictures come with an explanation of their score, which can be shown over the picture.',
  },
  {
    property: 'pictureType',
    attribute: 'picture-type',
    kind: oneOf('image/jpeg', 'image/png', 'image/webp'),
    default: 'image/jpeg',
    effect: 'next start',
    type: "'image/jpeg' | 'image/png' | 'image/webp'",
    description: 'Format of the picture taken; JPEG where the browser cannot write WebP.',
  },
  {
    property: 'backend',
    attribute: 'backend',
    kind: oneOf('auto', 'webgpu', 'cpu'),
    default: 'auto',
    effect: 'next start',
    type: 'BackendChoice',
    description: 'What computes: the GPU (`webgpu`) or the CPU; `auto` takes the GPU where there is one.',
  },
  {
    property: 'method',
    attribute: 'method',
    kind: oneOf(...METHODS),
    default: null,
    unset: '`mc` on a GPU, `limit` on the CPU; without a calibration `mc`',
    effect: 'at once',
    type: 'MethodName | null',
    description: 'How scores are computed: by dropout passes (`mc`), or by their closed-form limit.',
  },
  {
    property: 'passes',
    attribute: 'passes',
    kind: numberFrom(PASSES.min, PASSES.max),
    default: null,
    unset: String(PASSES.default),
    effect: 'at once',
    type: 'number | null',
    description: 'Dropout passes of the method `mc`.',
  },
  {
    property: 'model',
    attribute: 'model',
    kind: TEXT,
    default: null,
    unset: 'the first',
    effect: 'next start',
    type: 'string | null',
    description: 'Name of a recogniser of this build.',
  },
  {
    property: 'landmarks',
    attribute: 'landmarks',
    kind: SWITCH,
    default: null,
    unset: 'true',
    effect: 'next start',
    type: 'boolean | null',
    description: "Whether the pose comes from 468 landmarks instead of the detector's five.",
  },
  {
    property: 'assetBase',
    attribute: 'asset-base',
    kind: TEXT,
    default: null,
    unset: 'the folder of the module',
    effect: 'next start',
    type: 'string | null',
    description: "Folder of the package's files, where they are not next to the module.",
  },
  {
    property: 'guide',
    attribute: null,
    kind: OBJECT,
    default: null,
    unset: 'its defaults',
    effect: 'guide',
    type: 'GuideSettings | null',
    description: 'Further thresholds of the guide.',
  },
  {
    property: 'recogniser',
    attribute: null,
    kind: OBJECT,
    default: null,
    unset: 'one of this build',
    effect: 'next start',
    type: 'OwnRecogniser | null',
    description: 'A recogniser of your own, in place of `model`.',
  },
  {
    property: 'messages',
    attribute: null,
    kind: OBJECT,
    default: null,
    unset: 'the built-in ones',
    effect: 'at once',
    type: 'OwnMessages | null',
    description: 'Own words, in place of the built-in ones.',
  },
]);
