/** Teaches Svelte's templates the element: `import type {} from 'serfiq/svelte'`. */
import type { HTMLAttributes } from 'svelte/elements';
import type { SerfiqCaptureElement } from '../types.js';
import type { Attributes, Listeners, Properties } from './element.js';

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'serfiq-capture': HTMLAttributes<SerfiqCaptureElement> & Properties & Attributes & Listeners<'on'> & Listeners<'on:'>;
  }
}
