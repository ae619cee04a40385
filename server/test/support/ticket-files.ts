import { createTicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import { createTickets } from '#server/booking/tickets.ts';
import { createTicketFiles } from '#server/tickets/ticket-files.ts';
import { createTicketLinks } from '#server/tickets/ticket-links.ts';

/** The files of tickets and the keys of their links, as a server with this secret and without images makes them. */
export function ticketFilesOf(secret: string) {
  const { ticketOf } = createTickets(secret);
  return createTicketFiles({
    links: createTicketLinks(secret),
    ticketOf,
    printer: createTicketPrinter(),
    siteName: 'Frontrow',
    readImage: () => Promise.resolve(undefined),
  });
}
