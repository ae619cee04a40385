import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../test/support/temp-folder.ts';
import type { BackupFrame } from './format.ts';
import { BackupError } from './format.ts';
import type { StoredDocument } from './read-backup.ts';
import { openBackup } from './read-backup.ts';
import { writeBackup } from './write-backup.ts';

const { BSON, Double, Int32, Long, ObjectId } = mongoose.mongo;

const HEADER = { createdAt: '2026-11-29T04:30:00.000Z', mongodb: '6.0.5', schemaVersion: 1 };
const NEVER = new AbortController().signal;

type Collections = Record<string, object[]>;

const SMALL: Collections = {
  events: [{ _id: 'jazz', seats: new Int32(10), price: new Double(1), at: new Date(0) }],
  keys: [],
  users: [
    { _id: new ObjectId(), visits: Long.fromNumber(2 ** 40) },
    { _id: new ObjectId(), photo: Buffer.from('x') },
  ],
};

async function* framesOf(collections: Collections, counts?: Record<string, number>): AsyncGenerator<BackupFrame[]> {
  for (const [name, documents] of Object.entries(collections)) {
    yield [{ kind: 'collection', name }];
    yield documents.map((document) => ({ kind: 'document', bytes: BSON.serialize(document) }));
  }
  const counted = Object.entries(collections).map(([name, { length }]) => [name, length] as const);
  yield [{ kind: 'end', counts: counts ?? Object.fromEntries(counted) }];
}

interface Writing {
  frames?: AsyncIterable<BackupFrame[]>;
  signal?: AbortSignal;
}

/** Writes a backup of these collections into a new folder. */
async function written(t: TestContext, collections = SMALL, { frames, signal = NEVER }: Writing = {}) {
  const folder = await tempFolder(t, 'backup');
  const file = join(folder, 'a.backup');
  const header = { ...HEADER, collections: Object.keys(collections) };
  const writing = writeBackup({ file, header, frames: frames ?? framesOf(collections), signal });
  return { folder, file, writing };
}

async function whole(t: TestContext, collections = SMALL): Promise<string> {
  const { file, writing } = await written(t, collections);
  await writing;
  return file;
}

/** The message of the refusal of a file; throws if it is not refused. */
async function refusalOf(file: string): Promise<string> {
  try {
    await (await openBackup(file)).check();
  } catch (error) {
    if (error instanceof BackupError) return error.message;
    throw error;
  }
  throw new Error(`${file} was not refused`);
}

describe('a backup file', () => {
  it('gives back every document as it was, number types included, and counts them', async (t) => {
    const backup = await openBackup(await whole(t));
    expect(backup.header).toMatchObject({ ...HEADER, collections: ['events', 'keys', 'users'] });
    expect(await backup.check()).toEqual({ events: 1, keys: 0, users: 2 });
    const read: StoredDocument[] = [];
    for await (const document of backup.documents()) read.push(document);
    const expected = Object.entries(SMALL).flatMap(([collection, documents]) =>
      documents.map((document) => ({ collection, bytes: Buffer.from(BSON.serialize(document)) })),
    );
    expect(read.map(({ collection, bytes }) => ({ collection, bytes: Buffer.from(bytes) }))).toEqual(expected);
  });

  it('gives back documents that are larger than what is read at once', async (t) => {
    const texts = [1, 1_000_000, 3, 2_000_000].map((length) => ({ _id: length, text: 'é'.repeat(length) }));
    const backup = await openBackup(await whole(t, { events: texts }));
    const read: unknown[] = [];
    for await (const { bytes } of backup.documents()) read.push(BSON.deserialize(bytes));
    expect(read).toEqual(texts);
  });

  it('is readable for its owner alone, and the only file that is left', async (t) => {
    const { folder, file, writing } = await written(t);
    expect(await writing).toBe((await stat(file)).size);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['a.backup']);
  });

  it('is refused with any of its bytes changed', async (t) => {
    const file = await whole(t);
    const bytes = await readFile(file);
    expect(bytes.length).toBeGreaterThan(300);
    for (const [at, byte] of bytes.entries()) {
      await writeFile(file, bytes.with(at, byte ^ 1));
      expect(await refusalOf(file)).toMatch(/^\S+ (?:is|was) /);
    }
  });

  it('is refused if it is cut off anywhere', async (t) => {
    const file = await whole(t);
    const { size } = await stat(file);
    for (let length = size - 1; length >= 0; length -= 1) {
      await truncate(file, length);
      expect(await refusalOf(file)).toMatch(/ is not whole: its end is missing\.$| is not a backup of Frontrow\.$/);
    }
  });

  it('is refused if something was added to it', async (t) => {
    const file = await whole(t);
    await appendFile(file, '\n');
    expect(await refusalOf(file)).toContain('is not whole');
  });

  it.for([
    ['empty', ''],
    ['of text', 'name,seats\nAlice,2\n'],
    ['of JSON', '{"format":"frontrow-backup"}\n'],
    ['in gzip', gzipSync('{}')],
  ] as const)('is not any file that is %s', async ([, content], t) => {
    const file = join(await tempFolder(t, 'backup'), 'other');
    await writeFile(file, content);
    expect(await refusalOf(file)).toBe(`${file} is not a backup of Frontrow.`);
  });

  it('is neither a folder nor a missing file', async (t) => {
    const folder = await tempFolder(t, 'backup');
    expect(await refusalOf(folder)).toMatch(/is not a file\.$|cannot be read/);
    expect(await refusalOf(join(folder, 'none'))).toMatch(/^The backup cannot be read: ENOENT.*none'\.$/);
  });

  it('of a newer format is refused by its number', async (t) => {
    const file = await whole(t);
    const text = await readFile(file, 'latin1');
    await writeFile(file, text.replace('"version":1', '"version":2'), 'latin1');
    expect(await refusalOf(file)).toContain('a newer version of Frontrow (format 2; this one reads 1)');
  });

  it.for([
    ['fewer documents than it announces', framesOf(SMALL, { events: 1, keys: 0, users: 3 }), /2 documents of users/],
    ['an unannounced collection', framesOf({ ...SMALL, webhooks: [] }), /no collection webhooks here/],
    ['a missing collection', framesOf({ events: [], keys: [] }), /the collection users is missing/],
    ['a document before its collection', early(), /belongs to no collection/],
    ['no end', endless(), /its end is missing/],
  ] as const)('with %s is not written to its end, and leaves nothing behind', async ([, frames, why], t) => {
    const { folder, writing } = await written(t, SMALL, { frames });
    await expect(writing).rejects.toThrow(why);
    expect(await readdir(folder)).toEqual([]);
  });

  it('whose documents cannot be read to their end leaves nothing behind', async (t) => {
    const broken = async function* (): AsyncGenerator<BackupFrame[]> {
      yield* early();
      throw new Error('the database is gone');
    };
    const { folder, writing } = await written(t, SMALL, { frames: broken() });
    await expect(writing).rejects.toThrow('the database is gone');
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is interrupted leaves nothing behind', async (t) => {
    const interrupt = new AbortController();
    const slow = async function* (): AsyncGenerator<BackupFrame[]> {
      yield* early();
      interrupt.abort();
      yield* early();
    };
    const { folder, writing } = await written(t, SMALL, { frames: slow(), signal: interrupt.signal });
    await expect(writing).rejects.toThrow('The backup was interrupted; no file was written.');
    expect(await readdir(folder)).toEqual([]);
  });

  it('never replaces a file, and is not written into a missing folder', async (t) => {
    const file = await whole(t);
    const again = { header: { ...HEADER, collections: [] }, frames: framesOf({}), signal: NEVER };
    const before = await readFile(file);
    await expect(writeBackup({ file, ...again })).rejects.toThrow('exists already');
    expect(await readFile(file)).toEqual(before);
    const inMissing = writeBackup({ file: join(file, '..', 'none', 'b'), ...again });
    await expect(inMissing).rejects.toThrow(/^The backup cannot be written: ENOENT/);
  });
});

async function* early(): AsyncGenerator<BackupFrame[]> {
  yield [{ kind: 'document', bytes: BSON.serialize({ _id: 1 }) }];
}

async function* endless(): AsyncGenerator<BackupFrame[]> {
  for await (const group of framesOf(SMALL)) yield group.filter(({ kind }) => kind !== 'end');
}
