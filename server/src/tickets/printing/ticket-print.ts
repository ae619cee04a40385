import type { PassFileInput } from '../passes/pass-file.ts';
import type { ReceiptPdfInput } from '../receipts/receipt-pdf.ts';
import type { TicketPdfInput } from '../ticket-pdf.ts';

/** A ticket on paper and on a screen: the PDF file, and its QR code as an image (PNG). */
export interface TicketPrint {
  pdf: Uint8Array;
  code: Uint8Array;
}

/** A ticket's data as a thread can take it: without the classes of the database. */
export interface TicketPrintRequest {
  ticket: Omit<TicketPdfInput, 'event'> & { event: Omit<TicketPdfInput['event'], '_id'> };
  eventId: string;
}

/** What the thread is asked to print: a ticket, a receipt, or a pass for a wallet. */
export type PrintRequest = { number: number } & (
  TicketPrintRequest | { receipt: ReceiptPdfInput } | { pass: PassFileInput }
);

/** A ticket, the PDF file of a receipt, or the file of a pass. */
export type Printed = { print: TicketPrint } | { receipt: Uint8Array } | { pass: Uint8Array };

/** `error`: the text of a defect, in place of a print. */
export type PrintReply = { number: number } & (Printed | { error: string });

export function printRequest(number: number, input: TicketPdfInput): PrintRequest {
  const { booking, event, ticket, locale, siteName, personal, picture } = input;
  const { title, venue, address, timeZone, startsAt, endsAt, doorsAt, minAge, ticketTypes, sample, updatedAt } = event;
  const { accessInfo, image = null } = event;
  return {
    number,
    eventId: event._id.toHexString(),
    ticket: {
      booking: {
        code: booking.code,
        seats: booking.seats,
        tickets: booking.tickets,
        updatedAt: booking.updatedAt,
      },
      event: {
        title,
        venue,
        address,
        timeZone,
        startsAt,
        endsAt,
        doorsAt,
        minAge,
        accessInfo,
        image,
        ticketTypes,
        updatedAt,
        ...(sample !== undefined && { sample }),
      },
      ticket,
      picture,
      locale,
      siteName,
      ...(personal && { personal: { name: personal.name, number: personal.number, of: personal.of } }),
    },
  };
}
