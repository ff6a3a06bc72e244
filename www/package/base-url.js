/** Returns what relative addresses are relative to: the document or, in a worker, its script. */
export function baseUrl() {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}
