import { toBuffer } from 'qrcode';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Locale } from '#shared/account.ts';
import type { TicketLinks } from './ticket-links.ts';
import type { TicketPdfInput } from './ticket-pdf.ts';

interface TicketFilesOptions {
  links: Pick<TicketLinks, 'keyOf'>;
  /** The ticket's text of a booking; null unless it is confirmed. */
  ticketOf: (booking: BookingDoc) => string | null;
  siteName: string;
}

/** A ticket for a mail: its QR code as an image (PNG), and the PDF file. */
export interface TicketFiles {
  /** The name of both files, without ending. */
  name: string;
  code: Buffer;
  pdf: Buffer;
}

/** With the quiet zone of four modules that scanners need (ISO/IEC 18004); about 270 pixels wide. */
const CODE = { type: 'png', margin: 4, scale: 6, errorCorrectionLevel: 'M' } as const;

export type TicketFilesMaker = ReturnType<typeof createTicketFiles>;

/** The files of tickets, as mails carry them and pages offer them, and the keys of their links. */
export function createTicketFiles({ links, ticketOf, siteName }: TicketFilesOptions) {
  /** The PDF of a booking's ticket; null unless the booking is confirmed. */
  async function pdfOf(booking: BookingDoc, event: EventDoc, locale: Locale): Promise<Buffer | null> {
    const ticket = ticketOf(booking);
    return ticket === null ? null : renderPdf({ booking, event, ticket, locale, siteName });
  }

  /** Image and PDF of a booking's ticket; null unless the booking is confirmed. */
  async function filesOf(booking: BookingDoc, event: EventDoc, locale: Locale): Promise<TicketFiles | null> {
    const ticket = ticketOf(booking);
    if (ticket === null) return null;
    const pdf = await renderPdf({ booking, event, ticket, locale, siteName });
    return { name: `ticket-${booking.code}`, code: await toBuffer(ticket, CODE), pdf };
  }

  return { keyOf: links.keyOf, pdfOf, filesOf };
}

/** Loads the writer of PDF files when a ticket first needs it: that takes longer than a ticket. */
async function renderPdf(input: TicketPdfInput): Promise<Buffer> {
  const { renderTicketPdf } = await import('./ticket-pdf.ts');
  return renderTicketPdf(input);
}
