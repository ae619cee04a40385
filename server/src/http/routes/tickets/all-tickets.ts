import type { FastifyInstance } from 'fastify';
import type { Now } from '#server/clock.ts';
import type { LinkedTickets } from '#server/tickets/linked-tickets.ts';
import type { PersonalTickets } from '#server/tickets/personal-tickets.ts';
import type { TicketFilesMaker } from '#server/tickets/ticket-files.ts';
import type { Wallets } from '#server/wallet/wallets.ts';
import { mountAppleWebService } from '../wallet/apple-web-service.ts';
import { createPassSenders } from '../wallet/pass-senders.ts';
import { createTicketFileSender } from './ticket-file-sender.ts';
import { mountTicketLinks } from './ticket-links.ts';
import type { TicketRoutes } from './tickets.ts';
import { mountTickets } from './tickets.ts';

/** What the routes of tickets need of the tickets. */
export interface TicketParts extends Pick<TicketRoutes, 'ticketOf'> {
  files: Pick<TicketFilesMaker, 'keyOf' | 'pdfOf'>;
  linked: LinkedTickets;
  personal: Pick<PersonalTickets, 'keyOf'>;
  wallets: Pick<Wallets, 'apple' | 'google' | 'subjects'>;
}

interface AllTicketRoutes extends Pick<TicketRoutes, 'models' | 'identify'> {
  tickets: TicketParts;
  limits: TicketRoutes['limits'] & Parameters<typeof mountTicketLinks>[1]['limits'];
  /** The public address of the site. */
  origin: () => string;
  now: Now;
}

/** Tickets by session and by link, as files and as passes for wallets. */
export function mountAllTickets(api: FastifyInstance, deps: AllTicketRoutes): void {
  const { models, tickets, identify, limits, origin, now } = deps;
  const { ticketOf, files: ticketFiles, linked, personal, wallets } = tickets;
  const { apple, google, subjects } = wallets;
  const files = createTicketFileSender({ ticketFiles, origin, now });
  const passes = createPassSenders({ apple, google });
  mountTickets(api, {
    models,
    ticketOf,
    keyOf: ticketFiles.keyOf,
    personalKeyOf: personal.keyOf,
    files,
    passes,
    subjects,
    identify,
    limits,
  });
  mountTicketLinks(api, { linkedTickets: linked, files, passes, subjects, limits });
  if (apple) mountAppleWebService(api, { apple, limits });
}
