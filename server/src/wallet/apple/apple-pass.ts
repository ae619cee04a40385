import type { EventDoc } from '#server/models/event.ts';
import { posterColors } from '#shared/poster/poster-colors.ts';
import { placeOf } from '#shared/text/place.ts';
import { isoWithOffset } from '#shared/time/wall-clock.ts';
import type { PassSubject } from '../pass-subjects.ts';
import { passTextsOf } from '../pass-texts.ts';
import type { AppleWalletConfig } from './apple-keys.ts';

/** A pass without an end counts as past so long after its start. */
const LASTS_MS = 12 * 3_600_000;

/** A field of a pass; `label` is translated by `PASS_STRINGS`. */
interface PassField {
  key: string;
  label?: string;
  value: string | number;
  changeMessage?: string;
  dateStyle?: string;
  timeStyle?: string;
  ignoresTimeZone?: true;
}

interface PassContext {
  config: Pick<AppleWalletConfig, 'passTypeId' | 'teamId'>;
  siteName: string;
  /** The public address of the site. */
  origin: string;
  tokenOf(serial: string): string;
}

/** The labels in other languages than English, in which the pass itself is written. A device chooses. */
export const PASS_STRINGS = {
  de: {
    Date: 'Datum',
    Venue: 'Ort',
    Starts: 'Beginn',
    Tickets: 'Tickets',
    Ticket: 'Ticket',
    Seats: 'Plätze',
    Name: 'Name',
    'Booking code': 'Buchungscode',
    Place: 'Adresse',
    'Doors open': 'Einlass',
    Ends: 'Ende',
    'Minimum age': 'Mindestalter',
    Accessibility: 'Barrierefreiheit',
    'On the web': 'Im Web',
    Note: 'Hinweis',
    'Sample event: it does not take place.': 'Beispiel: Die Veranstaltung findet nicht statt.',
    'The start is now %@.': 'Der Beginn ist jetzt %@.',
    'The venue is now %@.': 'Der Ort ist jetzt %@.',
    'Your tickets are now %@.': 'Ihre Tickets sind jetzt %@.',
  },
} as const;

/**
 * The contents of a pass (`pass.json`), an event ticket. Times are those of the venue, wherever the device is. A ticket
 * that is not valid has no code, and is voided.
 */
export function applePassOf(subject: PassSubject, { config, siteName, origin, tokenOf }: PassContext) {
  const { event, serial, ticket } = subject;
  const { block, tint } = posterColors(event._id.toHexString());
  const code = passTextsOf(subject).code;
  const start = event.startsAt.toISOString();
  const end = event.endsAt ?? new Date(event.startsAt.getTime() + LASTS_MS);
  return {
    formatVersion: 1 as const,
    passTypeIdentifier: config.passTypeId,
    teamIdentifier: config.teamId,
    serialNumber: serial,
    organizationName: siteName,
    logoText: siteName,
    description: event.title,
    groupingIdentifier: `event-${event._id.toHexString()}`,
    foregroundColor: 'rgb(255, 255, 255)',
    backgroundColor: rgbOf(block),
    labelColor: rgbOf(tint),
    relevantDate: start,
    relevantDates: [{ relevantDate: start }],
    expirationDate: end.toISOString(),
    ...(ticket === null ? { voided: true } : { barcodes: [barcodeOf(ticket, code)] }),
    // Devices ask over https alone.
    ...(origin.startsWith('https:') && {
      webServiceURL: `${origin}/api/wallet`,
      authenticationToken: tokenOf(serial),
    }),
    eventTicket: fieldsOf(subject, origin),
  };
}

function barcodeOf(message: string, altText: string | null) {
  return {
    format: 'PKBarcodeFormatQR' as const,
    message,
    messageEncoding: 'iso-8859-1',
    ...(altText !== null && { altText }),
  };
}

function fieldsOf(subject: PassSubject, origin: string) {
  const { event, holder } = subject;
  const { seats, tickets, seat, code } = passTextsOf(subject);
  const changed = 'Your tickets are now %@.';
  return {
    headerFields: [dateField({ key: 'date', label: 'Date', at: event.startsAt, event, hasTime: false })],
    primaryFields: [{ key: 'event', value: event.title }] satisfies PassField[],
    secondaryFields: [
      { key: 'venue', label: 'Venue', value: event.venue, changeMessage: 'The venue is now %@.' },
      {
        ...dateField({ key: 'starts', label: 'Starts', at: event.startsAt, event }),
        changeMessage: 'The start is now %@.',
      },
    ] satisfies PassField[],
    auxiliaryFields: [
      ...some('seat', 'Ticket', seat && `${seat.number} / ${seat.of}`),
      ...some('seats', 'Seats', seats, changed),
      ...some('tickets', 'Tickets', tickets, changed),
      ...some('name', 'Name', holder),
      ...some('code', 'Booking code', code),
    ],
    backFields: backFieldsOf(event, origin),
  };
}

function backFieldsOf(event: EventDoc, origin: string): PassField[] {
  const { endsAt, doorsAt, minAge, accessInfo } = event;
  return [
    ...(event.sample ? [{ key: 'sample', label: 'Note', value: 'Sample event: it does not take place.' }] : []),
    ...some('place', 'Place', placeOf(event)),
    ...(doorsAt ? [dateField({ key: 'doors', label: 'Doors open', at: doorsAt, event })] : []),
    ...(endsAt ? [dateField({ key: 'ends', label: 'Ends', at: endsAt, event })] : []),
    ...some('age', 'Minimum age', minAge),
    ...some('access', 'Accessibility', accessInfo),
    ...some('page', 'On the web', `${origin}/events/${event._id.toHexString()}`),
  ];
}

function some(
  key: string,
  label: string,
  value: string | number | null | undefined,
  changeMessage?: string,
): PassField[] {
  return value == null ? [] : [{ key, label, value, ...(changeMessage !== undefined && { changeMessage }) }];
}

interface DateField {
  key: string;
  label: string;
  at: Date;
  event: Pick<EventDoc, 'timeZone'>;
  hasTime?: boolean;
}

/** By the clock of the venue, in the device's own way of writing dates. */
function dateField({ key, label, at, event: { timeZone }, hasTime = true }: DateField): PassField {
  return {
    key,
    label,
    value: isoWithOffset(at.toISOString(), timeZone),
    dateStyle: hasTime ? 'PKDateStyleMedium' : 'PKDateStyleShort',
    timeStyle: hasTime ? 'PKDateStyleShort' : 'PKDateStyleNone',
    ignoresTimeZone: true,
  };
}

function rgbOf(hex: string): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgb(${parts.join(', ')})`;
}
