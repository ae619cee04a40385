import { datesOf, SAMPLES } from '#server/demo-data/demo-samples.ts';
import type { Sample } from '#server/demo-data/sample.ts';
import { isRequestOf } from '#server/demo-data/prepare-sample.ts';
import type { EventDoc } from '#server/models/event.ts';
import { changeInBatches } from '../batches.ts';

/** What a sample is recognised by, and the revision that the mark was decided on. */
const FIELDS = [
  'requestId',
  'revision',
  'title',
  'description',
  'venue',
  'timeZone',
  'totalSeats',
  'price',
  'startsAt',
  'endsAt',
  'updatedAt',
] as const;

/** Marks the samples that an earlier version has stored without a mark, unless an organiser has edited them. */
export const markSamples = changeInBatches<EventDoc>({
  name: 'Mark sample events',
  collection: 'events',
  outstanding: { requestId: { $regex: '^f2040000-' }, sample: { $exists: false } },
  fields: FIELDS,
  change(event) {
    const sample = SAMPLES.find((one) => isRequestOf(one, event.requestId));
    const mark = { sample: sample !== undefined && isUnedited(event, sample) };
    return { guard: { revision: event.revision }, update: { $set: mark } };
  },
});

/** Compares texts, seats and price, and the dates: those of a sample follow from the day of its last edit. */
function isUnedited(event: EventDoc, sample: Sample): boolean {
  // Earlier versions had no sample with several prices.
  if (!('price' in sample.event)) return false;
  const { title, description, venue, timeZone, totalSeats, price } = sample.event;
  const { startsAt, endsAt } = datesOf(sample, event.updatedAt);
  const expected = [title, description, venue, timeZone, totalSeats, price.amount, price.currency, startsAt, endsAt];
  const stored = [event.title, event.description, event.venue, event.timeZone, event.totalSeats];
  stored.push(
    event.price.amount,
    event.price.currency,
    event.startsAt.toISOString(),
    event.endsAt?.toISOString() ?? '',
  );
  return expected.every((value, index) => value === stored[index]);
}
