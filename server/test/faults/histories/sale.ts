import type { Command, Outcome } from '#server/booking/rules/command.ts';
import type { EventInput } from '#shared/event.ts';
import type { VoucherTerms } from '../../support/database/add-vouchers.ts';

/** The clients of a sale. */
interface Clients {
  /** Sends a command, and repeats it until it is answered. */
  say(command: Command): Promise<Outcome>;
  /** Moves the servers' clock. */
  passMinutes(count: number): void;
}

/** An event, and what its clients do in sequence. */
export interface Sale {
  title: string;
  input: Partial<EventInput>;
  vouchers: readonly VoucherTerms[];
  play(clients: Clients): Promise<void>;
}
