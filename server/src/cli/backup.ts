// The process of `npm run backup`: writes the whole database, as of one moment, to a file.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backupName, pruneBackups } from '#server/backup/backup-folder.ts';
import { takeBackup } from '#server/backup/take-backup.ts';
import { countsText } from './backup-text.ts';
import { CliError, runProgram, withConnection } from './cli.ts';

const COMMAND = 'npm run backup';
const USAGE = `Usage: ${COMMAND} -- FILE
       ${COMMAND} -- FOLDER/ [--keep N]

Writes all that the database holds, as of one moment, to a new file, while servers go on selling. With a folder the file
gets the time (UTC) as its name, such as frontrow-2026-11-29T04-30-00Z.backup; --keep N then removes all backups with such
names in that folder but the newest N. The database is that of MONGO_URI or DATA_DIR, as of the server.
The file holds the keys of tickets and sessions, password hashes and personal data: keep it secret.`;

const PROGRESS_MS = 5_000;
const MOST_KEPT = 9_999;

interface BackupArguments {
  /** Made if missing; only a file that is named itself must have its folder already. */
  folder: string;
  /** Null: named by the time. */
  file: string | null;
  keep: number | null;
}

async function readArguments(args: string[]): Promise<BackupArguments> {
  const { values, positionals } = parse(args);
  const [path, ...more] = positionals;
  if (!path || more.length > 0) throw new CliError(USAGE);
  const keep = values.keep === undefined ? null : toKeep(values.keep);
  if (path.endsWith('/') || (await isFolder(path))) return { folder: resolve(path), file: null, keep };
  if (keep !== null)
    throw new CliError(`--keep needs a folder, in which backups are named by their time: "${path}/" for example.`);
  return { folder: dirname(resolve(path)), file: resolve(path), keep };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { keep: { type: 'string' } } });
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

function toKeep(text: string): number {
  const keep = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (keep < 1) throw new CliError(`--keep must be a whole number from 1 to ${MOST_KEPT} (it is "${text}").`);
  return keep;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: Error) => {
    throw new CliError(`The folder ${folder} cannot be made: ${cause.message}.`, { cause });
  });
}

/** Aborts at the first SIGINT or SIGTERM, so that no part of a file stays behind. */
function interrupted(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  return interrupt.signal;
}

/** Prints the number of documents every few seconds. */
function showProgress(): (documents: number) => void {
  let shownMs = performance.now();
  return (documents) => {
    if (performance.now() - shownMs < PROGRESS_MS) return;
    shownMs = performance.now();
    console.error(`${documents.toLocaleString('en')} documents …`);
  };
}

await runProgram(async (args) => {
  const { folder, file: named, keep } = await readArguments(args);
  const now = () => new Date();
  const file = named ?? join(folder, backupName(now()));
  if (named === null) await makeFolder(folder);
  const { counts, bytes } = await withConnection(COMMAND, async (connection) => {
    const client = connection.getClient();
    const database = client.db(connection.name);
    return takeBackup({ client, database, file, now, signal: interrupted(), onRead: showProgress() });
  });
  console.log(`Wrote ${file}: ${countsText(counts)}, ${(bytes / 1e6).toFixed(1)} MB.`);
  console.log('It holds the keys of tickets and sessions, password hashes and personal data: keep it secret.');
  const removed = keep === null ? [] : await pruneBackups(folder, keep, now());
  if (removed.length > 0) console.log(`Removed ${removed.length} older: ${removed.join(', ')}.`);
  return 0;
});
