import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db, Document } from 'mongodb';
import { BSON } from 'mongodb';

/** A stored document and its collection. */
export interface Stored {
  collection: string;
  doc: Document;
}

/** What servers store for a moment only, and what says how far they have come. */
const PASSING = ['leases', 'turns', 'rateCounts', 'watermarks'];

function fileOf(version: number): string {
  return join(import.meta.dirname, `version-${version}.jsonl`);
}

/** Whether the data of this version are kept. */
export function isKept(version: number): boolean {
  return existsSync(fileOf(version));
}

/** Every document of a database, in the order of collections and ids. */
export async function readStored(database: Db): Promise<Stored[]> {
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).filter((name) => !PASSING.includes(name));
  const stored: Stored[] = [];
  for (const collection of names.toSorted())
    for (const doc of await database.collection(collection).find().sort({ _id: 1 }).toArray())
      stored.push({ collection, doc });
  return stored;
}

/** Keeps the documents as those that this version writes: a first line with the time, then a line for each. */
export async function keepStored(version: number, stored: readonly Stored[], writtenAt: Date): Promise<void> {
  const lines = [{ writtenAt }, ...stored].map((line) => BSON.EJSON.stringify(line));
  await writeFile(fileOf(version), `${lines.join('\n')}\n`);
}

/** The kept documents of a version, with all times as far from `now` as they were from the time they were written. */
export async function readKept(version: number, now = new Date()): Promise<Stored[]> {
  const lines = (await readFile(fileOf(version), 'utf8')).trim().split('\n');
  const [head, ...stored] = lines.map((line) => BSON.EJSON.parse(line) as Document);
  const shiftMs = now.getTime() - (head?.['writtenAt'] as Date).getTime();
  return stored.map((line) => ({ collection: line['collection'] as string, doc: shifted(line['doc'], shiftMs) }));
}

/** Writes documents into a database as they are, without validators and indexes. */
export async function insertStored(database: Db, stored: readonly Stored[]): Promise<void> {
  for (const [collection, of] of Map.groupBy(stored, (one) => one.collection))
    await database.collection(collection).insertMany(of.map(({ doc }) => doc));
}

function shifted<T>(value: T, shiftMs: number): T {
  if (value instanceof Date) return new Date(value.getTime() + shiftMs) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => shifted(one, shiftMs)) as T;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shifted(of, shiftMs)])) as T;
}

/** The fields of the documents, each once: "events.price.amount: number". A field of lists is named without places. */
export function fieldsOf(stored: readonly Stored[]): string[] {
  const found = new Set<string>();
  const visit = (path: string, value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(`${path}[]`, one);
    else if (isPlain(value)) for (const [name, of] of Object.entries(value)) visit(`${path}.${name}`, of);
    else found.add(`${path}: ${typeName(value)}`);
  };
  for (const { collection, doc } of stored) visit(collection, doc);
  return [...found].toSorted();
}

function isPlain(value: unknown): value is object {
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
}

function typeName(value: unknown): string {
  return value !== null && typeof value === 'object' ? value.constructor.name : value === null ? 'null' : typeof value;
}
