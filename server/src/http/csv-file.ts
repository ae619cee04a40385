import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { minorDigits } from '#shared/money/currency.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { csvLine } from './csv.ts';

/** Excel reads a CSV file as UTF-8 only with this at its start. */
const BYTE_ORDER_MARK = '\uFEFF';
/** Lines per chunk. */
const CHUNK_LINES = 200;

type Cells = readonly (string | number)[];

/** Sends a CSV file line by line: only a few hundred lines are in memory at a time. */
export function sendCsv(
  reply: FastifyReply,
  { name, header, lines }: { name: string; header: Cells; lines: AsyncIterable<Cells> },
): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(csvChunks(header, lines)));
}

async function* csvChunks(header: Cells, all: AsyncIterable<Cells>): AsyncGenerator<string> {
  let text = BYTE_ORDER_MARK + csvLine(header);
  let lines = 0;
  for await (const cells of all) {
    text += csvLine(cells);
    lines += 1;
    if (lines % CHUNK_LINES > 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** In major units, which spreadsheets can add up: 2000 cents are "20.00", 500 yen "500". */
export function amountCell({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}
