import PDFDocument from 'pdfkit';
import { totalOf } from '#server/booking/rules/tickets/line-items.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Locale } from '#shared/account.ts';
import { moneyText } from '#shared/money/money-text.ts';
import { posterColors } from '#shared/poster/poster-colors.ts';
import { groupedCode } from '#shared/text/grouped-code.ts';
import { namedLines, sellsSeatsAlone } from '#shared/tickets/named-lines.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import type { Pdf } from './pdf-drawings.ts';
import { drawCode, drawPicture, PICTURE_HEIGHT, QR_SIDE, WIDTH } from './pdf-drawings.ts';
import type { FontWeight } from './ticket-fonts.ts';
import { fontFor } from './ticket-fonts.ts';
import type { PersonalSeatNumber } from './ticket-words.ts';
import { printable } from './printable.ts';
import { TICKET_WORDS } from './ticket-words.ts';

type TicketEvent = Pick<
  EventDoc,
  | 'title'
  | 'venue'
  | 'address'
  | 'timeZone'
  | 'startsAt'
  | 'endsAt'
  | 'doorsAt'
  | 'minAge'
  | 'accessInfo'
  | 'image'
  | 'ticketTypes'
  | 'updatedAt'
> & { _id: { toHexString(): string }; sample?: boolean };

export interface TicketPdfInput {
  booking: Pick<BookingDoc, 'code' | 'seats' | 'tickets' | 'updatedAt'>;
  event: TicketEvent;
  /** The text of the QR code. */
  ticket: string;
  /** The seat whose own ticket it is: such a ticket says nothing of the booking. */
  personal?: PersonalSeatNumber;
  /** The event's image as a JPEG, of any of its widths; null without one. */
  picture: Uint8Array | null;
  locale: Locale;
  siteName: string;
}

// In points of 1/72 inch.
const LEAST_HEIGHT = 419.53;
const PADDING = 20;
const INNER = WIDTH - 2 * PADDING;

const INK = '#191c26';
const SOFT = '#4f5360';

/** A paragraph, and the space below it. */
interface Paragraph {
  text: string;
  weight: FontWeight;
  size: number;
  color: string;
  below: number;
  align?: 'center';
}

/**
 * A ticket as a PDF file of one page: event, time at the venue, QR code, booking code, and what was booked. The same
 * booking always gives the same bytes.
 */
export async function renderTicketPdf(input: TicketPdfInput): Promise<Buffer> {
  const { booking, event, ticket, picture, locale, siteName } = input;
  const changedAt = new Date(Math.max(booking.updatedAt.getTime(), event.updatedAt.getTime()));
  const pdf = new PDFDocument({
    autoFirstPage: false,
    margin: 0,
    // A default font would be one more in the file.
    font: null as unknown as string,
    lang: locale,
    displayTitle: true,
    info: {
      Title: printable(`${TICKET_WORDS[locale].ticket}: ${event.title}`),
      Author: printable(siteName),
      CreationDate: changedAt,
    },
  });
  const bytes = collect(pdf);
  const poster = posterParagraphs(input);
  const stub = stubParagraphs(input);
  const posterHeight = 2 * PADDING * 0.8 + heightOf(pdf, poster);
  const { image } = event;
  const hasPicture = picture !== null && Boolean(image);
  const pictureHeight = hasPicture ? PICTURE_HEIGHT : 0;
  const posterEnd = pictureHeight + posterHeight;
  const top = posterEnd + 12 + QR_SIDE + 6;
  pdf.addPage({ size: [WIDTH, Math.max(LEAST_HEIGHT, top + heightOf(pdf, stub) + PADDING)], margin: 0 });
  if (picture !== null && image) drawPicture(pdf, picture, image);
  pdf.rect(0, pictureHeight, WIDTH, posterHeight).fill(posterColors(event._id.toHexString()).block);
  write(pdf, poster, pictureHeight + PADDING * 0.8);
  drawCode(pdf, ticket, posterEnd + 12);
  write(pdf, stub, top);
  pdf.end();
  return bytes;
}

function collect(pdf: Pdf): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
}

function posterParagraphs({ event, locale }: TicketPdfInput): Paragraph[] {
  const { tint } = posterColors(event._id.toHexString());
  const white = '#ffffff';
  // Long titles stay on the page in a smaller size.
  const titleSize = event.title.length > 60 ? 13 : 18;
  return [
    { text: timesOf(event, locale), weight: 'regular', size: 9, color: tint, below: 4 },
    { text: event.title, weight: 'bold', size: titleSize, color: white, below: 4 },
    { text: placeOf(event), weight: 'regular', size: 10, color: white, below: 0 },
    ...(event.doorsAt ? [doorsParagraph(event.doorsAt, event, locale)] : []),
    ...(event.sample
      ? [{ text: TICKET_WORDS[locale].sample, weight: 'bold', size: 9, color: white, below: 0 } as const]
      : []),
  ];
}

/** The venue, and its address if that is known. */
function placeOf({ venue, address }: TicketEvent): string {
  return address ? `${venue}\n${address}` : venue;
}

function doorsParagraph(at: Date, { timeZone }: TicketEvent, locale: Locale): Paragraph {
  const time = venueTimeFormat(locale, timeZone, CLOCK)(at);
  return { text: TICKET_WORDS[locale].doors(time), weight: 'regular', size: 9, color: '#ffffff', below: 0 };
}

function stubParagraphs({ booking, event, locale, personal }: TicketPdfInput): Paragraph[] {
  const words = TICKET_WORDS[locale];
  const label = (text: string): Paragraph => ({ text, weight: 'regular', size: 7.5, color: SOFT, below: 1 });
  const value = (text: string): Paragraph => ({ text, weight: 'bold', size: 10, color: INK, below: 6 });
  const total = totalOf(booking.tickets);
  const show: Paragraph = { text: words.show, weight: 'regular', size: 7.5, color: SOFT, below: 0, align: 'center' };
  const { minAge, accessInfo } = event;
  const details = [
    ...(typeof minAge === 'number' ? [label(words.age), value(words.ageFrom(minAge))] : []),
    ...(accessInfo ? [label(words.access), { ...value(accessInfo), weight: 'regular', size: 9 } as const] : []),
  ];
  if (personal) {
    const name = sellsSeatsAlone(event.ticketTypes) ? [] : [label(words.tickets), value(personal.name)];
    return [{ ...value(words.personal(personal)), size: 18 }, ...name, ...details, show];
  }
  return [
    label(words.code),
    { ...value(groupedCode(booking.code)), size: 18 },
    ...(sellsSeatsAlone(event.ticketTypes)
      ? [label(words.seats), value(String(booking.seats))]
      : [label(words.tickets), ...linesOf(booking, event, locale).map((line) => ({ ...value(line), below: 1 }))]),
    ...(total.amount > 0 ? [label(words.paid), value(moneyText(total, words.intl))] : []),
    ...details,
    show,
  ];
}

/** What was booked, a line for each ticket type: "2 × Adult, €80.00". */
function linesOf({ tickets }: TicketPdfInput['booking'], { ticketTypes }: TicketEvent, locale: Locale): string[] {
  return namedLines(tickets, ticketTypes).map(({ count, name, price }) => {
    const line = `${count} × ${name}`;
    if (price.amount === 0) return line;
    return `${line}, ${moneyText({ amount: count * price.amount, currency: price.currency }, TICKET_WORDS[locale].intl)}`;
  });
}

/** Start, and end if there is one, by the venue's clock. */
function timesOf({ startsAt, endsAt, timeZone }: TicketEvent, locale: Locale): string {
  const clock = venueTimeFormat(locale, timeZone, CLOCK);
  const dayAndTime = venueTimeFormat(locale, timeZone, DAY_AND_TIME);
  if (endsAt === null) return dayAndTime(startsAt);
  const isLong = endsAt.getTime() - startsAt.getTime() > DAY_MS;
  return `${dayAndTime(startsAt)}, ${TICKET_WORDS[locale].until((isLong ? dayAndTime : clock)(endsAt))}`;
}

const DAY_MS = 24 * 3_600_000;
const CLOCK = { hour: '2-digit', minute: '2-digit' } as const satisfies Intl.DateTimeFormatOptions;
const DAY_AND_TIME = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  ...CLOCK,
} as const satisfies Intl.DateTimeFormatOptions;

function heightOf(pdf: Pdf, paragraphs: readonly Paragraph[]): number {
  return paragraphs.reduce((sum, paragraph) => sum + heightOfText(pdf, paragraph) + paragraph.below, 0);
}

function heightOfText(pdf: Pdf, { text, weight, size }: Paragraph): number {
  return choose(pdf, text, weight, size).heightOfString(printable(text), { width: INNER });
}

/** Writes paragraphs from `y` downwards. */
function write(pdf: Pdf, paragraphs: readonly Paragraph[], y: number): void {
  for (const paragraph of paragraphs) {
    const { text, weight, size, color, align = 'left', below } = paragraph;
    const height = heightOfText(pdf, paragraph);
    choose(pdf, text, weight, size).fillColor(color).text(printable(text), PADDING, y, { width: INNER, align });
    y += height + below;
  }
}

function choose(pdf: Pdf, text: string, weight: FontWeight, size: number): Pdf {
  const { name, font } = fontFor(printable(text), weight);
  // The types of pdfkit do not know parsed fonts; registering a name again changes nothing.
  return pdf
    .registerFont(name, font as unknown as Buffer)
    .font(name)
    .fontSize(size);
}
