/**
 * Collects the garbage of the start, which is a quarter of the memory of an idle server: V8 would keep it until the server
 * is busy. Does nothing unless Node runs with `--expose-gc`.
 */
export function collectStartGarbage(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
