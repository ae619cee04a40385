import type { FastifyInstance } from 'fastify';
import { numberText } from '#server/models/receipts/receipt-number.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import type { Receipts } from '#server/receipts/receipts.ts';
import { receiptsFileInput } from '#shared/receipts/receipt.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { amountCell, sendCsv } from '../../csv-file.ts';
import type { Identify } from '../../identity.ts';
import { requireOrganiser } from '../../identity.ts';

const HEADER = [
  'number',
  'kind',
  'cancels',
  'issued at',
  'paid at',
  'event',
  'booking code',
  'name',
  'email',
  'invoice address',
  'VAT number',
  'tax rate',
  'net',
  'tax',
  'gross',
  'currency',
];

/** Receipts and cancellations as CSV: of all events, of one, or of a time. Amounts of cancellations are negative. */
export function mountReceiptsFile(api: FastifyInstance, deps: { receipts: Pick<Receipts, 'all'>; identify: Identify }) {
  api.get(
    '/receipts.csv',
    requireOrganiser(deps.identify, async (_identity, request, reply) => {
      const input = parseInput(receiptsFileInput, request.query);
      if (!input.ok) return answerRefusal(reply, input.error);
      const { eventId, from, to } = input.data;
      const found = deps.receipts.all({
        ...(eventId !== undefined && { eventId }),
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
      });
      const name = eventId === undefined ? 'receipts.csv' : `receipts-${eventId}.csv`;
      return sendCsv(reply, { name, header: HEADER, lines: eachLine(found) });
    }),
  );
}

async function* eachLine(receipts: AsyncIterable<ReceiptDoc>): AsyncGenerator<(string | number)[]> {
  for await (const receipt of receipts) yield cellsOf(receipt);
}

function cellsOf(receipt: ReceiptDoc): (string | number)[] {
  const { kind, cancels, buyer, taxRate, tax, gross, currency } = receipt;
  const { address } = buyer;
  const sign = kind === 'cancellation' ? -1 : 1;
  const cell = (amount: number) => amountCell({ amount: sign * amount + 0, currency });
  return [
    numberText(receipt),
    kind,
    cancels ? numberText(cancels) : '',
    receipt.issuedAt.toISOString(),
    receipt.paidAt.toISOString(),
    receipt.event.title,
    receipt.code,
    buyer.name,
    buyer.email,
    address ? [address.name, address.street, `${address.postcode} ${address.city}`, address.country].join(', ') : '',
    address?.vatId ?? '',
    taxRate ?? '',
    tax === null ? '' : cell(gross - tax),
    tax === null ? '' : cell(tax),
    cell(gross),
    currency,
  ];
}
