/** Runs in the page: the engine gets no photo until `sendPhotos()`. A photo is judged for as long as the test wants. */
export function holdPhotos() {
  const { postMessage } = Worker.prototype;
  const held = /** @type {(() => void)[]} */ ([]);
  let holds = true;
  const sendPhotos = () => {
    holds = false;
    held.splice(0).forEach((send) => send());
  };
  Object.assign(window, { held, sendPhotos });
  Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
    const send = () => postMessage.call(this, message, transfer);
    if (holds && message.kind === 'photo') held.push(send);
    else send();
  };
}
