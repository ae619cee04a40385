import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Locale } from '#shared/account.ts';
import { imageFileName } from '#shared/images/image-files.ts';
import type { OpenedPersonalTicket } from './linked-tickets.ts';
import type { TicketLinks } from './ticket-links.ts';
import type { TicketPrinter } from './printing/ticket-printer.ts';

interface TicketFilesOptions {
  links: Pick<TicketLinks, 'keyOf'>;
  /** The ticket's text of a booking; null unless it is confirmed. */
  ticketOf: (booking: BookingDoc) => string | null;
  printer: Pick<TicketPrinter, 'print'>;
  siteName: string;
  /** The bytes of a file of an event's image by its name; undefined if there is none. */
  readImage(name: string): Promise<Buffer | undefined>;
}

/** A ticket for a mail: its QR code as an image (PNG), the PDF file, and a small JPEG of the event's image if it has one. */
export interface TicketFiles {
  /** The name of both files, without ending. */
  name: string;
  code: Buffer;
  pdf: Buffer;
  picture: Buffer | null;
}

export type TicketFilesMaker = ReturnType<typeof createTicketFiles>;

/** The files of tickets, as mails carry them and pages offer them, and the keys of their links. */
export function createTicketFiles({ links, ticketOf, printer, siteName, readImage }: TicketFilesOptions) {
  async function pictureOf({ image }: EventDoc): Promise<Buffer | null> {
    if (!image) return null;
    return (await readImage(imageFileName(image.id, image.widths[0] ?? image.width, 'jpg'))) ?? null;
  }

  /** The PDF of a booking's ticket, or of one seat's own; null unless that ticket is valid. */
  async function pdfOf(
    booking: BookingDoc,
    event: EventDoc,
    locale: Locale,
    personal?: OpenedPersonalTicket,
  ): Promise<Buffer | null> {
    const ticket = personal ? personal.ticket : ticketOf(booking);
    if (ticket === null) return null;
    const of = { booking, event, ticket, picture: await pictureOf(event), locale, siteName };
    const { pdf } = await printer.print({ ...of, ...(personal && { personal }) });
    return bufferOf(pdf);
  }

  /** Image and PDF of a booking's ticket; null unless the booking is confirmed. */
  async function filesOf(booking: BookingDoc, event: EventDoc, locale: Locale): Promise<TicketFiles | null> {
    const ticket = ticketOf(booking);
    if (ticket === null) return null;
    const picture = await pictureOf(event);
    const { code, pdf } = await printer.print({ booking, event, ticket, picture, locale, siteName });
    return { name: `ticket-${booking.code}`, code: bufferOf(code), pdf: bufferOf(pdf), picture };
  }

  return { keyOf: links.keyOf, pdfOf, filesOf };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
