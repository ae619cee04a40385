import { describe, expect, it } from 'vitest';
import { sizeOfPdf, textOfPdf } from '../../../test/support/read-ticket.ts';
import type { ReceiptPdfInput } from './receipt-pdf.ts';
import { renderReceiptPdf } from './receipt-pdf.ts';

const SELLER = { name: 'Kulturverein Nord e. V.', address: 'Hafenstraße 1, 20457 Hamburg', taxId: 'DE123456789' };
const ADDRESS = {
  name: 'Müller & Söhne GmbH',
  street: 'Große Gasse 3',
  postcode: '93047',
  city: 'Regensburg',
  country: 'Deutschland',
  vatId: 'DE987654321',
};

function inputOf(more: Partial<ReceiptPdfInput> = {}): ReceiptPdfInput {
  return {
    series: 'R-',
    number: 42,
    kind: 'receipt',
    issuedAt: new Date('2030-06-01T22:30:00.000Z'),
    paidAt: new Date('2030-06-01T21:30:00.000Z'),
    cancels: null,
    cause: null,
    code: '7KQM2XTD9PWA',
    event: {
      title: 'Jazz im Hinterhof',
      venue: 'Alte Schlosserei',
      timeZone: 'Europe/Berlin',
      startsAt: new Date('2030-07-01T18:00:00.000Z'),
    },
    seller: SELLER,
    note: null,
    buyer: { name: 'Anna Muster', email: 'anna@example.org', address: null },
    locale: 'en',
    lines: [
      { kind: 'ticket', name: 'Adult', count: 2, amount: 1_800, discount: 200 },
      { kind: 'ticket', name: 'Child', count: 1, amount: 900, discount: 0 },
    ],
    gross: 4_500,
    tax: 718,
    taxRate: 19,
    currency: 'EUR',
    siteName: 'Frontrow',
    ...more,
  };
}

const read = async (more: Partial<ReceiptPdfInput> = {}) => textOfPdf(await renderReceiptPdf(inputOf(more)));

describe('the PDF of a receipt', () => {
  it('is an invoice on one page in A4 with seller, number, dates at the venue, tickets and tax', async () => {
    const pdf = await renderReceiptPdf(inputOf());
    const { text, pages } = await textOfPdf(pdf);
    expect(pages).toBe(1);
    expect(await sizeOfPdf(pdf)).toEqual({ width: 595.28, height: 841.89 });
    for (const part of ['Kulturverein Nord e. V. Hafenstraße 1 20457 Hamburg', 'Tax number: DE123456789'])
      expect(text).toContain(part);
    for (const part of ['Invoice R-000042', 'Date of issue 2 June 2030', 'Paid on 1 June 2030', '7KQM 2XTD 9PWA'])
      expect(text).toContain(part);
    expect(text).toContain('Jazz im Hinterhof Alte Schlosserei Monday, 1 July 2030 at 20:00 CEST');
    expect(text).toContain('2 × Adult €20.00 -€4.00 €36.00');
    expect(text).toContain('1 × Child €9.00 €9.00');
    expect(text).toContain('Net €37.82 Tax, 19 % €7.18 Total with tax €45.00');
    expect(text).toContain('Anna Muster anna@example.org');
    expect(text).not.toContain('not an invoice');
    expect(pdf.length).toBeLessThan(60_000);
    expect((await renderReceiptPdf(inputOf())).equals(pdf)).toBe(true);
  });

  it('is in German with the address of a company, and German letters and amounts', async () => {
    const { text } = await read({
      locale: 'de',
      buyer: { name: 'Anna', email: 'anna@example.org', address: ADDRESS },
      lines: [{ kind: 'seat', name: '', count: 2, amount: 15_000, discount: 0 }],
      gross: 30_000,
      tax: 1_963,
      taxRate: 7,
    });
    expect(text).toContain('Rechnung R-000042');
    expect(text).toContain('Müller & Söhne GmbH Große Gasse 3 93047 Regensburg Deutschland USt-IdNr.: DE987654321');
    expect(text).toContain('2 Plätze 150,00 € 300,00 €');
    expect(text).toContain('Netto 280,37 € Umsatzsteuer 7 % 19,63 € Gesamt brutto 300,00 €');
    expect(text).toContain('Ausstellungsdatum 2. Juni 2030');
  });

  it('says what it is without a seller, and above a small amount without an address', async () => {
    const unknown = await read({ seller: null, tax: null, taxRate: null });
    expect(unknown.text).toContain('Frontrow Receipt R-000042');
    expect(unknown.text).toContain('It is not an invoice.');
    expect(unknown.text).toContain('No tax is shown separately.');
    const small = await read({ gross: 25_000 });
    expect(small.text).toContain('Invoice R-000042');
    const large = await read({ gross: 25_001 });
    expect(large.text).toContain('Receipt R-000042');
    expect(large.text).toContain('enter an invoice address at your booking');
    const otherCurrency = await read({ currency: 'CHF' });
    expect(otherCurrency.text).toContain('Receipt R-000042');
  });

  it('has the note of a seller who charges no tax', async () => {
    const note = 'Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.';
    const { text } = await read({ locale: 'de', tax: null, taxRate: null, note });
    expect(text).toContain('Rechnung R-000042');
    expect(text).toContain(note);
    expect(text).not.toContain('nicht ausgewiesen');
    expect(text).toContain('Gesamt 45,00 €');
  });

  it('names what a cancellation takes back, why, and its amounts as negative ones', async () => {
    const cancels = { series: 'R-', number: 7, issuedAt: new Date('2030-05-01T12:00:00.000Z') };
    const { text } = await read({
      locale: 'de',
      kind: 'cancellation',
      cancels,
      cause: 'cancelled',
      lines: [
        { kind: 'ticket', name: 'Kind', count: 1, amount: 900, discount: 0 },
        { kind: 'difference', name: '', count: 1, amount: -10, discount: 0 },
      ],
      gross: 890,
      tax: 142,
    });
    expect(text).toContain('Stornobeleg R-000042');
    expect(text).toContain('Storniert R-000007 vom 1. Mai 2030');
    expect(text).toContain('Erstattet am 1. Juni 2030');
    expect(text).toContain('1 × Kind -9,00 € -9,00 €');
    expect(text).toContain('Abzüglich früherer Erstattungen und Rundungen 0,10 €');
    expect(text).toContain('Zurückgezahlt -8,90 €');
    expect(text).toContain('Tickets wurden storniert');
  });

  it('goes on on further pages, and loses nothing of long texts and other scripts', async () => {
    const lines = Array.from({ length: 30 }, (_, at) => ({
      kind: 'ticket' as const,
      name: `Donaudampfschifffahrtsgesellschaftskapitänsmütze Nr. ${at + 1}`,
      count: 1,
      amount: 100,
      discount: 0,
    }));
    const long = 'Ö'.repeat(120);
    const { text, pages } = await read({
      lines,
      event: { ...inputOf().event, title: 'קונצרט בירושלים', venue: 'Ωδείο, Концерт' },
      buyer: { name: 'أحمد', email: 'a@example.org', address: { ...ADDRESS, name: long, street: long } },
    });
    expect(pages).toBeGreaterThan(1);
    expect(text).toContain('Nr. 30');
    expect(text).toContain('Ωδείο, Концерт');
    expect(text).toContain('Total with tax €45.00');
    expect(text.replaceAll(' ', '').match(/Ö/g)?.length).toBe(240);
    // The order of letters from right to left is that of the paper.
    expect([...'קונצרט'].every((letter) => text.includes(letter))).toBe(true);
  });
});
