/**
 * The element's properties and events, in the forms that frameworks use. They follow from the table of properties and the list of events: a new
 * property or event needs no change here.
 */
import type { SerfiqCaptureEvents } from '../element.js';
import type { ElementProperties } from '../properties.js';

/** The properties, such as `autoCapture`. */
export type Properties = Partial<ElementProperties>;

/** The same by the names of their attributes, such as `auto-capture`. */
export type Attributes = { [Name in keyof ElementProperties as Kebab<Name>]?: ElementProperties[Name] };

/** Listeners, such as `onserfiq-capture` with the prefix `on`. */
export type Listeners<Prefix extends string> = {
  [Name in keyof SerfiqCaptureEvents as `${Prefix}${Name}`]?: (event: SerfiqCaptureEvents[Name]) => void;
};

/** The events as the listeners' signatures. */
export type Signatures = { [Name in keyof SerfiqCaptureEvents]: (event: SerfiqCaptureEvents[Name]) => void };

type Kebab<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : Text;
