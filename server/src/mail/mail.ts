import type { TicketFiles } from '#server/tickets/ticket-files.ts';

/** A part of a mail. All content is plain text: markup in it is escaped. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'facts'; facts: readonly (readonly [label: string, value: string])[] }
  | { kind: 'button'; label: string; url: string }
  | { kind: 'code'; code: string }
  | { kind: 'link'; label: string; url: string }
  | { kind: 'ticketCode'; alt: string }
  | { kind: 'picture'; alt: string };

/** The content of a mail, before `renderMail` adds greeting, footer and HTML. */
export interface Mail {
  subject: string;
  blocks: readonly Block[];
  /**
   * Where a mail program ends mails of this kind by a single POST request (RFC 8058), on a press of its own button; absent
   * for mails about an account or a booking, which cannot be ended.
   */
  unsubscribe?: string;
  /** The attached calendar file (iCalendar). */
  calendar?: string;
  /**
   * The ticket of a mail with a `ticketCode` block: the image of the block, that of a `picture` block, and an attached PDF,
   * made when it is sent.
   */
  ticket?: () => Promise<TicketFiles | null>;
}

/** The Content-IDs of the images of the blocks `ticketCode` and `picture` (RFC 2392). */
export const TICKET_CODE_ID = 'ticket@frontrow';
export const PICTURE_ID = 'picture@frontrow';

export function text(value: string): Block {
  return { kind: 'text', text: value };
}

export function facts(...lines: readonly (readonly [label: string, value: string])[]): Block {
  return { kind: 'facts', facts: lines };
}

export function button(label: string, url: string): Block {
  return { kind: 'button', label, url };
}

/** A code to be typed or copied, on a line of its own. */
export function code(value: string): Block {
  return { kind: 'code', code: value };
}

/** A link for what fewer readers want than the button's. */
export function link(label: string, url: string): Block {
  return { kind: 'link', label, url };
}

/** The place of the ticket's QR code; `alt`: what is read out, and shown where a mail program shows no images. */
export function ticketCode(alt: string): Block {
  return { kind: 'ticketCode', alt };
}

/** The place of the event's image. */
export function picture(alt: string): Block {
  return { kind: 'picture', alt };
}
