import { make } from './dom.js';
import { reasonOf } from './reasons.js';

/**
 * Makes a disclosure whose content is made when it is first opened. If that fails, it shows why; opening it again tries again.
 * @param {string} className
 * @param {{ summary: string, waiting: string }} texts
 * @param {() => Promise<HTMLElement[]>} makeContent
 */
export function makeOnDemand(className, { summary, waiting }, makeContent) {
  const details = make('details', `on-demand ${className}`);
  const status = make('p', 'quiet');
  status.setAttribute('role', 'status');
  details.append(make('summary', '', summary), status);
  const show = async () => {
    if (!details.open) return;
    details.removeEventListener('toggle', show);
    status.textContent = waiting;
    try {
      const content = await makeContent();
      status.remove();
      details.append(...content);
    } catch (error) {
      status.textContent = reasonOf(error);
      details.addEventListener('toggle', show);
    }
  };
  details.addEventListener('toggle', show);
  return details;
}
