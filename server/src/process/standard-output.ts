import { fstatSync, write } from 'node:fs';
import type { WriteBytes } from '#server/log-sink.ts';

/** The standard output of this process, as a log writes to it. */
interface StandardOutput {
  writeBytes: WriteBytes;
  /** Whether a write that does not end occupies a thread, which `process.exit` would wait for. */
  occupiesThread: boolean;
}

/**
 * Writes to the standard output of this process. Pipes and sockets are written by Node's stream, which does not wait for
 * their reader; files and terminals by a thread beside the event loop, because that stream ignores partial writes.
 */
export function openStandardOutput(): StandardOutput {
  const { stdout, stderr } = process;
  // Each failed write calls back; without a listener the event of the failure would end the process.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const kind = fstatSync(stdout.fd);
  if (kind.isFIFO() || kind.isSocket()) {
    const writeBytes: WriteBytes = (bytes, done) =>
      void stdout.write(bytes, (error) => done(error ?? null, bytes.length));
    return { writeBytes, occupiesThread: false };
  }
  return { writeBytes: (bytes, done) => write(stdout.fd, bytes, done), occupiesThread: true };
}
