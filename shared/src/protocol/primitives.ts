import { z } from 'zod';
import { isVisible } from '../text/visible.ts';
import { ianaTimeZone } from './time-zone.ts';

/** A MongoDB ObjectId: 24 hex digits. Replies and pushes have them in lower case. */
export const id = z.string().regex(/^[0-9a-f]{24}$/i, 'Expected 24 hex digits');

/** A time as ISO 8601 in UTC with milliseconds: 2026-11-23T20:00:00.000Z. */
export const time = z.iso.datetime({ precision: 3 });

/** A UUID that the client chooses, one per intent: repeating the command with it creates nothing twice. */
export const requestId = z.guid();

const LONE_SURROGATE_OR_NUL = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Text of at most `max` code points, as JSON Schema counts, without NUL and lone surrogates: they cannot be stored. */
export function text(max: number) {
  return z
    .string()
    .max(max)
    .refine((value) => !LONE_SURROGATE_OR_NUL.test(value), 'Contains a character that cannot be stored');
}

/** Text of one line and at most `max` code points, with at least one visible character. */
export function singleLine(max: number) {
  return text(max)
    .min(1)
    .refine(isVisible, 'Needs at least one visible character')
    .refine((value) => !/[\p{Cc}\u2028\u2029]/u.test(value), 'Must be a single line');
}

/** Text of any lines and at most `max` code points, with at least one visible character. */
export function paragraphs(max: number) {
  return text(max).min(1).refine(isVisible, 'Needs at least one visible character');
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** An ISO 4217 code in upper case: EUR. */
const currency = z.string().refine((value) => CURRENCIES.has(value), 'Expected an ISO 4217 currency code');

/** The highest price of a seat, in minor units: for a million seats the total is still a safe integer. */
export const MAX_PRICE_AMOUNT = 1_000_000_000;

/** An amount in minor units: { amount: 2000, currency: 'EUR' } is twenty euros. */
export const money = z.strictObject({ amount: z.int().min(0), currency });
export type Money = z.infer<typeof money>;

export const MAX_SEATS = 1_000_000;
/** A party size, or the seats of an event. */
export const seats = z.int().min(1).max(MAX_SEATS);

/** An IANA name ("Europe/Berlin"), stored as IANA spells it; an alias ("US/Eastern") becomes the zone that it names. */
export const timeZone = z
  .string()
  .max(64)
  .overwrite((value) => ianaTimeZone(value) ?? value)
  .refine((value) => ianaTimeZone(value) !== null, 'Expected an IANA time zone name');

/** The number of a page, from 1; a page behind the last is empty. */
export const page = z.int().min(1).default(1);
/** The items of a page. */
export const limit = z.int().min(1).max(100).default(20);
