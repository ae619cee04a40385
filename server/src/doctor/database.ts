import { statfs } from 'node:fs/promises';
import type { Db } from 'mongodb';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

/** A second is usual between machines that set their clocks by NTP. */
const SKEW_LOOK_MS = 1_000;
const SKEW_WRONG_MS = 30_000;

/** How far this machine's clock is ahead of the database's; all times go by the database's. */
export function judgeClock(skewMs: number): Finding {
  const check = 'clock';
  const size = Math.abs(skewMs);
  if (size < SKEW_LOOK_MS) return good(check, `${size} ms from the database's`);
  const found = `${(size / 1_000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the database's`;
  const advice = 'Let NTP set the clocks of both machines.';
  return size < SKEW_WRONG_MS ? look(check, found, advice) : wrong(check, found, advice);
}

/** The major versions that the tests run with. */
const TESTED = [6];

export function judgeVersion(version: string): Finding {
  const check = 'MongoDB';
  if (TESTED.includes(Number.parseInt(version, 10))) return good(check, version);
  return look(
    check,
    version,
    `Frontrow is tested with MongoDB ${TESTED.join(', ')}: try a sale before you rely on it.`,
  );
}

interface Room {
  freeBytes: number;
  totalBytes: number;
}

const GIB = 1024 ** 3;
const FREE_WRONG_BYTES = GIB;
const FREE_LOOK_BYTES = 5 * GIB;
const FREE_LOOK_SHARE = 0.1;

/** Room on the disk of an embedded database. */
export async function readLocalRoom(folder: string): Promise<Room> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Room on the disk of the primary. */
export async function readRemoteRoom(database: Db): Promise<Room> {
  const { fsUsedSize = 0, fsTotalSize = 0 } = (await database.command({ dbStats: 1 })) as Record<string, number>;
  return { freeBytes: fsTotalSize - fsUsedSize, totalBytes: fsTotalSize };
}

/** A full disk stops every sale. */
export function judgeRoom({ freeBytes, totalBytes }: Room): Finding {
  const check = 'disk';
  const share = totalBytes > 0 ? freeBytes / totalBytes : 0;
  const found = `${(freeBytes / GIB).toFixed(1)} GiB free of ${(totalBytes / GIB).toFixed(1)} (${Math.round(share * 100)} %)`;
  const advice = 'Make room, or enlarge the disk of the database: a full one stops every sale.';
  if (freeBytes < FREE_WRONG_BYTES) return wrong(check, found, advice);
  return freeBytes < FREE_LOOK_BYTES || share < FREE_LOOK_SHARE ? look(check, found, advice) : good(check, found);
}

/** `changes`: what the start of this version would change of the database, a line each. */
export function judgeSchema(changes: readonly string[]): Finding[] {
  const check = 'schema';
  if (changes.length === 0) return [good(check, 'collections, validators and indexes are those of this version')];
  const advice = 'Start the server of this version once, with a user who has the role dbAdmin.';
  return changes.map((change) => wrong(check, `to be done: ${change.trim()}`, advice));
}
