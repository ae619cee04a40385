import { createTickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import { createLinkedTickets } from '#server/tickets/linked-tickets.ts';
import { createTicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import { createTicketFiles } from '#server/tickets/ticket-files.ts';
import { createTicketLinks } from '#server/tickets/ticket-links.ts';

interface TicketsOptions {
  models: Models;
  /** Signs tickets; the key of their links is derived from it. */
  secret: string;
  siteName: string;
  now: Now;
}

/** Tickets as texts that are scanned, as files, and behind links. */
export function composeTickets({ models, secret, siteName, now }: TicketsOptions) {
  const { ticketOf, readTicket } = createTickets(secret);
  const links = createTicketLinks(secret);
  const printer = createTicketPrinter();
  return {
    ticketOf,
    readTicket,
    files: createTicketFiles({ links, ticketOf, printer, siteName }),
    linked: createLinkedTickets({ models, links, ticketOf, now }),
    close: printer.close,
  };
}
