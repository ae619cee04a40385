import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { toBuffer } from 'qrcode';
import { renderReceiptPdf } from '../receipts/receipt-pdf.ts';
import { renderTicketPdf } from '../ticket-pdf.ts';
import type { Printed, PrintReply, PrintRequest, TicketPrintRequest } from './ticket-print.ts';

// The thread that prints tickets, receipts and passes, for one server.

/** Bookings go first. No one but root may raise a priority, where the server's own is lower already. */
const NICE = 10;
/** With the quiet zone of four modules that scanners need (ISO/IEC 18004); about 270 pixels wide. */
const CODE = { type: 'png', margin: 4, scale: 6, errorCorrectionLevel: 'M' } as const;

// On Linux a priority is that of the calling thread (setpriority(2)); elsewhere it would be the whole server's.
if (process.platform === 'linux') setPriority(Math.max(NICE, getPriority()));

parentPort?.on('message', (request: PrintRequest) => void reply(request));

async function reply(request: PrintRequest): Promise<void> {
  const outcome = await print(request).catch((error: unknown) => ({
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }));
  parentPort?.postMessage({ number: request.number, ...outcome } satisfies PrintReply);
}

async function print(request: PrintRequest): Promise<Printed> {
  if ('receipt' in request) return { receipt: await renderReceiptPdf(request.receipt) };
  if (!('pass' in request)) return printTicket(request);
  // Its libraries are loaded only where there are passes.
  const { makePassFile } = await import('../passes/pass-file.ts');
  return { pass: await makePassFile(request.pass) };
}

async function printTicket({ ticket, eventId }: TicketPrintRequest): Promise<Printed> {
  const event = { ...ticket.event, _id: { toHexString: () => eventId } };
  const pdf = await renderTicketPdf({ ...ticket, event });
  return { print: { pdf, code: await toBuffer(ticket.ticket, CODE) } };
}
