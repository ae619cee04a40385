import type { Locale } from '#shared/account.ts';

/** Seat `number` of `of` seats of the type `name` in one booking. */
export interface PersonalSeatNumber {
  name: string;
  number: number;
  of: number;
}

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
  personal: (seat: PersonalSeatNumber) => string;
  age: string;
  /** 0: none. */
  ageFrom: (years: number) => string;
  access: string;
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
    personal: ({ number, of }) => `Ticket ${number} of ${of}`,
    age: 'Age',
    ageFrom: (years) => (years === 0 ? 'For all ages' : `From ${years} years`),
    access: 'Accessibility',
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
    personal: ({ number, of }) => `Ticket ${number} von ${of}`,
    age: 'Alter',
    ageFrom: (years) => (years === 0 ? 'Für jedes Alter' : `Ab ${years} Jahren`),
    access: 'Barrierefreiheit',
    show: 'Zeigen Sie diesen Code am Einlass, auf dem Bildschirm oder auf Papier.',
    sample: 'Beispiel: Die Veranstaltung findet nicht statt.',
  },
};
