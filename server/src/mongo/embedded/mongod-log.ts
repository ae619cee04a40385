import { closeSync, fstatSync, openSync, renameSync, write } from 'node:fs';
import { join } from 'node:path';
import { createLogSink, type WriteBytes } from '#server/log-sink.ts';

const LIMIT_BYTES = 20 * 1024 * 1024;
/** How long closing waits for the last lines. */
const FINISH_MS = 1_000;

/** The log of mongod in `mongod.log`; the file before it is kept as `mongod.log.1`. A full disk costs only its lines. */
export function openMongodLog(dataDir: string) {
  const file = createLogFile(join(dataDir, 'mongod.log'));
  const sink = createLogSink({ writeBytes: file.writeBytes, recovered: () => undefined });
  return {
    addLine: (line: string) => sink.addLine(`${line}\n`),
    async close(): Promise<void> {
      await sink.finish(FINISH_MS);
      file.close();
    },
  };
}

/** A file that is opened at the first write, and again after a failure: it may not even be possible to create it. */
function createLogFile(path: string) {
  let opened: { descriptor: number; bytes: number } | null = null;

  function open(): { descriptor: number; bytes: number } {
    const descriptor = openSync(path, 'a');
    return { descriptor, bytes: fstatSync(descriptor).size };
  }

  function close(): void {
    if (opened) closeSync(opened.descriptor);
    opened = null;
  }

  function openWithRoom(): { descriptor: number; bytes: number } {
    opened ??= open();
    if (opened.bytes <= LIMIT_BYTES) return opened;
    close();
    renameSync(path, `${path}.1`);
    return (opened = open());
  }

  const writeBytes: WriteBytes = (bytes, done) => {
    try {
      const current = openWithRoom();
      write(current.descriptor, bytes, (error, written) => {
        if (!error) current.bytes += written;
        done(error, written);
      });
    } catch (error) {
      queueMicrotask(() => done(error as Error, 0));
    }
  };
  return { writeBytes, close };
}
