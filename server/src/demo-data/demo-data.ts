import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { CommandInput } from '#shared/protocol/commands.ts';
import { eventInput } from '#shared/event.ts';
import type { EventChanges } from '#shared/event.ts';
import type { BootstrapDeps } from '#server/accounts/bootstrap.ts';
import { ensureAdmin } from '#server/accounts/bootstrap.ts';
import type { Bookings } from '#server/booking/bookings.ts';
import type { CallOff } from '#server/events/cancel.ts';
import type { Organise } from '#server/events/edit.ts';
import type { Waitlist } from '#server/booking/waitlist/waitlist.ts';
import type { Config } from '#server/config.ts';
import type { Sample, SampleDates } from './demo-samples.ts';
import { datesOf, SAMPLES } from './demo-samples.ts';
import type { Log } from '#server/log.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { EventDoc } from '#server/models/event.ts';
import { unwrap } from '#shared/protocol/errors.ts';

export interface DemoDataDeps extends BootstrapDeps {
  config: Pick<Config, 'demoData' | 'dataDir' | 'adminEmail'>;
  /** Whether the database is the embedded one: somebody else's is never filled unasked. */
  embedded: boolean;
  callOff: CallOff;
  organise: Organise;
  bookings: Bookings;
  waitlist: Pick<Waitlist, 'join'>;
  log: Log;
}

const DEMO_ADMIN = 'admin@frontrow.example';

/**
 * Fills an empty embedded database with an admin and sample events, and gives the samples new dates at each start.
 * Everything goes the way of real events and bookings, so counters, bookings and ledger agree. Returns what to tell
 * the person who starts the server, line by line.
 */
export async function prepareDemoData(deps: DemoDataDeps): Promise<string[]> {
  if (!(await isWanted(deps))) return [];
  const { admin, told } = await demoAdmin(deps);
  for (const sample of SAMPLES) await prepareSample(deps, sample, admin.toHexString());
  return told;
}

/** `auto`: an empty embedded database, and later the samples that are in it. */
async function isWanted({ config, embedded, models }: DemoDataDeps): Promise<boolean> {
  if (config.demoData === 'off') return false;
  if (config.demoData === 'on') return true;
  if (!embedded) return false;
  if (await models.events.exists({ requestId: { $in: SAMPLES.map((sample) => sample.requestId) } })) return true;
  const ours = { email: { $nin: [DEMO_ADMIN, config.adminEmail?.toLowerCase() ?? DEMO_ADMIN] } };
  return !(await models.events.exists({})) && !(await models.users.exists(ours));
}

/** Whose events the samples are: the configured admin, else one with a password made now. */
async function demoAdmin(deps: DemoDataDeps): Promise<{ admin: Types.ObjectId; told: string[] }> {
  const { config, models } = deps;
  const email = config.adminEmail?.toLowerCase() ?? DEMO_ADMIN;
  const known = await models.users.findOne({ email }).lean<UserDoc>();
  const file = join(config.dataDir, 'admin.txt');
  if (known) {
    const told = config.adminEmail ? [] : [`The samples' admin is ${email}; its password is in ${file}.`];
    return { admin: known._id, told };
  }
  const password = randomBytes(12).toString('base64url');
  // Kept before it counts: a server killed in between makes another one.
  await keepPassword(config.dataDir, file, `${email}\n${password}\n`);
  await ensureAdmin(deps, email, password);
  const admin = await models.users.findOne({ email }).orFail().lean<UserDoc>();
  return { admin: admin._id, told: [`Sign in as admin: ${email}, password ${password} (kept in ${file}).`] };
}

async function keepPassword(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(file, text, { mode: 0o600 });
  // The mode above counts for a new file only.
  await chmod(file, 0o600);
}

async function prepareSample(deps: DemoDataDeps, sample: Sample, admin: string): Promise<void> {
  const dates = datesOf(sample, deps.now());
  const known = (await storedSample(deps, sample)) ?? (await createSample(deps, sample, dates, admin));
  if (sample.cancelled) return cancelEvent(deps, known, sample.cancelled, admin);
  await redate(deps, known, dates, admin);
  // Still its first revision: sales may have been cut short by a kill. Each is made once, however often asked for.
  if (known.revision === 1) await sellSeats(deps, sample, known._id.toHexString());
  if (sample.waiting) await queueUp(deps, sample.waiting, known._id.toHexString(), dates);
}

/** A cancelled event takes no edits, so there is a new one as soon as the last is over. */
function storedSample({ models, now }: DemoDataDeps, sample: Sample): Promise<EventDoc | null> {
  const marked = sample.cancelled
    ? { requestId: { $regex: `^${seriesOf(sample)}` }, startsAt: { $gt: now() } }
    : { requestId: sample.requestId };
  return models.events.findOne(marked).lean<EventDoc>().exec();
}

/** The first half of the marks of a sample that is made anew; the day follows. */
function seriesOf(sample: Sample): string {
  return sample.requestId.slice(0, -8);
}

async function createSample(deps: DemoDataDeps, sample: Sample, dates: SampleDates, admin: string): Promise<EventDoc> {
  const day = dates.startsAt.slice(0, 10).replaceAll('-', '');
  const requestId = sample.cancelled ? `${seriesOf(sample)}${day}` : sample.requestId;
  const input = { ...eventInput.parse({ ...sample.event, ...dates }), requestId };
  const made = await deps.organise.create(input, admin);
  // Another server on this database may have been first, with dates a moment apart.
  if (!made.ok && made.error.code !== 'REQUEST_ID_REUSED') unwrap(made);
  return deps.models.events.findOne({ requestId }).orFail().lean<EventDoc>();
}

async function cancelEvent(deps: DemoDataDeps, known: EventDoc, reason: string, actor: string): Promise<void> {
  if (known.status === 'cancelled') return;
  unwrap(await deps.callOff.cancelEvent({ eventId: known._id.toHexString(), reason }, actor));
}

/** Only what differs is changed: a restart on the same day moves nothing. */
async function redate(deps: DemoDataDeps, known: EventDoc, dates: SampleDates, admin: string): Promise<void> {
  const changes = Object.fromEntries(
    Object.entries(dates).filter(([name, value]) => known[name as keyof SampleDates]?.toISOString() !== value),
  ) as EventChanges;
  if (known.status === 'cancelled' || Object.keys(changes).length === 0) return;
  const { _id, revision, title } = known;
  const edited = await deps.organise.update({ eventId: _id.toHexString(), revision, changes }, admin);
  // An organiser may have given it dates that these do not go with: theirs stay.
  if (!edited.ok) deps.log.warn({ title, error: edited.error }, 'A sample event keeps its dates');
}

const PARTIES = [2, 1, 2, 4, 3, 2, 1];

/** Lets demo buyers book until the sample's share of seats is sold. */
async function sellSeats(deps: DemoDataDeps, sample: Sample, eventId: string): Promise<void> {
  if (!sample.sold) return;
  const buyers = await demoBuyers(deps);
  const orders: Promise<unknown>[] = [];
  for (let left = sample.sold, index = 0; left > 0; index += 1) {
    const seats = Math.min(left, PARTIES[index % PARTIES.length] ?? 1);
    const requestId = requestIdOf(`${eventId} ${index}`);
    const buyer = buyers[index % buyers.length];
    if (buyer) orders.push(order(deps, { requestId, eventId, seats }, buyer.toHexString()));
    left -= seats;
  }
  await Promise.all(orders);
}

async function order(deps: DemoDataDeps, input: CommandInput<'book'>, buyer: string): Promise<void> {
  const booked = await deps.bookings.book(input, buyer);
  // Where the first start was cut short, real people may have been quicker.
  if (!booked.ok) deps.log.warn({ ...input, error: booked.error }, 'A demo buyer got no seats');
}

/**
 * Lets demo buyers wait for a sold out sample. Its list closed with the date that it had before, so each new date has a
 * list of its own; where real people have given seats back, there is nothing to wait for.
 */
async function queueUp(
  deps: DemoDataDeps,
  parties: readonly number[],
  eventId: string,
  { startsAt }: SampleDates,
): Promise<void> {
  const buyers = (await demoBuyers(deps)).toReversed();
  for (const [index, seats] of parties.entries()) {
    const requestId = requestIdOf(`${eventId} waits ${startsAt} ${index}`);
    const joined = await deps.waitlist.join({ requestId, eventId, seats }, buyers[index]?.toHexString() ?? '');
    if (!joined.ok) return deps.log.debug({ eventId, error: joined.error }, 'Demo buyers have nothing to wait for');
  }
}

/** The same for the same booking, so that it is made once. */
function requestIdOf(mark: string): string {
  const hex = createHash('sha256').update(mark).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const FIRST_NAMES = ['Mira', 'Jonas', 'Aylin', 'Theo', 'Nora', 'Emil', 'Lotte', 'Samir', 'Ida', 'Pavel'];
const LAST_NAMES = ['Brandt', 'Okafor', 'Lindqvist', 'Yilmaz', 'Moreau', 'Novak', 'Fischer'];

/** Accounts that nobody can sign in to: their password is forgotten as soon as it is made. */
async function demoBuyers({ models, passwords, now }: DemoDataDeps): Promise<Types.ObjectId[]> {
  const people = LAST_NAMES.flatMap((last) => FIRST_NAMES.map((first) => ({ first, last })));
  const emails = people.map(({ first, last }) => `${first}.${last}@buyers.frontrow.example`.toLowerCase());
  const known = await models.users.find({ email: { $in: emails } }).lean<UserDoc[]>();
  const missing = emails.filter((email) => !known.some((user) => user.email === email));
  if (missing.length === 0) return inOrder(known);
  const passwordHash = unwrap(await passwords.hash(randomBytes(32).toString('base64url')));
  const made = missing.map((email): UserDoc => {
    const { first, last } = people[emails.indexOf(email)] ?? { first: 'Demo', last: 'Buyer' };
    const rest = { verified: false, locale: 'en', role: 'user', createdAt: now() } as const;
    return { _id: new Types.ObjectId(), name: `${first} ${last}`, email, passwordHash, ...rest };
  });
  await models.users.collection.insertMany(made);
  return inOrder([...known, ...made]);
}

/** Always the same order, so that a start that goes on where another was cut short asks in the same names. */
function inOrder(users: readonly UserDoc[]): Types.ObjectId[] {
  return users.toSorted((a, b) => (a.email < b.email ? -1 : 1)).map((user) => user._id);
}
