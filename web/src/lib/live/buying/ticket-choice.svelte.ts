import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketCount, TicketType } from '#shared/tickets/ticket-type.ts';
import {
  chosenTickets,
  choiceProblem,
  countOf,
  mostOf,
  seatsOf,
  totalOf,
  type ChoiceBounds,
  type ChoiceProblem,
  type ChosenCounts,
} from '#lib/ticket-types/choice.ts';
import type { TicketsRequest } from './seats-request.ts';

/** The tickets that a buyer chooses: a live change moves its bounds, never the choice. */
export class TicketChoice {
  readonly #bounds: () => ChoiceBounds;
  readonly #onchange: (counts: ChosenCounts) => void;
  #counts: ChosenCounts = $state.raw({});

  /** `onchange` is called with each choice of the buyer, to keep it. */
  constructor(
    bounds: () => ChoiceBounds,
    counts: ChosenCounts,
    onchange: (counts: ChosenCounts) => void = () => undefined,
  ) {
    this.#bounds = bounds;
    this.#counts = counts;
    this.#onchange = onchange;
  }

  get types(): readonly TicketType[] {
    return this.#bounds().types;
  }

  get counts(): ChosenCounts {
    return this.#counts;
  }

  get seats(): number {
    return seatsOf(this.types, this.#counts);
  }

  get total(): Money {
    return totalOf(this.types, this.#counts);
  }

  get problem(): ChoiceProblem | null {
    return choiceProblem(this.#counts, this.#bounds());
  }

  count(type: TicketType): number {
    return countOf(this.#counts, type);
  }

  most(type: TicketType): number {
    return mostOf(type, this.#counts, this.#bounds());
  }

  /** Chooses this many tickets of a type, at most as many as there may be; too few of it for one booking are none. */
  set(type: TicketType, wanted: number): void {
    const count = Math.min(wanted, this.most(type));
    this.#counts = { ...this.#counts, [type.id]: count < type.minPerBooking ? 0 : Math.max(0, count) };
    this.#onchange(this.#counts);
  }

  /** Takes a choice that was kept, as far as it is bookable now. */
  take(kept: ChosenCounts): void {
    // A type that is not shown yet may come with the reader's voucher.
    this.#counts = Object.fromEntries(
      Object.entries(kept).filter(([id]) => !this.types.some((type) => type.id === id)),
    );
    for (const type of this.types) {
      const count = Math.min(countOf(kept, type), this.most(type));
      if (count >= Math.max(1, type.minPerBooking)) this.#counts = { ...this.#counts, [type.id]: count };
    }
  }

  get tickets(): TicketCount[] {
    return chosenTickets(this.types, this.#counts);
  }

  /** The request for what is chosen, with the voucher that its prices are of. */
  request(voucher: string | null): TicketsRequest {
    return { tickets: this.tickets, voucher, seats: this.seats, total: this.total };
  }
}
