import { untrack } from 'svelte';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Voucher, VoucherPage } from '#shared/tickets/voucher.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followEvent } from './follow-event.ts';
import type { FollowOptions } from './follow-sales.ts';

const PAGE_SIZE = 20;

/** The shown page: part of a code or a note as it is typed, and the page number from 1. */
export interface VoucherSearch {
  query: string;
  page: number;
}

/**
 * One page of an event's vouchers. The use of shown vouchers changes in place. Vouchers that join or leave the page are
 * shown on a press only, so that no row moves while it is being pressed.
 */
export class Vouchers {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string;
  readonly #options: FollowOptions;
  #search: VoucherSearch = $state.raw({ query: '', page: 1 });
  #shown: VoucherPage | null = $state.raw(null);
  #news: VoucherPage | null = $state.raw(null);
  #hasFailed = $state(false);
  /** Counts the requests, so that a late answer to an earlier one is dropped. */
  #asked = 0;
  /** The number of `show` calls without an answer. */
  #showing = 0;

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: FollowOptions) {
    this.#connection = connection;
    this.#eventId = eventId;
    this.#options = options;
  }

  get search(): VoucherSearch {
    return this.#search;
  }

  get shown(): VoucherPage | null {
    return this.#shown;
  }

  /** Whether the server's page has other vouchers than the shown one. */
  get hasNews(): boolean {
    return this.#news !== null;
  }

  /** Whether the last request was refused. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The number of pages, at least 1. */
  get pages(): number {
    return Math.max(1, Math.ceil((this.#shown?.total ?? 0) / PAGE_SIZE));
  }

  /** Loads the page, and again after pushes about the event; returns the function that ends this. */
  start(): () => void {
    return followEvent(
      this.#connection,
      this.#options,
      // An effect that calls `start` must not run again with every answer.
      () => untrack(() => void this.#refresh()),
      this.#eventId,
    );
  }

  /** Shows another page or search. */
  async show(search: VoucherSearch): Promise<void> {
    this.#search = search;
    this.#showing += 1;
    const reply = await this.#ask();
    this.#showing -= 1;
    if (reply?.ok) this.#put(reply.data);
  }

  /** Shows the server's page instead of the shown one. */
  showNews(): void {
    if (this.#news !== null) this.#put(this.#news);
  }

  /** Makes vouchers and, on success, shows the newest ones. */
  async create(input: Omit<CommandRequest<'createVouchers'>, 'eventId'>): Promise<Reply<Voucher[]>> {
    const reply = await this.#connection.call('createVouchers', { ...input, eventId: this.#eventId });
    if (!reply.ok) return reply;
    await this.show({ query: '', page: 1 });
    return { ok: true, data: reply.data.vouchers };
  }

  /** Changes a voucher; on success the page shows it so. */
  async update(input: CommandRequest<'updateVoucher'>): Promise<Reply<Voucher>> {
    const reply = await this.#connection.call('updateVoucher', input);
    if (!reply.ok) return reply;
    this.#take([reply.data]);
    // An answer under way may be from before the change: this request makes it a late one.
    await this.show(this.#search);
    return reply;
  }

  #take(arrived: readonly Voucher[]): void {
    if (this.#shown === null) return;
    const byId = new Map(arrived.map((voucher) => [voucher.id, voucher]));
    this.#shown = { ...this.#shown, vouchers: this.#shown.vouchers.map((one) => byId.get(one.id) ?? one) };
  }

  #put(page: VoucherPage): void {
    this.#shown = page;
    this.#news = null;
  }

  async #refresh(): Promise<void> {
    // The answer to a running `show` is as new as this one would be.
    if (this.#showing > 0) return;
    if (this.#shown === null) return this.show(this.#search);
    const reply = await this.#ask();
    if (!reply?.ok) return;
    if (idsOf(reply.data) === idsOf(this.#shown)) return this.#put(reply.data);
    this.#take(reply.data.vouchers);
    this.#news = reply.data;
  }

  /** Loads the searched page; null if another request was sent meanwhile. */
  async #ask(): Promise<Reply<VoucherPage> | null> {
    this.#asked += 1;
    const asked = this.#asked;
    const query = this.#search.query.trim();
    const reply = await this.#connection.call('listVouchers', {
      eventId: this.#eventId,
      page: this.#search.page,
      limit: PAGE_SIZE,
      ...(query !== '' && { query }),
    });
    if (asked !== this.#asked) return null;
    // A lost connection is shown elsewhere on the page, and the next connection loads again.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    return reply;
  }
}

function idsOf({ vouchers }: VoucherPage): string {
  return vouchers.map(({ id }) => id).join();
}
