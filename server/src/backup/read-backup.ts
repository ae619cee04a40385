import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { BackupFrame, BackupHeader, DocumentCounts } from './format.ts';
import { backupHeader, BackupError, FORMAT_VERSION, frameEnd, SEAL_BYTES, sealedChecksum, toFrame } from './format.ts';

/** Longer than any header: a line of a hundred collections. */
const MOST_HEADER_BYTES = 65_536;
const CHUNK_BYTES = 262_144;

/** A document of a backup, in BSON. */
export interface StoredDocument {
  collection: string;
  bytes: Uint8Array;
}

export interface Backup {
  header: BackupHeader;
  /** Reads the whole file; throws a BackupError unless it is as it was written. */
  check(): Promise<DocumentCounts>;
  /** The documents, collection after collection. Throws a BackupError where the file is not what it must be. */
  documents(): AsyncGenerator<StoredDocument>;
}

/** Opens a backup by its header. Throws a BackupError for a file that is none, is not whole, or that is too new. */
export async function openBackup(file: string): Promise<Backup> {
  const { header, start, end, checksum } = await readEnds(file);
  const documents = () => readDocuments({ file, header, start, end });
  return {
    header,
    documents,
    async check() {
      if ((await sha256Of(file, end)) !== checksum)
        throw new BackupError(`${file} is not as it was written: its checksum differs.`);
      const counts: DocumentCounts = Object.fromEntries(header.collections.map((name) => [name, 0]));
      for await (const { collection } of documents()) counts[collection] = (counts[collection] ?? 0) + 1;
      return counts;
    },
  };
}

/** The header, where the body starts and ends (exclusive), and the checksum. */
async function readEnds(file: string) {
  const handle = await open(file).catch((cause: unknown) => {
    throw new BackupError(`The backup cannot be read: ${messageOf(cause)}.`, { cause });
  });
  try {
    const size = await sizeOf(handle, file);
    const first = await bytesAt(handle, 0, Math.min(size, MOST_HEADER_BYTES));
    const headerEnd = first.indexOf('\n') + 1;
    const header = parseHeader(first.toString('utf8', 0, headerEnd), file);
    const end = size - SEAL_BYTES;
    const checksum =
      end <= headerEnd ? null : sealedChecksum((await bytesAt(handle, end, SEAL_BYTES)).toString('latin1'));
    if (checksum === null) throw new BackupError(`${file} is not whole: its end is missing.`);
    return { header, start: headerEnd, end, checksum };
  } finally {
    await handle.close();
  }
}

async function sizeOf(handle: FileHandle, file: string): Promise<number> {
  const found = await handle.stat();
  if (!found.isFile()) throw new BackupError(`${file} is not a file.`);
  return found.size;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function parseHeader(line: string, file: string): BackupHeader {
  const parsed = backupHeader.safeParse(parseJson(line));
  if (!parsed.success) throw new BackupError(`${file} is not a backup of Frontrow.`, { cause: parsed.error });
  const { version } = parsed.data;
  if (version > FORMAT_VERSION)
    throw new BackupError(
      `${file} was written by a newer version of Frontrow (format ${version}; this one reads ${FORMAT_VERSION}).`,
    );
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Any other file: what it holds instead does not matter.
    return null;
  }
}

/** The checksum of the first `end` bytes. */
async function sha256Of(file: string, end: number): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { end: end - 1, highWaterMark: CHUNK_BYTES }), hash);
  return hash.digest('hex');
}

interface Body {
  file: string;
  header: BackupHeader;
  start: number;
  end: number;
}

async function* readDocuments({ file, header, start, end }: Body): AsyncGenerator<StoredDocument> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const source = createReadStream(file, { start, end: end - 1, highWaterMark: CHUNK_BYTES });
  // An error of the source destroys `gunzip` with it, whose reader throws it.
  pipeline(source, gunzip).catch(() => undefined);
  try {
    yield* documentsOf(framesOf(gunzip), header);
  } catch (error) {
    throw new BackupError(`${file} is damaged: ${messageOf(error)}.`, { cause: error });
  } finally {
    gunzip.destroy();
  }
}

/** The frames of a body, whose chunks end anywhere. */
async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<BackupFrame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = frameEnd(rest, at); end !== null; end = frameEnd(rest, at)) {
      yield toFrame(rest.subarray(at, end));
      at = end;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw new BackupError('its last frame is cut off');
}

/** The documents with their collections. Throws a BackupError unless they are those that header and end announce. */
async function* documentsOf(
  frames: AsyncIterable<BackupFrame>,
  { collections }: BackupHeader,
): AsyncGenerator<StoredDocument> {
  const counts: DocumentCounts = {};
  const left = [...collections];
  let collection: string | null = null;
  let ended = false;
  for await (const frame of frames) {
    if (ended) throw new BackupError('it goes on behind its end');
    if (frame.kind === 'end') {
      assertEqual(frame.counts, counts, left);
      ended = true;
    } else if (frame.kind === 'collection') {
      if (frame.name !== left.shift()) throw new BackupError(`it has no collection ${frame.name} here`);
      collection = frame.name;
      counts[collection] = 0;
    } else {
      if (collection === null) throw new BackupError('a document belongs to no collection');
      counts[collection] = (counts[collection] ?? 0) + 1;
      yield { collection, bytes: frame.bytes };
    }
  }
  if (!ended) throw new BackupError('its end is missing');
}

function assertEqual(announced: DocumentCounts, counts: DocumentCounts, left: readonly string[]): void {
  if (left.length > 0) throw new BackupError(`the collection ${left[0]} is missing`);
  const names = new Set([...Object.keys(announced), ...Object.keys(counts)]);
  for (const name of names)
    if (announced[name] !== counts[name])
      throw new BackupError(
        `it has ${counts[name] ?? 0} documents of ${name}, and ${announced[name] ?? 0} are announced`,
      );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
