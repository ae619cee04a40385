import { createTickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Models } from '#server/models/models.ts';
import { createLinkedTickets } from '#server/tickets/linked-tickets.ts';
import { createPersonalTickets } from '#server/tickets/personal-tickets.ts';
import { createTicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import { createTicketFiles } from '#server/tickets/ticket-files.ts';
import { createTicketLinks } from '#server/tickets/ticket-links.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { composeReceipts } from './receipts.ts';

interface TicketsOptions {
  models: Models;
  config: Pick<Config, 'siteName' | 'receipts'>;
  /** Its secret signs tickets, and the key of their links is derived from it. */
  keys: { ticketSecret: string };
  readImage(name: string): Promise<Buffer | undefined>;
  withTransaction: WithTransaction;
  now: Now;
}

/** Tickets as texts that are scanned, as files, and behind links; receipts of payments. */
export function composeTickets({ config, models, keys, readImage, withTransaction, now }: TicketsOptions) {
  const { ticketSecret: secret } = keys;
  const { ticketOf, readTicket } = createTickets(secret);
  const links = createTicketLinks(secret);
  const personal = createPersonalTickets(secret);
  const printer = createTicketPrinter();
  return {
    ticketOf,
    readTicket,
    personal,
    receipts: composeReceipts({ config, models, withTransaction, printer, now }),
    files: createTicketFiles({ links, ticketOf, printer, siteName: config.siteName, readImage }),
    linked: createLinkedTickets({ models, links, ticketOf, personal, now }),
    close: printer.close,
  };
}
