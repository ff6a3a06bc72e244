/** The element's styles, as a constructed sheet, which no policy against inline styles blocks. */
const CSS = `
:host {
  --_accent: var(--serfiq-accent, light-dark(#3452cf, #9db2f7));
  --_on-accent: var(--serfiq-on-accent, light-dark(#ffffff, #10142a));
  --_ground: var(--serfiq-ground, light-dark(#ffffff, #191b20));
  --_text: var(--serfiq-text, light-dark(#16181d, #f1f2f5));
  --_quiet: var(--serfiq-quiet, light-dark(#565c68, #a7adba));
  --_radius: var(--serfiq-radius, 20px);
  --_tallest: min(78svh, 720px);
  --_bar: 74px;
  --_sunken: color-mix(in srgb, var(--_ground) 93%, var(--_text));
  --_line: color-mix(in srgb, var(--_ground) 86%, var(--_text));
  display: block;
  container-type: inline-size;
  color: var(--_text);
  font: 400 1rem/1.5 var(--serfiq-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif);
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p { margin: 0; }

.frame { display: grid; grid-template-columns: minmax(0, 1fr); overflow: clip; border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--_ground); }

.stage { position: relative; display: grid; min-block-size: min(320px, var(--_tallest)); background: var(--_sunken); }
.stage > * { grid-area: 1 / 1; }
.camera { position: relative; place-self: center; inline-size: min(100%, var(--_ratio, 4 / 3) * var(--_tallest)); aspect-ratio: var(--_ratio, 4 / 3); }
.camera > * { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: contain; }
.mirrored > video { scale: -1 1; }

/* Over a picture, in either scheme. */
.outline { pointer-events: none; fill: none; }
.scrim { fill: rgb(12 14 20 / 42%); transition: fill 300ms linear; }
.oval { stroke: rgb(255 255 255 / 80%); stroke-width: 0.7%; transition: stroke 240ms linear; }
.ring { stroke: #63d393; stroke-width: 1.5%; stroke-linecap: round; transition: stroke-dasharray 120ms linear; }
.good .oval { stroke: rgb(255 255 255 / 95%); }
.good .scrim { fill: rgb(12 14 20 / 28%); }

.top { position: relative; z-index: 1; align-self: start; justify-self: center; display: grid; justify-items: center; gap: 8px; padding: 14px; }
.hint, .notice { display: flex; align-items: center; gap: 10px; padding: 10px 18px; border-radius: 24px; background: rgb(15 16 19 / 84%); color: #fff; text-align: center; text-wrap: balance; }
.hint { font-size: clamp(1rem, 2.2cqi + 0.5rem, 1.3125rem); line-height: 1.35; font-weight: 550; }
.notice { font-size: 0.9375rem; }
.arrow { flex: none; inline-size: 1.25em; block-size: 1.25em; fill: none; stroke: currentcolor; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.arrow.left { rotate: 180deg; }
.arrow.up { rotate: -90deg; }
.arrow.down { rotate: 90deg; }
.arrow.still { stroke: #63d393; }

.message { position: absolute; inset: 0; z-index: 1; display: grid; align-content: safe center; justify-items: center; gap: 8px; padding: 28px 24px; background: var(--_sunken); text-align: center; overflow: auto; }
.message.whole { inset-block-end: calc(-1 * var(--_bar)); }
.title { font-size: 1.25rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
.text { max-inline-size: 40ch; color: var(--_quiet); text-wrap: pretty; }
::slotted([slot='privacy']) { max-inline-size: 40ch; margin: 0; color: var(--_quiet); text-wrap: pretty; }
.mark { inline-size: 64px; block-size: 64px; margin-block-end: 6px; fill: none; stroke: var(--_quiet); stroke-width: 2.5; stroke-linecap: round; }
.loading { inline-size: min(280px, 80%); margin-block-start: 10px; display: grid; gap: 6px; color: var(--_quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
progress { appearance: none; display: block; inline-size: 100%; block-size: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--_line); color: var(--_accent); }
progress::-webkit-progress-bar { background: var(--_line); }
progress::-webkit-progress-value { background: var(--_accent); }
progress::-moz-progress-bar { background: var(--_accent); }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 16px; padding: 14px 18px; min-block-size: var(--_bar); }
.bar.away { visibility: hidden; }
.meter { flex: 1 1 190px; display: grid; grid-template-columns: auto 1fr; align-items: baseline; gap: 4px 10px; min-inline-size: 0; font-variant-numeric: tabular-nums; }
.number { font-size: 1.75rem; line-height: 1.1; font-weight: 600; letter-spacing: -0.02em; min-inline-size: 1.8em; }
.word { font-weight: 600; color: var(--_band, var(--_quiet)); }
.track { grid-column: 1 / -1; block-size: 6px; border-radius: 3px; background: var(--_line); overflow: hidden; }
.fill { display: block; block-size: 100%; inline-size: 100%; border-radius: 3px; background: var(--_band, transparent); transform-origin: left; transition: transform 120ms linear, background-color 240ms linear; }
[dir='rtl'] .fill { transform-origin: right; }
[data-band='poor'] { --_band: light-dark(#b3261e, #ff8d83); }
[data-band='fair'] { --_band: light-dark(#8f5600, #f2b655); }
[data-band='good'] { --_band: light-dark(#1b7a43, #63d393); }
[data-band='excellent'] { --_band: light-dark(#00707a, #54d0d9); }

.buttons { display: flex; flex-wrap: wrap; gap: 10px; margin-inline-start: auto; }
button { font: inherit; font-weight: 550; min-block-size: 44px; min-inline-size: 44px; padding: 8px 18px; border: 1px solid var(--_line); border-radius: 12px; background: var(--_ground); color: var(--_text); cursor: pointer; }
button:hover:not(:disabled) { background: var(--_sunken); }
button:disabled { cursor: default; opacity: 0.55; }
button.primary { border-color: transparent; background: var(--_accent); color: var(--_on-accent); padding-inline: 24px; }
button.primary:hover:not(:disabled) { background: color-mix(in srgb, var(--_accent) 86%, var(--_text)); }
.message button { margin-block-start: 14px; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }

.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; animation: none !important; }
}
@media (forced-colors: active) {
  .fill { background: Highlight; }
  .hint, .notice { border: 1px solid CanvasText; }
  .ring { stroke: Highlight; }
}

/* The screen as a lamp, when it is too dark. All but the face turns white, slowly, also where motion is to be reduced: a change at once would flash. */
.frame, .stage { transition: background-color 1500ms ease-in-out !important; }
.light .scrim { transition: fill 1500ms ease-in-out !important; }
.light {
  color-scheme: light;
  --_ground: #fff;
  --_sunken: #fff;
  --_line: #e4e5e8;
  --_text: #16181d;
  --_quiet: #565c68;
}
.frame.light { color: var(--_text); }
.light .scrim, .light .good .scrim { fill: rgb(255 255 255 / 94%); }
.light .oval, .light .good .oval { stroke: rgb(12 14 20 / 40%); }
.light .ring { stroke: #1b7a43; }

/* The list of cameras. */
.picker { font: inherit; min-block-size: 44px; max-inline-size: min(100%, 15rem); padding: 8px 12px; border: 1px solid var(--_line); border-radius: 12px; background: var(--_ground); color: var(--_text); text-overflow: ellipsis; cursor: pointer; }
.picker:disabled { cursor: default; opacity: 0.55; }
`;

/** @type {CSSStyleSheet[] | null} */
let sheets = null;

/** Returns the sheet that all elements of the page share; none in test environments that cannot construct one. */
export function styleSheets() {
  sheets ??= 'replaceSync' in (globalThis.CSSStyleSheet?.prototype ?? {}) ? [construct()] : [];
  return sheets;
}

function construct() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  return sheet;
}
