/**
 * Returns the element with this id and type. A missing one is a mistake in index.html, and throws at once.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`index.html has no <${type.name}> with id "${id}"`);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Makes a bar that shows a quality, hidden from screen readers: the number stands beside it. @param {number} quality 0 to 100 */
export function makeTrack(quality) {
  const track = make('span', 'photo-track');
  const filled = make('span', 'photo-fill');
  filled.style.inlineSize = `${quality}%`;
  track.append(filled);
  track.setAttribute('aria-hidden', 'true');
  return track;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElementTagNameMap[K]}
 */
export function makeSvg(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Accepts files dropped on an element. @param {HTMLElement} element @param {(files: File[]) => void} take */
export function takeDrops(element, take) {
  element.addEventListener('dragover', () => element.classList.add('dropping'));
  element.addEventListener('dragleave', (event) => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) element.classList.remove('dropping');
  });
  element.addEventListener('drop', (event) => {
    element.classList.remove('dropping');
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
