/** Wrong uses of the element: each line with `@ts-expect-error` must be an error. Compiled, and never run. */
import type {} from 'serfiq/react';

export const wrong = [
  // @ts-expect-error a quality is a number
  <serfiq-capture threshold="high" />,
  // @ts-expect-error an unknown property
  <serfiq-capture autoCapturing />,
  // @ts-expect-error an unknown backend
  <serfiq-capture backend="gpu" />,
  // @ts-expect-error a picture has no text
  <serfiq-capture onserfiq-capture={({ detail }) => detail.text} />,
];
