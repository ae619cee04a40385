import { createHash } from 'node:crypto';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { EventChanges } from '#shared/event.ts';
import { eventInput } from '#shared/event.ts';
import { unwrap } from '#shared/protocol/errors.ts';
import type { Passwords } from '#server/accounts/passwords.ts';
import type { Bookings } from '#server/booking/bookings.ts';
import type { Waitlist } from '#server/booking/waitlist/waitlist.ts';
import type { Now } from '#server/clock.ts';
import type { EventCancellation } from '#server/events/cancel.ts';
import type { EventEditing } from '#server/events/edit.ts';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { ensureDemoBuyers, isWantedByOthers } from './demo-buyers.ts';
import type { SampleDates } from './demo-samples.ts';
import { datesOf } from './demo-samples.ts';
import type { Sample, SampleDetails } from './sample.ts';

export interface SampleDeps {
  models: Models;
  passwords: Passwords;
  eventCancellation: EventCancellation;
  eventEditing: EventEditing;
  bookings: Bookings;
  waitlist: Pick<Waitlist, 'join'>;
  now: Now;
  log: Log;
}

/**
 * Creates a sample event with its bookings, or moves it to new dates. Leaves it alone once an organiser has edited it, or
 * somebody has booked it: those people know its dates, and would be notified of the new ones. After a booked or
 * cancelled one is over, the sample is created again; after an edited one never.
 */
export async function prepareSample(deps: SampleDeps, sample: Sample, admin: string): Promise<void> {
  const dates = datesOf(sample, deps.now());
  const latest = await latestEventOf(deps, sample);
  const isMovable = latest !== null && (await mayBeMoved(deps, latest));
  if (latest !== null && !isMovable && !(latest.sample && isOver(latest, deps.now()))) return;
  const known = latest !== null && isMovable ? latest : await createSample(deps, sample, { dates, admin, latest });
  if (sample.cancelled) return cancelEvent(deps, known, sample.cancelled, admin);
  await updateSample(deps, known, { ...detailsOf(sample), ...dates }, admin);
  // At revision 1 a kill may have interrupted the sales. Repeating them books nothing twice.
  if (known.revision === 1) await sellSeats(deps, sample, known._id.toHexString());
  if (sample.waitlistPartySizes) await joinWaitlist(deps, sample.waitlistPartySizes, known._id.toHexString(), dates);
}

/** The stored event of a sample, the last one if it was created again. */
async function latestEventOf({ models }: SampleDeps, sample: Sample): Promise<EventDoc | null> {
  const requestId = { $regex: `^(?:${sample.requestId}|${laterRequestIds(sample)})` };
  return models.events.findOne({ requestId }).sort({ startsAt: -1 }).lean<EventDoc>();
}

async function mayBeMoved(deps: SampleDeps, event: EventDoc): Promise<boolean> {
  return event.sample === true && event.status !== 'cancelled' && !(await isWantedByOthers(deps, event._id));
}

function isOver({ startsAt, endsAt }: EventDoc, now: Date): boolean {
  return (endsAt ?? startsAt) <= now;
}

/** Whether an event with this request id was made from the sample. */
export function isRequestOf(sample: Sample, requestId: string | null): boolean {
  return requestId === sample.requestId || requestId?.startsWith(laterRequestIds(sample)) === true;
}

/** How the request ids begin under which a sample is created again; its date follows. */
function laterRequestIds({ requestId }: Sample): string {
  return `f2040000-0000-4000-8${requestId.slice(-1)}00-0000`;
}

async function createSample(
  deps: SampleDeps,
  sample: Sample,
  { dates, admin, latest }: { dates: SampleDates; admin: string; latest: EventDoc | null },
): Promise<EventDoc> {
  const day = dates.startsAt.slice(0, 10).replaceAll('-', '');
  const requestId = latest === null ? sample.requestId : `${laterRequestIds(sample)}${day}`;
  const input = { ...eventInput.parse({ ...sample.event, ...dates }), requestId };
  const created = await deps.eventEditing.create(input, admin, { sample: true });
  // Another server on this database may have been first, with slightly different dates.
  if (!created.ok && created.error.code !== 'REQUEST_ID_REUSED') unwrap(created);
  return deps.models.events.findOne({ requestId }).orFail().lean<EventDoc>();
}

async function cancelEvent(deps: SampleDeps, known: EventDoc, reason: string, actor: string): Promise<void> {
  if (known.status === 'cancelled') return;
  unwrap(await deps.eventCancellation.cancelEvent({ eventId: known._id.toHexString(), reason }, actor));
}

const DETAILS = [
  'category',
  'tags',
  'city',
  'organiser',
  'address',
  'minAge',
  'accessInfo',
  'seating',
] as const satisfies (keyof SampleDetails)[];

/** What the sample says of itself, which an earlier version may not have stored. */
function detailsOf({ event }: Sample): SampleDetails {
  return Object.fromEntries(DETAILS.flatMap((name) => (event[name] === undefined ? [] : [[name, event[name]]])));
}

/** Moves a sample to its new dates, and completes its details; does not write if they are the stored ones. */
async function updateSample(
  deps: SampleDeps,
  known: EventDoc,
  wanted: SampleDates & SampleDetails,
  admin: string,
): Promise<void> {
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(known[name as keyof EventDoc]) !== JSON.stringify(value),
    ),
  ) as EventChanges;
  if (known.status === 'cancelled' || Object.keys(changes).length === 0) return;
  const { _id, revision, version, title } = known;
  const request = { eventId: _id.toHexString(), revision, changes };
  const edited = await deps.eventEditing.update(request, admin, { ofSample: { version } });
  // Another server has changed the event first, or a buyer has just booked.
  if (!edited.ok) deps.log.warn({ title, error: edited.error }, 'A sample event keeps its old dates');
}

const PARTY_SIZES = [2, 1, 2, 4, 3, 2, 1];

/** Books seats for demo buyers until `sample.sold` seats are sold. */
async function sellSeats(deps: SampleDeps, sample: Sample, eventId: string): Promise<void> {
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

async function book(deps: SampleDeps, input: CommandInput<'book'>, buyer: string): Promise<void> {
  const booked = await deps.bookings.book(input, buyer);
  // After an interrupted first start, other buyers may have taken the seats.
  if (!booked.ok) deps.log.warn({ ...input, error: booked.error }, 'A demo buyer got no seats');
}

/**
 * Puts demo buyers on the waiting list of a sold out sample. The list closes when the sale of a date ends, so each new
 * date needs new entries. Does nothing if seats are free because other buyers have returned them.
 */
async function joinWaitlist(
  deps: SampleDeps,
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
