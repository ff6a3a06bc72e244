/**
 * A tab list after the ARIA pattern: one tab stop, arrow keys, Home and End.
 * @param {HTMLElement} list with role="tablist", its tabs pointing at their panels by aria-controls
 * @param {(panelId: string) => void} onChange
 * @returns {(tab: string) => void} chooses a tab by its id
 */
export function setUpTabs(list, onChange) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role=tab]')]);

  /** @param {HTMLElement} chosen */
  function choose(chosen) {
    if (chosen.getAttribute('aria-selected') === 'true') return;
    for (const tab of tabs) {
      const selected = tab === chosen;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      if (panel) panel.hidden = !selected;
    }
    onChange(chosen.getAttribute('aria-controls') ?? '');
  }

  for (const tab of tabs) tab.addEventListener('click', () => choose(tab));
  list.addEventListener('keydown', (event) => {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const goals = /** @type {Record<string, number>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 });
    if (at < 0 || !(event.key in goals)) return;
    event.preventDefault();
    const goal = tabs[(goals[event.key] + tabs.length) % tabs.length];
    goal.focus();
    choose(goal);
  });

  return (id) => {
    const tab = tabs.find((one) => one.id === id);
    if (tab) choose(tab);
  };
}
