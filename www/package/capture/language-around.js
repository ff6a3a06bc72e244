/** Returns the nearest `lang`, from the element itself outwards, across shadow roots. @param {Element} element */
export function languageAround(element) {
  for (const root of rootsAround(element)) {
    const found = root.from.closest('[lang]');
    if (found) return found.getAttribute('lang') ?? '';
  }
  return '';
}

/**
 * Calls back when a `lang` around the element or the browser's languages change.
 * @param {Element} element
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function followLanguage(element, onChange, signal) {
  const observer = new MutationObserver(onChange);
  for (const { root } of rootsAround(element)) observer.observe(root, { attributeFilter: ['lang'], subtree: true });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  window.addEventListener('languagechange', onChange, { signal });
}

/** Yields every tree around an element, from the inside out, each with the node to search from. @param {Element} element */
function* rootsAround(element) {
  for (let from = element; ; ) {
    const root = from.getRootNode();
    yield { from, root };
    if (!(root instanceof ShadowRoot)) return;
    from = root.host;
  }
}
