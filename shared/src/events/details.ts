import { z } from 'zod';
import { paragraphs, singleLine, time } from '../protocol/primitives.ts';
import { withoutRepeats } from '../text/filter-key.ts';

const MAX_TAGS = 5;
const MAX_AGE = 21;

/** What people find an event by, and what they need to know before they go; null where an organiser says nothing. */
export const eventDetails = {
  category: z.string().nullable(),
  tags: z.array(z.string()),
  city: z.string().nullable(),
  organiser: z.string().nullable(),
  address: z.string().nullable(),
  doorsAt: time.nullable(),
  minAge: z.int().nullable(),
  accessInfo: z.string().nullable(),
  seating: z.string().nullable(),
};

const fields = {
  category: singleLine(40),
  // Of tags that differ in case and accents alone the first stays.
  tags: z.array(singleLine(30)).max(MAX_TAGS).overwrite(withoutRepeats),
  city: singleLine(80),
  organiser: singleLine(120),
  address: singleLine(300),
  doorsAt: time,
  minAge: z.int().min(0).max(MAX_AGE),
  accessInfo: paragraphs(500),
  seating: singleLine(200),
};

/** The details of a new event, each optional. */
export const newDetailsFields = {
  category: fields.category.optional(),
  tags: fields.tags.optional(),
  city: fields.city.optional(),
  organiser: fields.organiser.optional(),
  address: fields.address.optional(),
  doorsAt: fields.doorsAt.optional(),
  minAge: fields.minAge.optional(),
  accessInfo: fields.accessInfo.optional(),
  seating: fields.seating.optional(),
};

/** The details in an edit: `null` clears them. */
export const detailsChangesFields = {
  category: fields.category.nullable(),
  tags: fields.tags.nullable(),
  city: fields.city.nullable(),
  organiser: fields.organiser.nullable(),
  address: fields.address.nullable(),
  doorsAt: fields.doorsAt.nullable(),
  minAge: fields.minAge.nullable(),
  accessInfo: fields.accessInfo.nullable(),
  seating: fields.seating.nullable(),
};

/** The details of an event that says nothing of itself, nor of its tax. */
export function noDetails() {
  return {
    category: null,
    tags: [] as string[],
    city: null,
    organiser: null,
    address: null,
    doorsAt: null,
    minAge: null,
    accessInfo: null,
    seating: null,
    taxRate: null,
  };
}
