/** @import { Language } from './language.js' */

/** @typedef {{ deviceId: string, label: string }} Camera `label` is the browser's name; empty without permission */

/** The USB identifiers that Chromium appends. */
const USB = / *\([0-9a-f]{4}:[0-9a-f]{4}\)$/i;
/** Names such as `camera2 1, facing front`, `Camera 0, Facing back, Orientation 90` and `Front Camera`: those of phones. */
const SIDE = /\bfacing[ :]*(front|back)\b|\b(front|back)[ -]facing\b|^(front|back) camera$/i;
/** Names of cameras for infrared light, depth or brightness alone, unless they also mention colour. */
const COLOURLESS = /(?<![a-z])(ir|ir ?cam(era)?|infra-?r\w*|depth|windows hello|mono(chrome)?)(?![a-z])/i;
const COLOURED = /(?<![a-z])(rgb|colou?r)(?![a-z])/i;

/**
 * Returns each camera's name as a person would say it. Equal names are numbered.
 * @param {readonly Camera[]} cameras
 * @param {Language} language
 */
export function namesOf(cameras, language) {
  const { words } = language;
  const names = cameras.map(({ label }) => sideOf(label, words.cameras) ?? (cleaned(label) || words.cameras.label));
  return names.map((name, at) => {
    const isAlone = names.filter((other) => other === name).length === 1;
    return isAlone ? name : `${name} ${language.number(names.slice(0, at + 1).filter((other) => other === name).length)}`;
  });
}

/** Whether a camera's name says that it gives no colours, as those for infrared light and depth do. @param {string} label */
export function isColourlessByName(label) {
  return COLOURLESS.test(label) && !COLOURED.test(label);
}

/** @param {string} label @param {{ front: string, back: string }} words */
function sideOf(label, { front, back }) {
  const [, ...sides] = SIDE.exec(label) ?? [];
  const side = sides.find(Boolean)?.toLowerCase();
  return side && (side === 'front' ? front : back);
}

/** @param {string} label */
function cleaned(label) {
  const name = label.trim().replace(USB, '');
  // Linux repeats the name, and cuts it off: `Integrated Camera: Integrated C`.
  const [, first, second] = /^(.+?): (.+)$/.exec(name) ?? [];
  return second && first.startsWith(second) ? first : name;
}
