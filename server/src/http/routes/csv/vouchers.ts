import type { FastifyInstance } from 'fastify';
import type { Vouchers } from '#server/events/vouchers/vouchers.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import { commands } from '#shared/protocol/commands.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { amountCell, sendCsv } from '../../csv-file.ts';
import type { Identify } from '../../identity.ts';
import { requireOrganiser } from '../../identity.ts';

const HEADER = [
  'code',
  'percent off',
  'amount off',
  'currency',
  'opens',
  'for',
  'most tickets',
  'most per buyer',
  'valid from',
  'valid until',
  'note',
  'disabled',
  'held',
  'used',
  'created at',
];

/** The vouchers of an event, as CSV. */
export function mountVouchers(api: FastifyInstance, deps: { vouchers: Pick<Vouchers, 'all'>; identify: Identify }) {
  api.get<{ Params: { id: string } }>(
    '/events/:id/vouchers.csv',
    requireOrganiser(deps.identify, async (_identity, request, reply) => {
      const { id: eventId } = request.params as { id: string };
      const input = parseInput(commands.eventStats.input, { ...(request.query as object), eventId });
      if (!input.ok) return answerRefusal(reply, input.error);
      const found = await deps.vouchers.all(input.data.eventId);
      if (!found) return answerRefusal(reply, refuse('NOT_FOUND').error);
      const lines = eachLine(found.vouchers, found.event);
      return sendCsv(reply, { name: `vouchers-${eventId}.csv`, header: HEADER, lines });
    }),
  );
}

async function* eachLine(vouchers: AsyncIterable<VoucherDoc>, event: EventDoc): AsyncGenerator<(string | number)[]> {
  const names = new Map(event.ticketTypes.map(({ id, name }) => [id, name]));
  const namesOf = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? id).join('; ');
  for await (const voucher of vouchers) yield cellsOf(voucher, namesOf);
}

function cellsOf(voucher: VoucherDoc, namesOf: (ids: readonly string[]) => string): (string | number)[] {
  const { amountOff, ticketTypes } = voucher;
  return [
    voucher.code,
    voucher.percentOff ?? '',
    amountOff ? amountCell(amountOff) : '',
    amountOff?.currency ?? '',
    namesOf(voucher.opens),
    ticketTypes ? namesOf(ticketTypes) : '',
    voucher.maxTickets ?? '',
    voucher.maxTicketsPerUser ?? '',
    voucher.validFrom?.toISOString() ?? '',
    voucher.validUntil?.toISOString() ?? '',
    voucher.note,
    voucher.disabled ? 'yes' : 'no',
    voucher.held,
    voucher.used,
    voucher.createdAt.toISOString(),
  ];
}
