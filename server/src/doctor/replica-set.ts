import type { Db, Document } from 'mongodb';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

/** A member that reports this many seconds late cannot take over without losing the time of a sale. */
const LATE_SECONDS = 10;
const OPLOG_HOURS_WRONG = 1;
const OPLOG_HOURS_LOOK = 24;
const HOUR_SECONDS = 3_600;
/** Below this share of its size the oplog has not begun to drop its oldest entries. */
const OPLOG_FULL = 0.9;

/** Rights that reading needs, as part of the advice. */
export const MONITOR_ADVICE = 'Give the user of MONGO_URI the role clusterMonitor, for this check alone.';

interface Member {
  name: string;
  /** As MongoDB names it: PRIMARY, SECONDARY, ARBITER, … */
  state: string;
  /** Seconds since 1970 of the last write that the member has. */
  optimeSeconds: number;
}

export async function readMembers(database: Db): Promise<Member[]> {
  const status = await database.client.db('admin').command({ replSetGetStatus: 1 });
  return (status['members'] as Document[]).map((member) => ({
    name: String(member['name']),
    state: String(member['stateStr']),
    optimeSeconds: member['optimeDate'] instanceof Date ? member['optimeDate'].getTime() / 1_000 : 0,
  }));
}

/** Whether the set goes on, also without one more member. */
export function judgeMembers(members: readonly Member[]): Finding[] {
  const check = 'replica set';
  const primary = members.find(({ state }) => state === 'PRIMARY');
  if (!primary)
    return [
      wrong(check, 'no primary, so nothing can be sold', 'Start the members that are down: a majority elects one.'),
    ];
  const down = members.filter(({ state }) => !['PRIMARY', 'SECONDARY', 'ARBITER'].includes(state));
  const late = members.filter(
    ({ state, optimeSeconds }) => state === 'SECONDARY' && primary.optimeSeconds - optimeSeconds > LATE_SECONDS,
  );
  const findings = [
    ...down.map(({ name, state }) => wrong(check, `${name} is ${state}`, 'Start it, or read its log.')),
    ...late.map(({ name, optimeSeconds }) =>
      look(
        check,
        `${name} is ${Math.round(primary.optimeSeconds - optimeSeconds)} s behind ${primary.name}`,
        'Look at its disk and network.',
      ),
    ),
  ];
  if (findings.length > 0) return findings;
  const copies = members.filter(({ state }) => state !== 'ARBITER').length;
  if (copies === 1)
    return [look(check, 'one copy of the data', 'Back it up each night, or add members on other machines.')];
  return [good(check, `${members.length} members, ${primary.name} is primary`)];
}

interface Oplog {
  /** From its oldest entry to its newest. */
  hours: number;
  /** Share of its size that is used. */
  used: number;
}

export async function readOplog(database: Db): Promise<Oplog> {
  const { client } = database;
  const status = await client.db('admin').command({ serverStatus: 1, oplog: 1 });
  const { earliestOptime, latestOptime } = status['oplog'] as Record<string, { getHighBits(): number }>;
  const { size, maxSize } = (await client.db('local').command({ collStats: 'oplog.rs' })) as Record<string, number>;
  const seconds = (latestOptime?.getHighBits() ?? 0) - (earliestOptime?.getHighBits() ?? 0);
  return { hours: seconds / HOUR_SECONDS, used: (size ?? 0) / (maxSize ?? 1) };
}

/** How long a member or a server may be away and still go on where it stopped. */
export function judgeOplog({ hours, used }: Oplog): Finding {
  const check = 'oplog';
  const reach = `${hours < 10 ? hours.toFixed(1) : Math.round(hours)} hours`;
  if (used < OPLOG_FULL) return good(check, `${reach} so far, ${Math.round(used * 100)} % of its size used`);
  const advice = 'Enlarge it: db.adminCommand({ replSetResizeOplog: 1, size: MEGABYTES }) on each member.';
  if (hours < OPLOG_HOURS_WRONG) return wrong(check, `reaches back ${reach}`, advice);
  if (hours < OPLOG_HOURS_LOOK) return look(check, `reaches back ${reach}`, advice);
  return good(check, `reaches back ${reach}`);
}

interface WriteConcern {
  /** The default of the set and that of the connection string; undefined: MongoDB's own, a majority. */
  set: { w?: unknown; j?: unknown } | undefined;
  connection: { w?: unknown; j?: unknown } | undefined;
  /** Whether a majority waits for the journal. */
  majorityJournals: boolean;
}

export async function readWriteConcern(database: Db): Promise<WriteConcern> {
  const admin = database.client.db('admin');
  const { defaultWriteConcern } = await admin.command({ getDefaultRWConcern: 1 });
  const { config } = await admin.command({ replSetGetConfig: 1 });
  const { w, j } = database.client.options.writeConcern ?? {};
  return {
    set: defaultWriteConcern as WriteConcern['set'],
    connection: w === undefined && j === undefined ? undefined : { w, j },
    majorityJournals: (config as Document)['writeConcernMajorityJournalDefault'] !== false,
  };
}

/** Bookings name their own write concern; jobs, sessions and notes of mails go by the default. */
export function judgeWriteConcern({ set, connection, majorityJournals }: WriteConcern): Finding {
  const check = 'write concern';
  const effective = connection ?? set ?? { w: 'majority' };
  if (!majorityJournals)
    return wrong(
      check,
      'a majority does not wait for the journal',
      'Set writeConcernMajorityJournalDefault to true: a crash of all members would lose bookings.',
    );
  if (effective.w === 0 || effective.j === false)
    return wrong(check, `w: ${String(effective.w)}, j: ${String(effective.j)}`, 'Take it out of MONGO_URI or the set.');
  if (effective.w !== undefined && effective.w !== 'majority')
    return look(
      check,
      `w: ${String(effective.w)}`,
      'Leave the default, majority: sessions and jobs may be lost with one member. Bookings wait for a majority anyway.',
    );
  return good(check, 'majority, journaled');
}
