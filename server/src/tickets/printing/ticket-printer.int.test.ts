import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { firstTicketType } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import { codeInImage, textOfPdf } from '../../../test/support/read-ticket.ts';
import type { TicketPdfInput } from '../ticket-pdf.ts';
import { renderTicketPdf } from '../ticket-pdf.ts';
import { createTicketPrinter } from './ticket-printer.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

function ticketOf(code: string): TicketPdfInput {
  const updatedAt = new Date('2030-06-01T12:00:00.000Z');
  const event: Partial<EventDoc> = {
    _id: new Types.ObjectId('75f0c0ffee0123456789abcd'),
    title: 'Jazz im Hinterhof',
    venue: 'Alte Schlosserei',
    timeZone: 'Europe/Berlin',
    startsAt: new Date('2030-07-01T18:00:00.000Z'),
    endsAt: null,
    address: null,
    doorsAt: null,
    minAge: null,
    accessInfo: null,
    image: null,
    ticketTypes: [firstTicketType(PRICE)],
    updatedAt,
  };
  return {
    booking: { code, seats: 2, tickets: [{ type: 't1', count: 2, seats: 1, price: PRICE }], updatedAt },
    event: event as EventDoc,
    ticket: `FR1.65f0c0ffee0123456789abcd.75f0c0ffee0123456789abcd.${code}.abcdefghijklmnopqrstuv`,
    picture: null,
    locale: 'de',
    siteName: 'Frontrow',
  };
}

function openPrinter(t: TestContext) {
  const printer = createTicketPrinter();
  t.onTestFinished(() => printer.close());
  return printer;
}

/** The niceness of each thread of this process, by its id: the 19th field of its state (proc(5)). */
function niceOfThreads(): Map<string, number> {
  const ids = readdirSync('/proc/self/task');
  return new Map(ids.map((id) => [id, niceOf(readFileSync(`/proc/self/task/${id}/stat`, 'utf8'))]));
}

function niceOf(state: string): number {
  return Number(state.split(') ')[1]?.split(' ')[16]);
}

it('prints in a thread what the server itself would print, each ticket for its own caller', async (t) => {
  const printer = openPrinter(t);
  const tickets = ['7KQM2XTD9PWA', '8LRN3YVE2QXB', '9MSP4ZWF3RYC'].map(ticketOf);
  const prints = await Promise.all(tickets.map((ticket) => printer.print(ticket)));
  expect(prints).toHaveLength(3);
  for (const [index, { pdf, code }] of prints.entries()) {
    const ticket = tickets[index] as TicketPdfInput;
    expect(Buffer.from(pdf)).toEqual(await renderTicketPdf(ticket));
    expect((await textOfPdf(Buffer.from(pdf))).text).toContain('40,00');
    expect(codeInImage(Buffer.from(code))).toBe(ticket.ticket);
  }
});

it.runIf(process.platform === 'linux')('prints at a low priority, and leaves that of all other threads', async (t) => {
  const printer = openPrinter(t);
  const before = niceOfThreads();
  await printer.print(ticketOf('7KQM2XTD9PWA'));
  const after = niceOfThreads();
  for (const [id, nice] of before) if (after.has(id)) expect(after.get(id)).toBe(nice);
  const added = [...after].filter(([id]) => !before.has(id)).map(([, nice]) => nice);
  expect(added).toContain(Math.max(10, getPriority()));
});

it('says what is wrong with a ticket that cannot be printed, and prints the next one', async (t) => {
  const printer = openPrinter(t);
  const broken = { ...ticketOf('7KQM2XTD9PWA'), locale: 'xx' as 'de' };
  await expect(printer.print(broken)).rejects.toThrow(/could not be printed/);
  await expect(printer.print(ticketOf('8LRN3YVE2QXB'))).resolves.toBeDefined();
});

it('rejects what is being printed when it is closed, and whatever comes later', async (t) => {
  const printer = openPrinter(t);
  const underWay = expect(printer.print(ticketOf('7KQM2XTD9PWA'))).rejects.toThrow(/has ended/);
  await printer.close();
  await underWay;
  await expect(printer.print(ticketOf('8LRN3YVE2QXB'))).rejects.toThrow(/no more/);
});
