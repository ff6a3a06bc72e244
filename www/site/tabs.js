/**
 * Sets up a tab list that follows the ARIA pattern: one tab stop, arrow keys, Home and End.
 * @param {HTMLElement} list with role="tablist", its tabs pointing at their panels by aria-controls
 * @param {(panel: HTMLElement) => void} onChange called for the first panel too, when it is chosen
 * @returns {(panelId: string) => void} chooses a tab by its panel
 */
export function setUpTabs(list, onChange) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role=tab]')]);
  /** @type {HTMLElement | null} */
  let front = null;

  /** @param {HTMLElement} chosen */
  function choose(chosen) {
    if (chosen === front) return;
    front = chosen;
    for (const tab of tabs) {
      const selected = tab === chosen;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      if (panel) panel.hidden = !selected;
      if (panel && selected) onChange(panel);
    }
    bringIntoSight();
  }

  /** On a narrow screen the list scrolls. */
  function bringIntoSight() {
    if (front) list.scrollTo({ left: front.offsetLeft - (list.clientWidth - front.offsetWidth) / 2 });
  }

  // A phone that is turned leaves less room; words in another language need more.
  const resized = new ResizeObserver(bringIntoSight);
  for (const one of [list, ...tabs]) resized.observe(one);

  for (const tab of tabs) tab.addEventListener('click', () => choose(tab));
  list.addEventListener('keydown', (event) => {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const onward = getComputedStyle(list).direction === 'rtl' ? -1 : 1;
    const goals = /** @type {Record<string, number>} */ ({
      ArrowRight: at + onward, ArrowLeft: at - onward, Home: 0, End: tabs.length - 1,
    });
    if (at < 0 || !(event.key in goals)) return;
    event.preventDefault();
    const goal = tabs[(goals[event.key] + tabs.length) % tabs.length];
    goal.focus();
    choose(goal);
  });

  return (panelId) => choose(tabs.find((tab) => tab.getAttribute('aria-controls') === panelId) ?? tabs[0]);
}
