/** Teaches Vue's templates the element: `import type {} from 'serfiq/vue'`. */
import type { EmitFn, HTMLAttributes, PublicProps } from 'vue';
import type { SerfiqCaptureElement } from '../types.js';
import type { Properties, Signatures } from './element.js';

declare module 'vue' {
  interface GlobalComponents {
    'serfiq-capture': new () => SerfiqCaptureElement & { $props: HTMLAttributes & Properties & PublicProps; $emit: EmitFn<Signatures> };
  }
}
