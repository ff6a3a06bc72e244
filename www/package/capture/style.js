/** The element's styles, as a constructed sheet, which no policy against inline styles blocks. */
const CSS = `
:host {
  --_accent: var(--serfiq-accent, light-dark(#3452cf, #9db2f7));
  --_on-accent: var(--serfiq-on-accent, light-dark(#ffffff, #10142a));
  --_ground: var(--serfiq-ground, light-dark(#ffffff, #191b20));
  --_text: var(--serfiq-text, light-dark(#16181d, #f1f2f5));
  --_quiet: var(--serfiq-quiet, light-dark(#565c68, #a7adba));
  --_radius: var(--serfiq-radius, 20px);
  --_bar: 92px;
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

.frame {
  /* Of the camera's picture, while it is unknown. */
  --_shape: var(--_ratio, 4 / 3);
  --_strip: 64px;
  /* The bar's height as measured: it depends on the words. */
  --_under: max(var(--_bar), var(--_measured, 0px));
  --_tallest: min(100svh - var(--_strip) - var(--_under) - 2px, 640px);
  position: relative;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  overflow: clip;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  background: var(--_ground);
}
.frame > .top { grid-area: top; }
.frame > .stage { grid-area: stage; }
.frame > .bar { grid-area: bar; }
/* A slot has no box of its own, and its content would be placed wherever there is room. */
.frame > slot { grid-area: footer; display: grid; grid-template-columns: minmax(0, 1fr); }
.frame > slot[name='explanation'] { grid-area: explanation; }
.frame > slot[name='measures'] { grid-area: measures; }
.frame { grid-template-areas: 'top' 'stage' 'bar' 'explanation' 'measures' 'footer'; }
/* A tall picture leaves room for the hint above the oval. */
.tall { --_strip: 0px; }
@media (orientation: portrait) and (pointer: coarse) {
  .frame:not(.wide) { --_shape: var(--_ratio, 9 / 16); --_strip: 0px; }
}
@media (pointer: coarse) {
  .frame { --_tallest: calc(100svh - var(--_strip) - var(--_under) - 2px); }
}

.stage { position: relative; display: grid; background: var(--_sunken); }
.stage > * { grid-area: 1 / 1; }
.camera { position: relative; place-self: center; overflow: clip; inline-size: min(100%, (var(--_shape)) * var(--_tallest)); aspect-ratio: var(--_shape); }
.camera > * { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: contain; }
canvas { transition: transform 240ms ease; cursor: zoom-in; }
.mirrored > :is(video, canvas) { scale: -1 1; }
.veil { pointer-events: none; transition: transform 240ms ease, opacity 240ms ease; }
@starting-style {
  .veil { opacity: 0; }
}

/* Over a picture, in either scheme. */
.outline { pointer-events: none; fill: none; }
.scrim { fill: rgb(12 14 20 / 42%); transition: fill 300ms linear; }
.oval { stroke: rgb(255 255 255 / 80%); stroke-width: 0.7%; transition: stroke 240ms linear; }
.ring { stroke: #63d393; stroke-width: 1.5%; stroke-linecap: round; transition: stroke-dasharray 120ms linear; }
.good .oval { stroke: rgb(255 255 255 / 95%); }
.good .scrim { fill: rgb(12 14 20 / 28%); }

.top { position: relative; z-index: 1; block-size: var(--_strip); display: grid; align-content: safe center; justify-items: center; gap: 6px; padding-inline: 12px; }
.tall > .top { inset-block-start: 12px; align-content: start; }
.hint, .notice { display: flex; align-items: center; gap: 10px; padding: 8px 18px; border-radius: 24px; background: rgb(15 16 19 / 84%); color: #fff; text-align: center; text-wrap: balance; }
.hint { font-size: clamp(1rem, 2.2cqi + 0.5rem, 1.3125rem); line-height: 1.3; font-weight: 550; }
.notice { font-size: 0.9375rem; }
.arrow { flex: none; inline-size: 1.25em; block-size: 1.25em; fill: none; stroke: currentcolor; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.arrow.left { rotate: 180deg; }
.arrow.up { rotate: -90deg; }
.arrow.down { rotate: 90deg; }
.arrow.still { stroke: #63d393; }

.message { position: absolute; inset: calc(-1 * var(--_strip)) 0 0; z-index: 2; display: grid; align-content: safe center; justify-items: center; gap: 8px; padding: 20px 24px; background: var(--_sunken); text-align: center; overflow: auto; }
.message.whole { inset-block-end: calc(-1 * var(--_bar)); }
.title { font-size: 1.25rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
.text { max-inline-size: 40ch; color: var(--_quiet); text-wrap: pretty; }
::slotted([slot='privacy']) { max-inline-size: 40ch; margin: 0; color: var(--_quiet); text-wrap: pretty; }
.example { inline-size: 96px; block-size: 112px; fill: none; stroke-linecap: round; stroke-linejoin: round; }
.skin { fill: color-mix(in srgb, #c68c62 80%, var(--_ground)); }
.hair { fill: color-mix(in srgb, #3f2d25 82%, var(--_ground)); }
.body { fill: color-mix(in srgb, var(--_accent) 62%, var(--_ground)); }
.line { stroke: rgb(40 24 16 / 75%); stroke-width: 2; }
.example .ring { stroke: light-dark(#1b7a43, #63d393); stroke-width: 3; }
.eye { fill: rgb(40 24 16 / 85%); }
.badge { fill: light-dark(#1b7a43, #63d393); }
.tick { stroke: var(--_ground); stroke-width: 3; }
.tips { list-style: none; margin: 6px 0; padding: 0; display: grid; gap: 6px; text-align: start; max-inline-size: 40ch; font-size: 0.9375rem; line-height: 1.35; }
.tips li { display: flex; gap: 8px; }
.check { flex: none; inline-size: 1.25em; block-size: 1.25em; fill: none; stroke: light-dark(#1b7a43, #63d393); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.loading { inline-size: min(280px, 80%); margin-block-start: 10px; display: grid; gap: 6px; color: var(--_quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
progress { appearance: none; display: block; inline-size: 100%; block-size: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--_line); color: var(--_accent); }
progress::-webkit-progress-bar { background: var(--_line); }
progress::-webkit-progress-value { background: var(--_accent); }
progress::-moz-progress-bar { background: var(--_accent); }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 16px; padding: 14px 18px; min-block-size: var(--_bar); }
.bar.away { visibility: hidden; }
.meter { flex: 1 1 110px; display: grid; grid-template-columns: auto 1fr; align-items: baseline; gap: 4px 10px; min-inline-size: 0; font-variant-numeric: tabular-nums; }
.number { font-size: 1.75rem; line-height: 1.1; font-weight: 600; letter-spacing: -0.02em; min-inline-size: 1.8em; }
.word { font-weight: 600; color: var(--_band, var(--_quiet)); }
.track { grid-column: 1 / -1; block-size: 6px; border-radius: 3px; background: var(--_line); overflow: hidden; }
.fill { display: block; block-size: 100%; inline-size: 100%; border-radius: 3px; background: var(--_band, transparent); transform-origin: left; transition: transform 120ms linear, background-color 240ms linear; }
[dir='rtl'] .fill { transform-origin: right; }
[data-band='poor'] { --_band: light-dark(#b3261e, #ff8d83); }
[data-band='fair'] { --_band: light-dark(#8f5600, #f2b655); }
[data-band='good'] { --_band: light-dark(#1b7a43, #63d393); }
[data-band='excellent'] { --_band: light-dark(#00707a, #54d0d9); }

details { padding: 0 18px 14px; }
summary { inline-size: fit-content; min-block-size: 44px; align-content: center; color: var(--_accent); font-size: 0.9375rem; cursor: pointer; }
slot:has(+ slot[name='measures']:not([hidden])) > details:not([open]) { padding-block-end: 0; }
details > p { max-inline-size: 64ch; text-wrap: pretty; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 24px; margin: 10px 0; padding: 0; list-style: none; font-size: 0.875rem; line-height: 1.35; }
.legend li { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: 10px; }
/* A tone between the lightest and the darkest skin, in both schemes, and the veil of explanation.js over it. */
.swatch { --_tone: #c79d82; inline-size: 26px; block-size: 18px; border: 1px solid var(--_line); border-radius: 5px; background: var(--_tone); forced-color-adjust: none; }
.swatch.veiled { background: linear-gradient(rgb(24 32 64 / 72%) 0 0), var(--_tone); }
.about { color: var(--_quiet); font-size: 0.875rem; }
.measures { inline-size: 100%; border-collapse: collapse; font-size: 0.9375rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
.measures :is(th, td) { padding-block: 7px; padding-inline: 0 12px; border-block-end: 1px solid var(--_line); text-align: start; vertical-align: middle; font-weight: 400; }
.measures tbody th { overflow-wrap: anywhere; hyphens: auto; }
.measures thead th, .approximate, .unassessed { color: var(--_quiet); }
.measures td:nth-child(2) { white-space: nowrap; }
.measures td:last-child { inline-size: 40%; padding-inline-end: 0; }
.measures tbody tr:last-child > * { border-block-end: 0; }
.measure-quality { display: grid; grid-template-columns: minmax(0, 1fr) 2.2em 5.5em; align-items: center; gap: 10px; }
.measure-track { block-size: 5px; border-radius: 3px; background: var(--_line); overflow: hidden; }
.measure-track > span { display: block; block-size: 100%; background: var(--_band); transform-origin: left; }
[dir='rtl'] .measure-track > span { transform-origin: right; }
.measure-number { text-align: end; }
.measure-word { color: var(--_band); font-weight: 550; }

.buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin-inline-start: auto; }
button { font: inherit; font-weight: 550; min-block-size: 44px; min-inline-size: 44px; padding: 8px 18px; border: 1px solid var(--_line); border-radius: 12px; background: var(--_ground); color: var(--_text); cursor: pointer; }
button:hover:not(:disabled) { background: var(--_sunken); }
button:disabled { cursor: default; opacity: 0.55; }
button.primary { border-color: transparent; background: var(--_accent); color: var(--_on-accent); padding-inline: 24px; }
button.shutter { display: flex; align-items: center; gap: 12px; padding-inline: 16px 24px; min-block-size: 64px; min-inline-size: 64px; border-radius: 32px; }
.lens { inline-size: 32px; block-size: 32px; fill: none; stroke: currentcolor; stroke-width: 2.5; }
.lens :last-child { fill: currentcolor; stroke: none; }
.shutter[aria-disabled='true'] .lens :last-child { opacity: 0.3; }
button.primary:hover:not(:disabled) { background: color-mix(in srgb, var(--_accent) 86%, var(--_text)); }
/* Always in view, however long the texts above it. */
.message > button { position: sticky; inset-block-end: 0; margin-block-start: 14px; }
.picker { font: inherit; min-block-size: 44px; max-inline-size: min(100%, 15rem); padding: 8px 12px; border: 1px solid var(--_line); border-radius: 12px; background: var(--_ground); color: var(--_text); text-overflow: ellipsis; cursor: pointer; }
.picker:disabled { cursor: default; opacity: 0.55; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }

/* On a phone: one row, with a round shutter. */
@container (max-width: 520px) {
  .bar { padding-inline: 14px; gap: 10px; }
  .buttons { gap: 8px; flex-wrap: nowrap; min-inline-size: 0; }
  .buttons > .picker { flex: 0 1 6.5rem; min-inline-size: 44px; }
  .buttons > button { flex: none; }
  .buttons > button:not(.primary) { padding-inline: 12px; }
  button.shutter { justify-content: center; padding: 0; }
  .shutter > span { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .frame:not(.tall) .example { display: none; }
  details { padding-inline: 14px; }
  .measure-quality { grid-template-columns: auto; gap: 0; }
  .measure-number { text-align: start; }
  .measure-track { display: none; }
  .measures td:last-child { inline-size: auto; }
  .pictured > .bar { align-content: center; }
  .pictured .buttons { flex: 1 1 100%; flex-wrap: wrap; align-items: stretch; }
  .pictured .buttons > button { flex: 1 1 0; min-inline-size: 0; }
  .pictured .buttons > .primary { flex-basis: 100%; }
}
@media (orientation: portrait) and (pointer: coarse) {
  .frame:not(.wide) .example { display: block; }
}
/* A phone on its side: hint and buttons beside the picture, which needs the whole height. */
@media (orientation: landscape) and (max-height: 480px) {
  @container (min-width: 520px) {
    .frame { --_strip: 0px; --_bar: 0px; --_side: 216px; --_tallest: calc(100svh - 2px); grid-template: 'stage top' auto 'stage bar' 1fr 'explanation explanation' auto 'measures measures' auto 'footer footer' auto / minmax(0, 1fr) var(--_side); }
    .stage { block-size: calc(100svh - 2px); }
    .top, .tall > .top { block-size: auto; inset: 0; padding: 14px 12px; }
    .hint, .notice { font-size: 1rem; border-radius: 18px; padding-inline: 14px; }
    .bar { flex-flow: column; align-items: stretch; justify-content: flex-end; padding: 14px; }
    .meter { flex: none; }
    .buttons { flex-flow: column; align-items: stretch; margin: 0; }
    button.shutter { justify-content: center; padding-inline: 12px; line-height: 1.25; }
    .message { inset: 0; }
    .message.intro { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); grid-auto-flow: dense; column-gap: 20px; padding-block: 14px; }
    .message.intro > slot[name='idle'] > *, ::slotted([slot='idle']) { grid-column: 1; }
    .message.intro > slot > .tips, .message.intro :is(slot[name='privacy'] > *), .intro > button, ::slotted([slot='privacy']) { grid-column: 2; }
    .message.whole { inset: 0; inset-inline-end: calc(-1 * var(--_side)); }
  }
}

.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; animation: none !important; }
}
@media (forced-colors: active) {
  .fill, .measure-track > span { background: Highlight; }
  .hint, .notice { border: 1px solid CanvasText; }
  .ring { stroke: Highlight; }
}

/* The screen as a lamp, when it is too dark. Everything but the face turns white, slowly even with reduced motion: a sudden change would flash. */
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

/* With a button to choose a photo: the one above keeps clear of it where both stick to the bottom. */
.message > button:has(+ button:not([hidden])) { inset-block-end: 58px; }
.message > button + button { margin-block-start: 6px; }
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
