import { Types } from 'mongoose';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { firstTicketType } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import { sizeOfPdf, textOfPdf } from '../../test/support/read-ticket.ts';
import type { TicketPdfInput } from './ticket-pdf.ts';
import { renderTicketPdf } from './ticket-pdf.ts';

const EUR = (amount: number) => ({ amount, currency: 'EUR' });
const TICKET = 'FR1.65f0c0ffee0123456789abcd.75f0c0ffee0123456789abcd.7KQM2XTD9PWA.abcdefghijklmnopqrstuv';
const A6 = { width: 297.64, height: 419.53 };

function inputOf({
  event = {},
  booking = {},
  locale = 'en',
}: {
  event?: Partial<EventDoc>;
  booking?: Partial<TicketPdfInput['booking']>;
  locale?: TicketPdfInput['locale'];
} = {}): TicketPdfInput {
  return {
    booking: {
      code: '7KQM2XTD9PWA',
      seats: 2,
      tickets: [{ type: 't1', count: 2, seats: 1, price: EUR(0) }],
      updatedAt: new Date('2030-06-01T12:00:00.000Z'),
      ...booking,
    },
    event: {
      _id: new Types.ObjectId('75f0c0ffee0123456789abcd'),
      title: 'Jazz im Hinterhof',
      venue: 'Alte Schlosserei',
      timeZone: 'Europe/Berlin',
      startsAt: new Date('2030-07-01T18:00:00.000Z'),
      endsAt: null,
      ticketTypes: [firstTicketType(EUR(0))],
      updatedAt: new Date('2030-06-01T12:00:00.000Z'),
      ...event,
    } as EventDoc,
    ticket: TICKET,
    picture: null,
    locale,
    siteName: 'Frontrow',
  };
}

async function read(input: TicketPdfInput) {
  return textOfPdf(await renderTicketPdf(input));
}

describe('the PDF of a ticket', () => {
  it('is one A6 page with event, time at the venue, code in groups and seats, as text', async () => {
    const pdf = await renderTicketPdf(inputOf());
    const { text, pages } = await textOfPdf(pdf);
    expect(pages).toBe(1);
    for (const part of ['Jazz im Hinterhof', 'Alte Schlosserei', '7KQM 2XTD 9PWA', 'Seats 2'])
      expect(text).toContain(part);
    expect(text).toContain('Monday, 1 July 2030 at 20:00 CEST');
    expect(text).not.toContain('Paid');
    const { width, height } = await sizeOfPdf(pdf);
    expect([width, height].map((side) => Math.round(side * 100) / 100)).toEqual([A6.width, A6.height]);
    expect(pdf.length).toBeLessThan(40_000);
  });

  it('is the same, byte for byte, for the same booking, and another for a changed one', async () => {
    const [once, again] = [await renderTicketPdf(inputOf()), await renderTicketPdf(inputOf())];
    expect(again.equals(once)).toBe(true);
    expect((await renderTicketPdf(inputOf({ booking: { seats: 3 } }))).equals(once)).toBe(false);
  });

  it('is in German, with German letters, the end, line items and what was paid', async () => {
    const name = ['Erwachsene', 'Ermäßigt (Schüler, Öffentlicher Dienst)'];
    const { text } = await read(
      inputOf({
        locale: 'de',
        event: {
          title: 'Übermäßig große Füße – „Straßenfest“',
          venue: 'Łódź Café, Große Bühne',
          endsAt: new Date('2030-07-01T21:30:00.000Z'),
          ticketTypes: name.map((one, at) => ({ ...firstTicketType(EUR(0)), id: `t${at + 1}`, name: one })),
        },
        booking: {
          seats: 3,
          tickets: [
            { type: 't1', count: 2, seats: 1, price: EUR(2_050) },
            { type: 't2', count: 1, seats: 1, price: EUR(1_000) },
          ],
        },
      }),
    );
    for (const part of ['Übermäßig große Füße – „Straßenfest“', 'Łódź Café, Große Bühne', 'Buchungscode'])
      expect(text).toContain(part);
    expect(text).toContain('Montag, 1. Juli 2030 um 20:00 MESZ, bis 23:30 MESZ');
    expect(text).toContain('2 × Erwachsene, 41,00 €');
    expect(text).toContain('1 × Ermäßigt (Schüler, Öffentlicher Dienst), 10,00 €');
    expect(text).toContain('Bezahlt 51,00 €');
  });

  it('has the address, and when the doors open', async () => {
    const doorsAt = new Date('2030-07-01T17:00:00.000Z');
    const { text } = await read(inputOf({ event: { address: 'Große Gasse 3\n93047 Regensburg', doorsAt } }));
    expect(text).toContain('Alte Schlosserei Große Gasse 3 93047 Regensburg');
    expect(text).toContain('Doors open 19:00 CEST');
    expect((await read(inputOf({ locale: 'de', event: { doorsAt } }))).text).toContain('Einlass ab 19:00 MESZ');
  });

  it('has minimum age, accessibility, and the picture of the event around its focus', async () => {
    const image = {
      id: 'a'.repeat(24),
      width: 960,
      height: 640,
      widths: [480, 960],
      focusX: 0.2,
      focusY: 1,
      alt: 'Band',
    };
    const background = { r: 200, g: 30, b: 30 };
    const picture = await sharp({ create: { width: 480, height: 320, channels: 3, background } })
      .jpeg()
      .toBuffer();
    const event = { minAge: 16, accessInfo: 'Two steps.\nA ramp at the side door.', image } as Partial<EventDoc>;
    const without = inputOf({ event });
    const pdf = await renderTicketPdf({ ...without, picture });
    const { text, pages } = await textOfPdf(pdf);
    expect(pages).toBe(1);
    for (const part of ['From 16 years', 'Accessibility', 'Two steps.', 'A ramp at the side door.'])
      expect(text).toContain(part);
    expect(pdf.includes('/DCTDecode')).toBe(true);
    expect((await renderTicketPdf(without)).includes('/DCTDecode')).toBe(false);
    expect((await sizeOfPdf(pdf)).height).toBeGreaterThan((await sizeOfPdf(await renderTicketPdf(without))).height);
    expect((await read(inputOf({ locale: 'de', event: { minAge: 0 } }))).text).toContain('Für jedes Alter');
  });

  it('of one seat has its number and type, and neither code nor price', async () => {
    const ticketTypes = ['Adult', 'Child'].map((name, at) => ({ ...firstTicketType(EUR(0)), id: `t${at + 1}`, name }));
    const booking = { tickets: [{ type: 't1', count: 2, seats: 1, price: EUR(2_000) }] };
    const whole = inputOf({ event: { ticketTypes }, booking });
    const { text } = await read({ ...whole, personal: { name: 'Adult', number: 2, of: 2 } });
    expect(text).toContain('Ticket 2 of 2');
    expect(text).toContain('Adult');
    for (const secret of ['7KQM', '40.00', 'Paid', 'Booking code']) expect(text).not.toContain(secret);
  });

  it('shows scripts that the font of the pages lacks, and says of a sample that it is one', async () => {
    const { text } = await read(inputOf({ event: { title: 'Ωμέγα и Концерт', sample: true } }));
    expect(text).toContain('Ωμέγα и Концерт');
    expect(text).toContain('Sample event');
  });

  it('grows with what does not fit, instead of leaving it out', async () => {
    const types = Array.from({ length: 30 }, (_, at) => ({
      ...firstTicketType(EUR(0)),
      id: `t${at + 1}`,
      name: `Type ${at + 1}`,
    }));
    const pdf = await renderTicketPdf(
      inputOf({
        event: { title: 'Donaudampfschifffahrtsgesellschaftskapitän '.repeat(3).slice(0, 120), ticketTypes: types },
        booking: { tickets: types.map(({ id }) => ({ type: id, count: 1, seats: 1, price: EUR(0) })) },
      }),
    );
    const { text, pages } = await textOfPdf(pdf);
    expect(pages).toBe(1);
    expect(text).toContain('1 × Type 30');
    expect((await sizeOfPdf(pdf)).height).toBeGreaterThan(A6.height);
  });
});
