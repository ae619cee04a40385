import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followEvent } from './follow-event.ts';
import type { FollowOptions } from './follow-sales.ts';
import { FollowedPage } from './followed-page.svelte.ts';

/** The shown page: part of a code or a note as it is typed, and the page number from 1. */
interface VoucherSearch {
  query: string;
  page: number;
}

/** One page of an event's vouchers, whose use follows pushes about the event. */
export class Vouchers extends FollowedPage<Voucher, VoucherSearch> {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #eventId: string;

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: FollowOptions) {
    super({
      first: { query: '', page: 1 },
      async load({ query: typed, page }, limit) {
        const query = typed.trim();
        const reply = await connection.call('listVouchers', { eventId, page, limit, ...(query !== '' && { query }) });
        return reply.ok ? { ok: true, data: { rows: reply.data.vouchers, total: reply.data.total } } : reply;
      },
      follow: (changed) => followEvent(connection, options, changed, eventId),
      renewed: (_shown, arrived) => arrived,
    });
    this.#connection = connection;
    this.#eventId = eventId;
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
    this.changeRows((shown) => (shown.id === reply.data.id ? reply.data : shown));
    // An answer under way may be from before the change: this request makes it a late one.
    await this.show(this.search);
    return reply;
  }
}
