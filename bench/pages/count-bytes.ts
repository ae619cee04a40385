import type { CDPSession } from '@playwright/test';

/** Counts the bytes over the network from now on, headers included. The session must have `Network` enabled. */
export function countBytes(devtools: CDPSession): () => { scriptBytes: number; totalBytes: number } {
  const scripts = new Set<string>();
  let scriptBytes = 0;
  let totalBytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    if (/javascript/.test(response.mimeType)) scripts.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    totalBytes += encodedDataLength;
    if (scripts.has(requestId)) scriptBytes += encodedDataLength;
  });
  return () => ({ scriptBytes, totalBytes });
}
