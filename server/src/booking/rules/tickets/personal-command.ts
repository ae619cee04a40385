import type { PersonalTicketId } from '../state/booking-state.ts';

/** The buyer has sent the link of one seat's own ticket. */
export interface ShareTicket {
  type: 'shareTicket';
  bookingId: string;
  actor: string;
  ticket: PersonalTicketId;
}

/** The buyer ends an issue of one seat's own ticket. */
export interface RevokeTicket {
  type: 'revokeTicket';
  bookingId: string;
  actor: string;
  ticket: PersonalTicketId;
}

export type PersonalTicketCommand = ShareTicket | RevokeTicket;
