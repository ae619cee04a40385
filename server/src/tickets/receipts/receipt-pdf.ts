import PDFDocument from 'pdfkit';
import { isInvoice, needsAddress } from '#server/models/receipts/is-invoice.ts';
import { numberText } from '#server/models/receipts/receipt-number.ts';
import type { ReceiptDoc, ReceiptLine } from '#server/models/receipts/receipt.ts';
import { moneyText } from '#shared/money/money-text.ts';
import { groupedCode } from '#shared/text/grouped-code.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import { printable } from '../printable.ts';
import { RECEIPT_WORDS } from './receipt-words.ts';
import type { Look } from './sheet.ts';
import { GAP, INNER, Sheet, SOFT } from './sheet.ts';

/** A receipt as it is printed. */
export type ReceiptPdfInput = Omit<ReceiptDoc, '_id' | 'paymentId' | 'bookingId' | 'eventId' | 'userId' | 'fact'> & {
  siteName: string;
};

/** The columns of the table: where each begins, from the margin, and how wide it is. */
const COLUMNS = {
  item: { at: 0, width: INNER - 3 * 80, align: 'left' },
  each: { at: INNER - 3 * 80, width: 80, align: 'right' },
  discount: { at: INNER - 2 * 80, width: 80, align: 'right' },
  amount: { at: INNER - 80, width: 80, align: 'right' },
} as const;
/** The labels of facts, and what is written beside them. */
const FACT = { label: 120, value: INNER - 120 } as const;
const INK = '#191c26';

const TEXT: Look = { weight: 'regular', size: 10, color: INK };
const STRONG: Look = { weight: 'bold', size: 10, color: INK };
const NOTE: Look = { weight: 'regular', size: 8.5, color: SOFT };
const TITLE: Look = { weight: 'bold', size: 20, color: INK };

/** A receipt as a PDF file in A4. The same receipt always gives the same bytes. */
export async function renderReceiptPdf(input: ReceiptPdfInput): Promise<Buffer> {
  const { locale, siteName, seller, issuedAt } = input;
  const title = `${titleOf(input)} ${numberText(input)}`;
  const pdf = new PDFDocument({
    autoFirstPage: false,
    margin: 0,
    // A default font would be one more in the file.
    font: null as unknown as string,
    lang: locale,
    displayTitle: true,
    info: { Title: printable(title), Author: printable(seller?.name ?? siteName), CreationDate: issuedAt },
  });
  const bytes = collect(pdf);
  const page = new Sheet(pdf, { title, look: NOTE });
  writeHead(page, input, title);
  writeFacts(page, input);
  writeTable(page, input);
  writeTotals(page, input);
  writeNotes(page, input);
  pdf.end();
  return bytes;
}

function collect(pdf: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
}

function titleOf(input: ReceiptPdfInput): string {
  const words = RECEIPT_WORDS[input.locale];
  if (input.kind === 'cancellation') return words.cancellation;
  return isInvoice(input) ? words.invoice : words.receipt;
}

function writeHead(page: Sheet, { seller, siteName, locale }: ReceiptPdfInput, title: string): void {
  page.line(seller?.name ?? siteName, STRONG, 2);
  if (seller) {
    page.line(linesOfAddress(seller.address), NOTE, 2);
    page.line(`${RECEIPT_WORDS[locale].taxId}: ${seller.taxId}`, NOTE, 2);
  }
  page.space(2 * GAP);
  page.line(title, TITLE, 2 * GAP);
}

/** The parts of an address in the settings, a line each. */
function linesOfAddress(address: string): string {
  return address
    .split(',')
    .map((part) => part.trim())
    .join('\n');
}

function writeFacts(page: Sheet, input: ReceiptPdfInput): void {
  const { locale, event, code, issuedAt, paidAt, kind, cancels } = input;
  const words = RECEIPT_WORDS[locale];
  const format = new Intl.DateTimeFormat(words.intl, { ...DATE, timeZone: event.timeZone });
  const date = (at: Date) => format.format(at);
  const fact = (label: string, value: string) =>
    page.row(
      [
        { text: label, at: 0, width: FACT.label, align: 'left', look: { ...TEXT, color: SOFT } },
        { text: value, at: FACT.label, width: FACT.value, align: 'left', look: TEXT },
      ],
      3,
    );
  fact(words.number, numberText(input));
  fact(words.issued, date(issuedAt));
  if (cancels) fact(words.cancels, words.cancelled(numberText(cancels), date(cancels.issuedAt)));
  if (input.cause !== 'address') fact(kind === 'receipt' ? words.paid : words.refunded, date(paidAt));
  fact(
    words.event,
    `${event.title}\n${event.venue}\n${venueTimeFormat(locale, event.timeZone, DAY_AND_TIME)(event.startsAt)}`,
  );
  fact(words.code, groupedCode(code));
  fact(words.to, recipientOf(input));
  page.space(2 * GAP);
}

/** The invoice address if there is one, and the buyer's name and mail address. */
function recipientOf({ buyer, locale }: ReceiptPdfInput): string {
  const { address, name, email } = buyer;
  if (!address) return [name, email].filter((text) => text !== '').join('\n') || '–';
  const { street, postcode, city, country, vatId } = address;
  const vat = vatId === undefined ? [] : [`${RECEIPT_WORDS[locale].vatId}: ${vatId}`];
  return [address.name, street, `${postcode} ${city}`, country, ...vat, email].filter((text) => text !== '').join('\n');
}

function writeTable(page: Sheet, input: ReceiptPdfInput): void {
  const { locale, lines } = input;
  const words = RECEIPT_WORDS[locale];
  const money = amounts(input);
  const row = (texts: Record<keyof typeof COLUMNS, string>, look: Look) =>
    page.row(
      (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map((name) => ({ ...COLUMNS[name], text: texts[name], look })),
      5,
    );
  row({ item: words.item, each: words.each, discount: words.discount, amount: words.amount }, NOTE);
  page.rule();
  for (const line of lines) {
    const isTicket = line.kind === 'ticket' || line.kind === 'seat';
    row(
      {
        item: itemOf(line, words),
        each: isTicket ? money(line.amount + line.discount) : '',
        discount: line.discount > 0 ? money(-line.count * line.discount) : '',
        amount: money(line.count * line.amount),
      },
      TEXT,
    );
  }
  page.rule();
}

function itemOf({ kind, count, name }: ReceiptLine, words: (typeof RECEIPT_WORDS)['en']): string {
  if (kind === 'ticket') return words.tickets(count, name);
  if (kind === 'seat') return words.seats(count);
  return kind === 'amount' ? words.part : words.difference;
}

function writeTotals(page: Sheet, input: ReceiptPdfInput): void {
  const { locale, kind, gross, tax, taxRate } = input;
  const words = RECEIPT_WORDS[locale];
  const money = amounts(input);
  const sum = (label: string, amount: number, look: Look) => {
    const { at, width, align } = COLUMNS.amount;
    page.row(
      [
        { text: label, at: 0, width: at - GAP, align: 'right', look },
        { text: money(amount), at, width, align, look },
      ],
      3,
    );
  };
  if (tax !== null && taxRate !== null) {
    const rate = new Intl.NumberFormat(words.intl, { maximumFractionDigits: 2 }).format(taxRate);
    sum(words.net, gross - tax, TEXT);
    sum(words.tax(rate), tax, TEXT);
  }
  const total = kind === 'cancellation' ? words.given : tax === null ? words.total : words.gross;
  sum(total, gross, { ...STRONG, size: 12 });
  page.space(2 * GAP);
}

function writeNotes(page: Sheet, input: ReceiptPdfInput): void {
  const { locale, kind, cause, tax, note, seller, buyer } = input;
  const words = RECEIPT_WORDS[locale];
  if (cause !== null) page.line(words.causes[cause], NOTE, 3);
  if (note !== null) page.line(note, NOTE, 3);
  else if (tax === null) page.line(words.noTax, NOTE, 3);
  if (kind === 'cancellation' || isInvoice(input)) return;
  page.line(words.noInvoice, NOTE, 3);
  if (seller !== null && buyer.address === null && needsAddress(input)) page.line(words.noAddress, NOTE, 3);
}

/** Amounts of the receipt in words; of a cancellation with their sign reversed. */
function amounts({ locale, currency, kind }: ReceiptPdfInput): (amount: number) => string {
  const { intl } = RECEIPT_WORDS[locale];
  const sign = kind === 'cancellation' ? -1 : 1;
  // Adding 0 makes 0 of -0.
  return (amount) => moneyText({ amount: sign * amount + 0, currency }, intl);
}

const DATE = { day: 'numeric', month: 'long', year: 'numeric' } as const satisfies Intl.DateTimeFormatOptions;
const DAY_AND_TIME = {
  weekday: 'long',
  ...DATE,
  hour: '2-digit',
  minute: '2-digit',
} as const satisfies Intl.DateTimeFormatOptions;
