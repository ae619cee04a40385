import mongoose from 'mongoose';
import { z } from 'zod';

const { BSON } = mongoose.mongo;

// A backup file: a line of JSON (the header), the body in gzip, and a line with the SHA-256 of everything before it.
// The body is a sequence of frames: a byte for the kind, then a BSON document, which begins with its own length.
// docs/backup.md describes it for programs in other languages.

/** A backup cannot be taken, or a file cannot be restored. The message is meant for the person at the terminal. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

const FORMAT = 'frontrow-backup';
/** Raised by every change that an older version could not read. */
export const FORMAT_VERSION = 1;

/** Names of collections that a file may hold: none of the database's own. */
const collectionName = z.string().regex(/^(?!system\.)[^$\0]{1,100}$/);

export const backupHeader = z.object({
  format: z.literal(FORMAT),
  version: z.int().min(1),
  /** When the backup was begun, by the clock of the machine that wrote it. */
  createdAt: z.iso.datetime(),
  /** Version of MongoDB that the documents were read from. */
  mongodb: z.string(),
  /** The schema's version; 0 in a database from before versions were counted. */
  schemaVersion: z.int().min(0),
  /** In the order of the body. */
  collections: z.array(collectionName),
});

export type BackupHeader = z.infer<typeof backupHeader>;

/** The number of documents by collection. */
export type DocumentCounts = Record<string, number>;

const frameKinds = { collection: 1, document: 2, end: 3 } as const;

export type BackupFrame =
  | { kind: 'collection'; name: string }
  | { kind: 'document'; bytes: Uint8Array }
  | { kind: 'end'; counts: DocumentCounts };

/** 16 MiB, MongoDB's limit, and what it allows for its own fields. */
const MOST_BYTES = 16 * 1_048_576 + 16_384;
const FEWEST_BYTES = 5;
const KIND_BYTES = 1;
const LENGTH_BYTES = 4;

/** The last line: "sha256 ", 64 hex digits and a line feed. */
export const SEAL_BYTES = 72;

export function sealLine(sha256: string): string {
  return `sha256 ${sha256}\n`;
}

/** The checksum in the last line; null if it is not such a line. */
export function sealedChecksum(line: string): string | null {
  return /^sha256 ([0-9a-f]{64})\n$/.exec(line)?.[1] ?? null;
}

export function headerLine(header: Omit<BackupHeader, 'format' | 'version'>): string {
  return `${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, ...header })}\n`;
}

const KIND_BYTE = {
  collection: Uint8Array.of(frameKinds.collection),
  document: Uint8Array.of(frameKinds.document),
  end: Uint8Array.of(frameKinds.end),
} as const;

/** The bytes of a frame, in two parts, so that no document is copied for its kind. */
export function frameParts(frame: BackupFrame): [kind: Uint8Array, document: Uint8Array] {
  return [KIND_BYTE[frame.kind], documentOf(frame)];
}

function documentOf(frame: BackupFrame): Uint8Array {
  if (frame.kind === 'document') return frame.bytes;
  return BSON.serialize(frame.kind === 'collection' ? { name: frame.name } : { counts: frame.counts });
}

/** Where the frame that begins at `at` ends; null if it goes on behind these bytes. Throws a BackupError for nonsense. */
export function frameEnd(bytes: Buffer, at: number): number | null {
  if (bytes.length < at + KIND_BYTES + LENGTH_BYTES) return null;
  const length = bytes.readInt32LE(at + KIND_BYTES);
  if (length < FEWEST_BYTES || length > MOST_BYTES) throw new BackupError(`a document cannot have ${length} bytes`);
  const end = at + KIND_BYTES + length;
  return end <= bytes.length ? end : null;
}

const collectionFrame = z.object({ name: collectionName });
const endFrame = z.object({ counts: z.record(z.string(), z.int().min(0)) });

/** The frame in these bytes, which must be one frame. Throws a BackupError for nonsense. */
export function toFrame(bytes: Buffer): BackupFrame {
  const document = bytes.subarray(KIND_BYTES);
  switch (bytes[0]) {
    case frameKinds.document:
      return { kind: 'document', bytes: document };
    case frameKinds.collection:
      return { kind: 'collection', name: parsed(collectionFrame, document).name };
    case frameKinds.end:
      return { kind: 'end', counts: parsed(endFrame, document).counts };
    default:
      throw new BackupError(`there is no frame of kind ${bytes[0]}`);
  }
}

function parsed<T>(schema: z.ZodType<T>, document: Uint8Array): T {
  const result = schema.safeParse(BSON.deserialize(document));
  if (!result.success) throw new BackupError('a frame is not what it must be', { cause: result.error });
  return result.data;
}
