/** The most seats of a booking whose seats can have tickets of their own: beyond it a list of links helps no one. */
export const MOST_PERSONAL_TICKETS = 100;

/** `personalTicket`, with times as strings or dates. */
export interface KnownPersonalTicket<T> {
  type: string;
  number: number;
  issue: number;
  sharedAt: T | null;
  checkedInAt: T | null;
}

interface SeatedBooking<T> {
  seats: number;
  tickets: readonly { type: string; name?: string; count: number; seats: number }[];
  checkedInSeats: number;
  /** When seats were last checked in. */
  checkedInAt?: T | null | undefined;
  personalTickets?: readonly KnownPersonalTicket<T>[] | undefined;
}

/** One seat of a booking; `of`: the seats of its type in the booking, `name`: that of the type. */
export interface PersonalSeat<T> extends KnownPersonalTicket<T> {
  name: string;
  of: number;
  isInside: boolean;
}

/** The number of seats of each ticket type, in the order of the lines; a type may have several lines. */
export function seatsByType(tickets: SeatedBooking<unknown>['tickets']): Map<string, { name: string; seats: number }> {
  const types = new Map<string, { name: string; seats: number }>();
  for (const { type, name = '', count, seats } of tickets) {
    const known = types.get(type)?.seats ?? 0;
    if (seats > 0) types.set(type, { name, seats: known + count * seats });
  }
  return types;
}

/**
 * All seats of a booking with what is known of each; none beyond `MOST_PERSONAL_TICKETS`. Seats that were checked in by
 * the ticket of the whole booking have no number: they count first against the seats of which nothing is known.
 */
export function personalSeats<T>(booking: SeatedBooking<T>): PersonalSeat<T>[] {
  if (booking.seats > MOST_PERSONAL_TICKETS) return [];
  return [...seatsByType(booking.tickets)].flatMap(([type, { name, seats }]) =>
    Array.from({ length: seats }, (_, i) => personalSeat(booking, { type, number: i + 1, name, of: seats })),
  );
}

function personalSeat<T>(
  booking: SeatedBooking<T>,
  seat: Pick<PersonalSeat<T>, 'type' | 'number' | 'name' | 'of'>,
): PersonalSeat<T> {
  const known = knownTicket(booking, seat);
  const isInside = isSeatInside(booking, seat);
  const checkedInAt = known?.checkedInAt ?? (isInside ? (booking.checkedInAt ?? null) : null);
  return { ...seat, issue: known?.issue ?? 0, sharedAt: known?.sharedAt ?? null, checkedInAt, isInside };
}

/** What is known of one seat's own ticket; undefined if nothing is. */
export function knownTicket<T>(
  { personalTickets = [] }: Pick<SeatedBooking<T>, 'personalTickets'>,
  { type, number }: Pick<KnownPersonalTicket<T>, 'type' | 'number'>,
): KnownPersonalTicket<T> | undefined {
  return personalTickets.find((one) => one.type === type && one.number === number);
}

/** Whether a seat is checked in: by its own ticket, or because no seat is left that it could be counted as. */
export function isSeatInside<T>(
  booking: Omit<SeatedBooking<T>, 'tickets'>,
  seat: Pick<KnownPersonalTicket<T>, 'type' | 'number'>,
): boolean {
  if (booking.checkedInSeats >= booking.seats) return true;
  const known = knownTicket(booking, seat);
  return known ? known.checkedInAt !== null : freeUnknownSeats(booking) === 0;
}

/** How many of the seats of which nothing is known are not checked in. */
export function freeUnknownSeats<T>({
  seats,
  checkedInSeats,
  personalTickets = [],
}: Omit<SeatedBooking<T>, 'tickets'>): number {
  const inside = personalTickets.filter(({ checkedInAt }) => checkedInAt !== null).length;
  return Math.max(0, seats - personalTickets.length - (checkedInSeats - inside));
}
