import type { Readable } from 'node:stream';

/**
 * The bytes of an upload. Ends at the first byte too many, or when the client breaks off. What comes after that is dropped
 * as it arrives, so that a client that is still sending can read the answer.
 */
export function readUpload(body: Readable, maxBytes: number): Promise<Buffer | 'too_big' | 'incomplete'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      body.off('data', onData).resume();
      resolve('too_big');
    };
    body.on('data', onData);
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', () => resolve('incomplete'));
    body.once('close', () => resolve('incomplete'));
  });
}
