import type { Locale } from '#shared/account.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';

/** The words on a receipt's PDF. */
interface ReceiptWords {
  /** The language for amounts and numbers. */
  intl: string;
  invoice: string;
  receipt: string;
  cancellation: string;
  number: string;
  issued: string;
  paid: string;
  refunded: string;
  event: string;
  code: string;
  cancels: string;
  cancelled: (number: string, date: string) => string;
  taxId: string;
  to: string;
  vatId: string;
  item: string;
  each: string;
  discount: string;
  amount: string;
  seats: (count: number) => string;
  tickets: (count: number, name: string) => string;
  part: string;
  difference: string;
  net: string;
  tax: (rate: string) => string;
  gross: string;
  total: string;
  given: string;
  noTax: string;
  noInvoice: string;
  noAddress: string;
  causes: Record<NonNullable<ReceiptDoc['cause']>, string>;
}

export const RECEIPT_WORDS: Record<Locale, ReceiptWords> = {
  en: {
    intl: 'en-GB',
    invoice: 'Invoice',
    receipt: 'Receipt',
    cancellation: 'Cancellation',
    number: 'Number',
    issued: 'Date of issue',
    paid: 'Paid on',
    refunded: 'Refunded on',
    event: 'Event',
    code: 'Booking code',
    cancels: 'Cancels',
    cancelled: (number, date) => `${number} of ${date}, as far as stated below`,
    taxId: 'Tax number',
    to: 'To',
    vatId: 'VAT number',
    item: 'Item',
    each: 'Each',
    discount: 'Discount',
    amount: 'Amount',
    seats: (count) => (count === 1 ? '1 seat' : `${count} seats`),
    tickets: (count, name) => `${count} × ${name}`,
    part: 'Part of the price',
    difference: 'Less what was refunded before, and roundings',
    net: 'Net',
    tax: (rate) => `Tax, ${rate} %`,
    gross: 'Total with tax',
    total: 'Total',
    given: 'Given back',
    noTax: 'No tax is shown separately.',
    noInvoice: 'This receipt confirms a payment. It is not an invoice.',
    noAddress: 'For an invoice, enter an invoice address at your booking.',
    causes: {
      cancelled: 'Reason: tickets were cancelled.',
      event: 'Reason: the event was cancelled.',
      organiser: 'Reason: the organiser has refunded part of the price.',
      late: 'Reason: the payment came too late.',
      double: 'Reason: the booking had been paid already.',
      mismatch: 'Reason: another amount was paid.',
      closed: 'Reason: the account was closed.',
      provider: 'Reason: the payment was refunded.',
      dispute: 'Reason: the bank took the payment back.',
      address: 'Reason: the invoice address was changed. A new receipt replaces the cancelled one.',
    },
  },
  de: {
    intl: 'de-DE',
    invoice: 'Rechnung',
    receipt: 'Zahlungsbeleg',
    cancellation: 'Stornobeleg',
    number: 'Nummer',
    issued: 'Ausstellungsdatum',
    paid: 'Bezahlt am',
    refunded: 'Erstattet am',
    event: 'Veranstaltung',
    code: 'Buchungscode',
    cancels: 'Storniert',
    cancelled: (number, date) => `${number} vom ${date}, soweit unten angegeben`,
    taxId: 'Steuernummer',
    to: 'An',
    vatId: 'USt-IdNr.',
    item: 'Leistung',
    each: 'Einzelpreis',
    discount: 'Nachlass',
    amount: 'Betrag',
    seats: (count) => (count === 1 ? '1 Platz' : `${count} Plätze`),
    tickets: (count, name) => `${count} × ${name}`,
    part: 'Teil des Preises',
    difference: 'Abzüglich früherer Erstattungen und Rundungen',
    net: 'Netto',
    tax: (rate) => `Umsatzsteuer ${rate} %`,
    gross: 'Gesamt brutto',
    total: 'Gesamt',
    given: 'Zurückgezahlt',
    noTax: 'Umsatzsteuer ist nicht ausgewiesen.',
    noInvoice: 'Dieser Beleg bestätigt eine Zahlung. Er ist keine Rechnung.',
    noAddress: 'Für eine Rechnung tragen Sie bei Ihrer Buchung eine Rechnungsadresse ein.',
    causes: {
      cancelled: 'Grund: Tickets wurden storniert.',
      event: 'Grund: Die Veranstaltung wurde abgesagt.',
      organiser: 'Grund: Die Veranstalter haben einen Teil des Preises erstattet.',
      late: 'Grund: Die Zahlung kam zu spät.',
      double: 'Grund: Die Buchung war schon bezahlt.',
      mismatch: 'Grund: Es wurde ein anderer Betrag gezahlt.',
      closed: 'Grund: Das Konto wurde geschlossen.',
      provider: 'Grund: Die Zahlung wurde erstattet.',
      dispute: 'Grund: Die Bank hat die Zahlung zurückgeholt.',
      address: 'Grund: Die Rechnungsadresse wurde geändert. Ein neuer Beleg ersetzt den stornierten.',
    },
  },
};
