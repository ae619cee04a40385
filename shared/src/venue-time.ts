import { LRUCache } from 'lru-cache';
import type { Locale } from './account.ts';

/** English dates and times are British: 24 hours, day before month. */
const REGION: Readonly<Record<Locale, string>> = { en: 'en-GB', de: 'de-DE' };

/** Cached: creating a format costs as much as the rest of a mail with its calendar file. */
const formats = new LRUCache<string, (at: Date) => string>({ max: 200 });

/**
 * Formats times at a venue, followed by the name of its zone: "20:00 CET", or "14:00 Eastern Standard Time" where the
 * language has no abbreviation but an offset such as "GMT-5". For readers whose own clock is unknown.
 */
export function venueTimeFormat(locale: Locale, timeZone: string, parts: Intl.DateTimeFormatOptions) {
  const key = JSON.stringify([locale, timeZone, parts]);
  const format = formats.get(key) ?? createVenueTimeFormat(locale, timeZone, parts);
  formats.set(key, format);
  return format;
}

function createVenueTimeFormat(locale: Locale, timeZone: string, parts: Intl.DateTimeFormatOptions) {
  const as = (timeZoneName: 'short' | 'long') =>
    new Intl.DateTimeFormat(REGION[locale], { ...parts, timeZone, timeZoneName });
  const [short, long] = [as('short'), as('long')];
  return (at: Date): string => (/\d/.test(zoneNameOf(short, at)) ? long : short).format(at);
}

function zoneNameOf(format: Intl.DateTimeFormat, at: Date): string {
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
