/** Teaches JSX the element, for React 19: `import type {} from 'serfiq/react'`. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { SerfiqCaptureElement } from '../types.js';
import type { Listeners, Properties } from './element.js';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'serfiq-capture': DetailedHTMLProps<HTMLAttributes<SerfiqCaptureElement>, SerfiqCaptureElement> & Properties & Listeners<'on'>;
    }
  }
}
