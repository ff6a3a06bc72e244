/** An engine that follows a script, for tests of the element that do not depend on scores. Served in place of the package's `worker.js`. */

/** @import { Explanation, Instruction } from '../../../www/package/types.js' */

/**
 * @typedef {object} Script
 * @property {{ loaded: number, total: number }} [loading] bytes of the models at which loading stops for ever
 * @property {Instruction} [instruction] of every frame
 * @property {number} [quality] of every frame's face; without it there is no score
 * @property {number} [progress] of every frame towards a picture
 * @property {boolean} [takes] whether every frame is the picture
 * @property {Partial<Explanation>} [explanation] of the picture, if it is asked for
 * @property {boolean} [isLate] whether the time is up; the instruction was wrong most of the time
 */

/** Returns the worker's source. @param {Script} script */
export function scriptedEngine(script) {
  return { body: Buffer.from(`(${act})(${JSON.stringify(script)});`) };
}

/** Runs in the worker. @param {Script} script */
function act({ loading, instruction = 'hold_still', quality, progress, takes = false, explanation, isLate = false }) {
  const info = { backend: 'cpu', calibrated: true, guide: { defaults: {} } };
  const answer = (/** @type {any} */ { id }, /** @type {object} */ result) => self.postMessage({ id, result });
  self.onmessage = async ({ data }) => {
    if (data.kind === 'load') {
      if (loading) return self.postMessage({ progress: { what: 'models', ...loading } });
      return answer(data, { info, models: [] });
    }
    if (data.kind !== 'frame') return answer(data, {});
    const { picture } = data;
    const [width, height] = [picture.displayWidth ?? picture.width, picture.displayHeight ?? picture.height];
    const faces = quality === undefined ? [] : [{ box: [0.36 * width, 0.2 * height, 0.28 * width, 0.5 * height], raw: 0.9, quality }];
    const report = { faces, width, height, accepted: instruction === 'hold_still', issues: [] };
    const waiting = progress === undefined ? { state: 'off' } : { state: 'waiting', progress };
    const capture = takes ? { state: 'taken' } : isLate ? { state: 'time_up', fault: instruction } : waiting;
    let taken = null;
    if (takes) {
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext('2d')?.drawImage(picture, 0, 0);
      const explained = data.output.explain && explanation ? { ...report, explanation } : report;
      taken = { blob: await canvas.convertToBlob(), crop: null, report: explained };
    }
    picture.close();
    answer(data, { frame: { ...report, instruction, capture, picture: taken }, taken: null });
  };
}
