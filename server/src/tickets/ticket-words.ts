import type { Locale } from '#shared/account.ts';

/** The words on a ticket's PDF. */
interface TicketWords {
  /** The language for amounts. */
  intl: string;
  ticket: string;
  code: string;
  seats: string;
  tickets: string;
  paid: string;
  until: (time: string) => string;
  doors: (time: string) => string;
  show: string;
  sample: string;
}

export const TICKET_WORDS: Record<Locale, TicketWords> = {
  en: {
    intl: 'en-GB',
    ticket: 'Ticket',
    code: 'Booking code',
    seats: 'Seats',
    tickets: 'Tickets',
    paid: 'Paid',
    until: (time) => `until ${time}`,
    doors: (time) => `Doors open ${time}`,
    show: 'Show this code at the entrance, on a screen or on paper.',
    sample: 'Sample event: it does not take place.',
  },
  de: {
    intl: 'de-DE',
    ticket: 'Ticket',
    code: 'Buchungscode',
    seats: 'Plätze',
    tickets: 'Tickets',
    paid: 'Bezahlt',
    until: (time) => `bis ${time}`,
    doors: (time) => `Einlass ab ${time}`,
    show: 'Zeigen Sie diesen Code am Einlass, auf dem Bildschirm oder auf Papier.',
    sample: 'Beispiel: Die Veranstaltung findet nicht statt.',
  },
};
