/** Teaches JSX the element: its attributes and properties, and its events as React calls them. */
import type { SerfiqCaptureElement, SerfiqCaptureEvents } from 'serfiq/capture';
import type { DetailedHTMLProps, HTMLAttributes } from 'react';

type Handlers = { [Name in keyof SerfiqCaptureEvents as `on${Name}`]?: (event: SerfiqCaptureEvents[Name]) => void };
type Properties = Partial<Omit<SerfiqCaptureElement, keyof HTMLElement>>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'serfiq-capture': DetailedHTMLProps<HTMLAttributes<SerfiqCaptureElement>, SerfiqCaptureElement> & Properties & Handlers;
    }
  }
}
