import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { CommandInput } from '#shared/protocol/commands.ts';
import { eventInput } from '#shared/event.ts';
import type { EventChanges } from '#shared/event.ts';
import type { EnsureAdminDeps } from '#server/accounts/ensure-admin.ts';
import { ensureAdmin } from '#server/accounts/ensure-admin.ts';
import type { Bookings } from '#server/booking/bookings.ts';
import type { EventCancellation } from '#server/events/cancel.ts';
import type { EventEditing } from '#server/events/edit.ts';
import type { Waitlist } from '#server/booking/waitlist/waitlist.ts';
import type { Config } from '#server/config.ts';
import type { Sample, SampleDates } from './demo-samples.ts';
import { datesOf, SAMPLES } from './demo-samples.ts';
import type { Log } from '#server/log.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { EventDoc } from '#server/models/event.ts';
import { unwrap } from '#shared/protocol/errors.ts';

export interface DemoDataDeps extends EnsureAdminDeps {
  config: Pick<Config, 'demoData' | 'dataDir' | 'adminEmail'>;
  /** Whether the database is the embedded one; only that is filled without DEMO_DATA=on. */
  embedded: boolean;
  eventCancellation: EventCancellation;
  eventEditing: EventEditing;
  bookings: Bookings;
  waitlist: Pick<Waitlist, 'join'>;
  log: Log;
}

/** One of the samples runs already. */
const MAY_HAVE_BEGUN = { mayBeginInPast: true };

const DEMO_ADMIN = 'admin@frontrow.example';

/**
 * Fills an empty embedded database with an admin and sample events, and moves the samples to new dates at each start.
 * Uses the functions of real events and bookings, so counters, bookings and ledger agree. Resolves with lines for the
 * person at the terminal.
 */
export async function prepareDemoData(deps: DemoDataDeps): Promise<string[]> {
  if (!(await isWanted(deps))) return [];
  const { admin, messages } = await ensureDemoAdmin(deps);
  for (const sample of SAMPLES) await prepareSample(deps, sample, admin.toHexString());
  return messages;
}

/** Whether to prepare samples. `auto`: if the embedded database is empty or already has samples. */
async function isWanted({ config, embedded, models }: DemoDataDeps): Promise<boolean> {
  if (config.demoData === 'off') return false;
  if (config.demoData === 'on') return true;
  if (!embedded) return false;
  if (await models.events.exists({ requestId: { $in: SAMPLES.map((sample) => sample.requestId) } })) return true;
  const foreign = { email: { $nin: [DEMO_ADMIN, config.adminEmail?.toLowerCase() ?? DEMO_ADMIN] } };
  return !(await models.events.exists({})) && !(await models.users.exists(foreign));
}

/** The admin who creates the samples: the configured one, else a demo admin with a new password. */
async function ensureDemoAdmin(deps: DemoDataDeps): Promise<{ admin: Types.ObjectId; messages: string[] }> {
  const { config, models } = deps;
  const email = config.adminEmail?.toLowerCase() ?? DEMO_ADMIN;
  const known = await models.users.findOne({ email }).lean<UserDoc>();
  const file = join(config.dataDir, 'admin.txt');
  if (known) {
    const messages = config.adminEmail
      ? []
      : [`The admin of the sample events is ${email}, its password is in ${file}.`];
    return { admin: known._id, messages };
  }
  const password = randomBytes(12).toString('base64url');
  // Written before the account exists: a server killed in between writes another password.
  await writePassword(config.dataDir, file, `${email}\n${password}\n`);
  await ensureAdmin(deps, email, password);
  const admin = await models.users.findOne({ email }).orFail().lean<UserDoc>();
  return { admin: admin._id, messages: [`Sign in as admin: ${email}, password ${password} (kept in ${file}).`] };
}

async function writePassword(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(file, text, { mode: 0o600 });
  // The mode above applies only to a new file.
  await chmod(file, 0o600);
}

async function prepareSample(deps: DemoDataDeps, sample: Sample, admin: string): Promise<void> {
  const dates = datesOf(sample, deps.now());
  const known = (await storedSample(deps, sample)) ?? (await createSample(deps, sample, dates, admin));
  if (sample.cancelled) return cancelEvent(deps, known, sample.cancelled, admin);
  await updateDates(deps, known, dates, admin);
  // At revision 1 a kill may have interrupted the sales. Repeating them books nothing twice.
  if (known.revision === 1) await sellSeats(deps, sample, known._id.toHexString());
  if (sample.waitlistPartySizes) await joinWaitlist(deps, sample.waitlistPartySizes, known._id.toHexString(), dates);
}

/** The stored event of a sample. A cancelled one cannot be moved, so it counts only until it is over. */
function storedSample({ models, now }: DemoDataDeps, sample: Sample): Promise<EventDoc | null> {
  const marked = sample.cancelled
    ? { requestId: { $regex: `^${requestIdPrefixOf(sample)}` }, startsAt: { $gt: now() } }
    : { requestId: sample.requestId };
  return models.events.findOne(marked).lean<EventDoc>().exec();
}

/** The common start of the request ids of a sample that is created again and again; the date follows it. */
function requestIdPrefixOf(sample: Sample): string {
  return sample.requestId.slice(0, -8);
}

async function createSample(deps: DemoDataDeps, sample: Sample, dates: SampleDates, admin: string): Promise<EventDoc> {
  const day = dates.startsAt.slice(0, 10).replaceAll('-', '');
  const requestId = sample.cancelled ? `${requestIdPrefixOf(sample)}${day}` : sample.requestId;
  const input = { ...eventInput.parse({ ...sample.event, ...dates }), requestId };
  const created = await deps.eventEditing.create(input, admin, MAY_HAVE_BEGUN);
  // Another server on this database may have been first, with slightly different dates.
  if (!created.ok && created.error.code !== 'REQUEST_ID_REUSED') unwrap(created);
  return deps.models.events.findOne({ requestId }).orFail().lean<EventDoc>();
}

async function cancelEvent(deps: DemoDataDeps, known: EventDoc, reason: string, actor: string): Promise<void> {
  if (known.status === 'cancelled') return;
  unwrap(await deps.eventCancellation.cancelEvent({ eventId: known._id.toHexString(), reason }, actor));
}

/** Moves a sample to its new dates; does not write if they are the stored ones. */
async function updateDates(deps: DemoDataDeps, known: EventDoc, dates: SampleDates, admin: string): Promise<void> {
  const changes = Object.fromEntries(
    Object.entries(dates).filter(([name, value]) => known[name as keyof SampleDates]?.toISOString() !== value),
  ) as EventChanges;
  if (known.status === 'cancelled' || Object.keys(changes).length === 0) return;
  const { _id, revision, title } = known;
  const edited = await deps.eventEditing.update(
    { eventId: _id.toHexString(), revision, changes },
    admin,
    MAY_HAVE_BEGUN,
  );
  // The dates may conflict with those that an organiser has set; the organiser's dates stay.
  if (!edited.ok) deps.log.warn({ title, error: edited.error }, 'A sample event keeps its old dates');
}

const PARTY_SIZES = [2, 1, 2, 4, 3, 2, 1];

/** Books seats for demo buyers until `sample.sold` seats are sold. */
async function sellSeats(deps: DemoDataDeps, sample: Sample, eventId: string): Promise<void> {
  if (!sample.sold) return;
  const buyers = await ensureDemoBuyers(deps);
  const bookings: Promise<unknown>[] = [];
  for (let left = sample.sold, index = 0; left > 0; index += 1) {
    const seats = Math.min(left, PARTY_SIZES[index % PARTY_SIZES.length] ?? 1);
    const requestId = requestIdOf(`${eventId} ${index}`);
    const buyer = buyers[index % buyers.length];
    if (buyer) bookings.push(book(deps, { requestId, eventId, seats }, buyer.toHexString()));
    left -= seats;
  }
  await Promise.all(bookings);
}

async function book(deps: DemoDataDeps, input: CommandInput<'book'>, buyer: string): Promise<void> {
  const booked = await deps.bookings.book(input, buyer);
  // After an interrupted first start, other buyers may have taken the seats.
  if (!booked.ok) deps.log.warn({ ...input, error: booked.error }, 'A demo buyer got no seats');
}

/**
 * Puts demo buyers on the waiting list of a sold out sample. The list closes when the sale of a date ends, so each new
 * date needs new entries. Does nothing if seats are free because other buyers have returned them.
 */
async function joinWaitlist(
  deps: DemoDataDeps,
  partySizes: readonly number[],
  eventId: string,
  { startsAt }: SampleDates,
): Promise<void> {
  const buyers = (await ensureDemoBuyers(deps)).toReversed();
  for (const [index, seats] of partySizes.entries()) {
    const requestId = requestIdOf(`${eventId} waits ${startsAt} ${index}`);
    const joined = await deps.waitlist.join({ requestId, eventId, seats }, buyers[index]?.toHexString() ?? '');
    if (!joined.ok) return deps.log.debug({ eventId, error: joined.error }, 'No demo buyers join the waiting list');
  }
}

/** Deterministic request id: repeating the demo sale books nothing twice. */
function requestIdOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const FIRST_NAMES = ['Mira', 'Jonas', 'Aylin', 'Theo', 'Nora', 'Emil', 'Lotte', 'Samir', 'Ida', 'Pavel'];
const LAST_NAMES = ['Brandt', 'Okafor', 'Lindqvist', 'Yilmaz', 'Moreau', 'Novak', 'Fischer'];

/** The accounts of demo buyers. Their random password is not kept, so a sign-in is impossible. */
async function ensureDemoBuyers({ models, passwords, now }: DemoDataDeps): Promise<Types.ObjectId[]> {
  const names = LAST_NAMES.flatMap((last) => FIRST_NAMES.map((first) => ({ first, last })));
  const emails = names.map(({ first, last }) => `${first}.${last}@buyers.frontrow.example`.toLowerCase());
  const known = await models.users.find({ email: { $in: emails } }).lean<UserDoc[]>();
  const missing = emails.filter((email) => !known.some((user) => user.email === email));
  if (missing.length === 0) return sortedIds(known);
  const passwordHash = unwrap(await passwords.hash(randomBytes(32).toString('base64url')));
  const made = missing.map((email): UserDoc => {
    const { first, last } = names[emails.indexOf(email)] ?? { first: 'Demo', last: 'Buyer' };
    const rest = { verified: false, locale: 'en', role: 'user', createdAt: now() } as const;
    return { _id: new Types.ObjectId(), name: `${first} ${last}`, email, passwordHash, ...rest };
  });
  await models.users.collection.insertMany(made);
  return sortedIds([...known, ...made]);
}

/** Ids in a constant order, so that a repeated sale uses the same buyer for each request id. */
function sortedIds(users: readonly UserDoc[]): Types.ObjectId[] {
  return users.toSorted((a, b) => (a.email < b.email ? -1 : 1)).map((user) => user._id);
}
