import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { toBuffer } from 'qrcode';
import { renderTicketPdf } from '../ticket-pdf.ts';
import type { PrintReply, PrintRequest, TicketPrint } from './ticket-print.ts';

// The thread that prints tickets, for one server.

/** Bookings go first. No one but root may raise a priority, where the server's own is lower already. */
const NICE = 10;
/** With the quiet zone of four modules that scanners need (ISO/IEC 18004); about 270 pixels wide. */
const CODE = { type: 'png', margin: 4, scale: 6, errorCorrectionLevel: 'M' } as const;

// On Linux a priority is that of the calling thread (setpriority(2)); elsewhere it would be the whole server's.
if (process.platform === 'linux') setPriority(Math.max(NICE, getPriority()));

parentPort?.on('message', (request: PrintRequest) => void reply(request));

async function reply({ number, ticket, eventId }: PrintRequest): Promise<void> {
  const event = { ...ticket.event, _id: { toHexString: () => eventId } };
  const outcome = await print({ ...ticket, event }).catch((error: unknown) => ({
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }));
  parentPort?.postMessage({ number, ...outcome } satisfies PrintReply);
}

async function print(input: Parameters<typeof renderTicketPdf>[0]): Promise<{ print: TicketPrint }> {
  return { print: { pdf: await renderTicketPdf(input), code: await toBuffer(input.ticket, CODE) } };
}
