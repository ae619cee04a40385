import { Worker } from 'node:worker_threads';
import type { PassFileInput } from '../passes/pass-file.ts';
import type { ReceiptPdfInput } from '../receipts/receipt-pdf.ts';
import type { TicketPdfInput } from '../ticket-pdf.ts';
import type { Printed, PrintReply, PrintRequest, TicketPrint } from './ticket-print.ts';
import { printRequest } from './ticket-print.ts';

const PROGRAM = new URL('./print-program.ts', import.meta.url);
/** The thread ends when it has printed nothing for so long: its fonts and libraries take tens of megabytes. */
const IDLE_MS = 30_000;
/** So many prints take half a second. Mails can wait for more; for a person who asks for a receipt that is too long. */
const MOST_WAITING = 50;

interface Waiting {
  resolve(printed: Printed): void;
  reject(error: Error): void;
}

interface PrintThread {
  worker: Worker;
  waiting: Map<number, Waiting>;
  idle: NodeJS.Timeout;
}

export type TicketPrinter = ReturnType<typeof createTicketPrinter>;

/**
 * Prints tickets, receipts and passes in a thread of low priority, which starts with the first of them: a print takes nine
 * milliseconds or more, for which no booking should wait.
 */
export function createTicketPrinter() {
  let thread: PrintThread | null = null;
  let lastNumber = 0;
  let isClosed = false;

  function open(): PrintThread {
    const worker = new Worker(PROGRAM);
    const opened: PrintThread = { worker, waiting: new Map(), idle: setTimeout(() => endIfIdle(opened), IDLE_MS) };
    opened.idle.unref();
    worker.unref();
    worker.on('message', (reply: PrintReply) => take(opened, reply));
    worker.on('error', (error) => end(opened, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => end(opened, new Error('The thread that prints tickets has ended')));
    return opened;
  }

  function take({ waiting, worker, idle }: PrintThread, reply: PrintReply): void {
    const request = waiting.get(reply.number);
    waiting.delete(reply.number);
    if (waiting.size === 0) worker.unref();
    idle.refresh();
    if ('error' in reply) request?.reject(new Error(`A ticket, receipt or pass could not be printed: ${reply.error}`));
    else request?.resolve(reply);
  }

  function endIfIdle(opened: PrintThread): void {
    if (opened.waiting.size > 0) opened.idle.refresh();
    else void opened.worker.terminate();
  }

  function end(ended: PrintThread, error: Error): void {
    if (thread === ended) thread = null;
    clearTimeout(ended.idle);
    for (const { reject } of ended.waiting.values()) reject(error);
    ended.waiting.clear();
  }

  function ask(requestOf: (number: number) => PrintRequest): Promise<Printed> {
    if (isClosed) return Promise.reject(new Error('Tickets are printed no more'));
    const { worker, waiting, idle } = (thread ??= open());
    const number = (lastNumber += 1);
    idle.refresh();
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      // A program waits for its prints, and ends in spite of a thread without any.
      worker.ref();
      worker.postMessage(requestOf(number));
    });
  }

  return {
    /** Rejects if the thread ends before: a mail is then tried again by its job. */
    async print(input: TicketPdfInput): Promise<TicketPrint> {
      const printed = await ask((number) => printRequest(number, input));
      if ('print' in printed) return printed.print;
      throw new Error('A receipt was printed instead of a ticket');
    },
    /** The PDF file of a receipt; null, at once, while many prints are waited for. Rejects if the thread ends before. */
    async printReceipt(receipt: ReceiptPdfInput): Promise<Uint8Array | null> {
      if ((thread?.waiting.size ?? 0) >= MOST_WAITING) return null;
      const printed = await ask((number) => ({ number, receipt }));
      if ('receipt' in printed) return printed.receipt;
      throw new Error('A ticket was printed instead of a receipt');
    },
    /** A pass for a wallet; null, at once, while many prints are waited for. Rejects if the thread ends before. */
    async printPass(pass: PassFileInput): Promise<Uint8Array | null> {
      if ((thread?.waiting.size ?? 0) >= MOST_WAITING) return null;
      const printed = await ask((number) => ({ number, pass }));
      if ('pass' in printed) return printed.pass;
      throw new Error('Something else was printed instead of a pass');
    },
    /** Ends the thread; prints under way are rejected. */
    async close(): Promise<void> {
      isClosed = true;
      await thread?.worker.terminate();
    },
  };
}
