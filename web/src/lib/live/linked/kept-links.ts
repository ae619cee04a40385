import type { AnyLinkedTicket } from '#shared/tickets/linked-ticket.ts';
import type { TextStorage } from '../text-storage.ts';
import { LINKED_TICKETS_KEY } from '../text-storage.ts';

/** About 1 kB each; the ones that were opened last stay. */
const MOST_LINKS = 30;
/** After the end of an event its tickets are deleted. */
const KEEP_AFTER_MS = 24 * 3_600_000;

/** The key of a link with the ticket that it opened last. */
interface KeptLink {
  key: string;
  ticket: AnyLinkedTicket;
}

/**
 * The tickets that links have opened in this browser, so that they can be shown without a network. They belong to no
 * account; signing out deletes them, like those of the account.
 */
export class KeptLinks {
  readonly #storage: TextStorage;
  readonly #now: () => number;

  constructor(storage: TextStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  byKey(key: string): AnyLinkedTicket | null {
    return this.#all().find((one) => one.key === key)?.ticket ?? null;
  }

  keep(key: string, ticket: AnyLinkedTicket): void {
    const others = this.#all().filter((one) => one.key !== key);
    this.#write([{ key, ticket }, ...others]);
  }

  /** For a link that opens nothing any more. */
  forget(key: string): void {
    this.#write(this.#all().filter((one) => one.key !== key));
  }

  #all(): KeptLink[] {
    return parseLinks(this.#storage.getItem(LINKED_TICKETS_KEY));
  }

  #write(links: KeptLink[]): void {
    const current = links.filter(({ ticket: { event } }) => this.#now() < endMs(event) + KEEP_AFTER_MS);
    if (current.length === 0) this.#storage.removeItem(LINKED_TICKETS_KEY);
    else this.#storage.setItem(LINKED_TICKETS_KEY, JSON.stringify(current.slice(0, MOST_LINKS)));
  }
}

function endMs({ startsAt, endsAt }: AnyLinkedTicket['event']): number {
  return Date.parse(endsAt ?? startsAt);
}

/** The stored tickets; none if the text is not in the format that `#write` writes. */
function parseLinks(text: string | null): KeptLink[] {
  try {
    const links = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(links) ? links.filter(isKeptLink) : [];
  } catch {
    return [];
  }
}

function isKeptLink(value: unknown): value is KeptLink {
  const { key, ticket } = (value ?? {}) as Partial<KeptLink>;
  return typeof key === 'string' && typeof ticket?.event?.startsAt === 'string' && typeof ticket.asOf === 'string';
}
