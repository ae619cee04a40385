import { imageFileName, IMAGES_PATH } from '#shared/images/image-files.ts';
import type { EventDoc } from '#server/models/event.ts';
import { posterColors } from '#shared/poster/poster-colors.ts';
import { placeOf } from '#shared/text/place.ts';
import { isoWithOffset } from '#shared/time/wall-clock.ts';
import type { PassSubject } from '../pass-subjects.ts';
import { passTextsOf } from '../pass-texts.ts';

/** How much a pass says: a link has little room. */
export interface Extent {
  /** The most characters of a text. */
  text: number;
  /** Whether there are picture and links. */
  isRich: boolean;
  /** Whether there are the times beside the start, and the colour of the event. */
  hasTimes: boolean;
  /** Whether there are the name of the buyer, and what was booked. */
  hasNames: boolean;
}

export const WHOLE: Extent = { text: Infinity, isRich: true, hasTimes: true, hasNames: true };

export interface GooglePassContext {
  issuer: string;
  siteName: string;
  /** The public address of the site. */
  origin: string;
}

/** The id of an event at Google: passes of one event share its "class". Short, because the link holds it twice. */
function googleClassId(eventId: string, { issuer }: Pick<GooglePassContext, 'issuer'>): string {
  return `${issuer}.${eventId}`;
}

function googleObjectId(serial: string, { issuer }: Pick<GooglePassContext, 'issuer'>): string {
  return `${issuer}.${serial}`;
}

/** The event, as all its passes show it (EventTicketClass). Times are those of the venue. */
export function googleClassOf(event: EventDoc, context: GooglePassContext, extent: Extent = WHOLE) {
  const { origin, siteName } = context;
  const { startsAt, endsAt, doorsAt, timeZone, venue, image } = event;
  const id = event._id.toHexString();
  const text = (value: string) => inBothLanguages(shortened(value, extent));
  const time = (at: Date) => isoWithOffset(at.toISOString(), timeZone);
  const hasPicture = extent.isRich && image && origin.startsWith('https:');
  return {
    id: googleClassId(id, context),
    issuerName: shortened(siteName, extent),
    reviewStatus: 'UNDER_REVIEW',
    eventName: text(event.title),
    venue: { name: text(venue), address: text(addressOf(event)) },
    dateTime: {
      start: time(startsAt),
      ...(extent.hasTimes && endsAt && { end: time(endsAt) }),
      ...(extent.hasTimes && doorsAt && { doorsOpen: time(doorsAt) }),
    },
    ...(extent.hasTimes && { hexBackgroundColor: posterColors(id).block }),
    ...(hasPicture && { heroImage: { sourceUri: { uri: `${origin}${IMAGES_PATH}${widest(image)}` } } }),
    ...(extent.isRich && {
      linksModuleData: { uris: [{ uri: `${origin}/events/${id}`, description: siteName }] },
    }),
  };
}

/** Google wants an address beside the name of the venue. */
function addressOf(event: EventDoc): string {
  return event.address ?? placeOf(event);
}

function widest({ id, widths, width }: NonNullable<EventDoc['image']>): string {
  return imageFileName(id, widths.at(-1) ?? width, 'jpg');
}

/** A ticket (EventTicketObject). One that is not valid has no code. */
export function googleObjectOf(subject: PassSubject, context: GooglePassContext, extent: Extent = WHOLE) {
  const { booking, event, serial, ticket, holder } = subject;
  const { seats, tickets, seat, code } = passTextsOf(subject);
  const name = tickets ?? (seats === null ? null : `${seats} ×`);
  const number = seat && `${seat.number} / ${seat.of}`;
  return {
    id: googleObjectId(serial, context),
    classId: googleClassId(event._id.toHexString(), context),
    state: ticket === null ? 'INACTIVE' : 'ACTIVE',
    ...(ticket !== null && {
      barcode: { type: 'QR_CODE', value: ticket, ...(extent.isRich && code !== null && { alternateText: code }) },
    }),
    ...(number !== null && { ticketNumber: number }),
    ...(code !== null && { reservationInfo: { confirmationCode: booking.code } }),
    ...(extent.hasNames && holder !== null && { ticketHolderName: shortened(holder, extent) }),
    ...(extent.hasNames && name !== null && { ticketType: inBothLanguages(shortened(name, extent)) }),
  };
}

/** What people have written has one language, whichever it is. */
function inBothLanguages(value: string) {
  return { defaultValue: { language: 'en', value } };
}

function shortened(value: string, { text }: Extent): string {
  const signs = [...value];
  return signs.length <= text ? value : `${signs.slice(0, text - 1).join('')}…`;
}

/** A changed event, for all passes of it: what it does not say any more is cleared. Its holders are notified of a move. */
export function googleClassPatch(event: EventDoc, context: GooglePassContext) {
  const contents = googleClassOf(event, context);
  return {
    heroImage: null,
    ...contents,
    dateTime: { end: null, doorsOpen: null, ...contents.dateTime },
    notifyPreference: 'NOTIFY_ON_UPDATE',
  };
}

/** A changed ticket: what it does not say any more is cleared. */
export function googleObjectPatch(subject: PassSubject, context: GooglePassContext) {
  return { barcode: null, ticketHolderName: null, ticketType: null, ...googleObjectOf(subject, context) };
}
