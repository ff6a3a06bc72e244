/** Returns the base URL of relative addresses: the document's or, in a worker, its script's. */
export function baseUrl() {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}
