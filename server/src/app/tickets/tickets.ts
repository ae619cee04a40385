import type { AppOptions } from '#server/app/app-options.ts';
import { createTickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import type { ImageStore } from '#server/images/image-store.ts';
import type { Models } from '#server/models/models.ts';
import { createLinkedTickets } from '#server/tickets/linked-tickets.ts';
import { createPersonalTickets } from '#server/tickets/personal-tickets.ts';
import { createTicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import { createTicketFiles } from '#server/tickets/ticket-files.ts';
import { createTicketLinks } from '#server/tickets/ticket-links.ts';
import { createPassSubjects } from '#server/wallet/pass-subjects.ts';
import { createWallets } from '#server/wallet/wallets.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { composeReceipts } from './receipts.ts';

interface TicketsOptions {
  app: Pick<AppOptions, 'config' | 'test'>;
  models: Models;
  /** Its secret signs tickets, and the keys of their links and passes are derived from it. */
  keys: { ticketSecret: string };
  imageStore: Pick<ImageStore, 'read'>;
  withTransaction: WithTransaction;
  /** The public address of the site. */
  origin: () => string;
  now: Now;
}

/** Tickets as texts that are scanned, as files, behind links and in wallets; receipts of payments. */
export function composeTickets({ app, models, keys, imageStore, withTransaction, origin, now }: TicketsOptions) {
  const { config } = app;
  const { ticketSecret: secret } = keys;
  const readImage = imageStore.read;
  const { ticketOf, readTicket } = createTickets(secret);
  const links = createTicketLinks(secret);
  const personal = createPersonalTickets(secret);
  const printer = createTicketPrinter();
  const linked = createLinkedTickets({ models, links, ticketOf, personal, now });
  const subjects = createPassSubjects({ models, linked, links, personal, ticketOf });
  const test = app.test?.wallets;
  return {
    ticketOf,
    readTicket,
    personal,
    receipts: composeReceipts({ config, models, withTransaction, printer, now }),
    files: createTicketFiles({ links, ticketOf, printer, siteName: config.siteName, readImage }),
    linked,
    wallets: createWallets({ config, models, secret, subjects, printer, readImage, origin, now, test }),
    close: printer.close,
  };
}
