import { textAt, type Form } from './form.ts';
import { wrongParameter } from './answer.ts';

/** The parameters of a checkout session; Stripe refuses unknown parameters. */
const SESSION_PARAMETERS = new Set([
  'mode',
  'payment_method_types',
  'wallet_options',
  'adaptive_pricing',
  'line_items',
  'client_reference_id',
  'metadata',
  'payment_intent_data',
  'customer_email',
  'locale',
  'custom_text',
  'expires_at',
  'success_url',
  'cancel_url',
  'expand',
]);
const REFUND_PARAMETERS = new Set(['payment_intent', 'amount', 'metadata', 'reason', 'expand']);

/** The shortest and the longest time that a checkout may stay open, in seconds. */
const LEAST_S = 30 * 60;
const MOST_S = 24 * 60 * 60;
/** In the mode `payment`. */
const MOST_LINES = 100;

export interface NewSession {
  amount: number;
  currency: string;
  expiresAt: number;
  metadata: Record<string, string>;
  paymentMetadata: Record<string, string>;
}

/** Reads a new checkout session; throws Stripe's error for parameters that Stripe would refuse. */
export function readSession(form: Form, nowS: number): NewSession {
  refuseUnknown(form, SESSION_PARAMETERS);
  if (textAt(form, 'mode') !== 'payment') throw wrongParameter('mode', 'Must be payment');
  for (const name of ['success_url', 'cancel_url'])
    if (!URL.canParse(textAt(form, name) ?? '')) throw wrongParameter(name, 'Not a valid URL', 'url_invalid');
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(textAt(form, 'customer_email') ?? ''))
    throw wrongParameter('customer_email', 'Invalid email address', 'email_invalid');
  if ((textAt(form, 'custom_text', 'submit', 'message') ?? '').length > 1200)
    throw wrongParameter('custom_text', 'At most 1200 characters');
  return {
    ...readPrice(form),
    expiresAt: readEnd(form, nowS),
    metadata: readMetadata(form['metadata']),
    paymentMetadata: readMetadata((form['payment_intent_data'] as Form | undefined)?.['metadata']),
  };
}

/** Reads the parameters of a refund. */
export function readRefund(form: Form): { payment: string; amount: number | null; metadata: Record<string, string> } {
  refuseUnknown(form, REFUND_PARAMETERS);
  const payment = textAt(form, 'payment_intent');
  if (payment === undefined) throw wrongParameter('payment_intent', 'Missing', 'parameter_missing');
  const amount = textAt(form, 'amount');
  return {
    payment,
    amount: amount === undefined ? null : whole(amount, 'amount'),
    metadata: readMetadata(form['metadata']),
  };
}

function readPrice(form: Form): Pick<NewSession, 'amount' | 'currency'> {
  const lines = (form['line_items'] as Form[] | undefined) ?? [];
  const currency = textAt(lines[0], 'price_data', 'currency') ?? '';
  const amount = lines.reduce((sum, line) => sum + readLine(line, currency), 0);
  if (lines.length === 0 || lines.length > MOST_LINES) throw wrongParameter('line_items', `1 to ${MOST_LINES} items`);
  if (amount < 50) throw wrongParameter('unit_amount', 'Must convert to at least 50 cents', 'amount_too_small');
  return { amount, currency };
}

/** The amount of a line: what one costs times their number. All lines are of one currency. */
function readLine(line: Form, currency: string): number {
  const own = textAt(line, 'price_data', 'currency') ?? '';
  if (!/^[a-z]{3}$/.test(own) || own !== currency) throw wrongParameter('currency', `Invalid currency: ${own}`);
  if (!textAt(line, 'price_data', 'product_data', 'name')) throw wrongParameter('name', 'Missing', 'parameter_missing');
  const unit = whole(textAt(line, 'price_data', 'unit_amount') ?? '', 'unit_amount');
  refuseDecimals(unit, currency);
  return unit * whole(textAt(line, 'quantity') ?? '', 'quantity');
}

function refuseDecimals(amount: number, currency: string): void {
  const step = /^(isk|ugx)$/.test(currency) ? 100 : /^(bhd|jod|kwd|omr|tnd)$/.test(currency) ? 10 : 1;
  if (amount % step !== 0) throw wrongParameter('unit_amount', `${currency} amounts must be divisible by ${step}`);
}

function readEnd(form: Form, nowS: number): number {
  const end = whole(textAt(form, 'expires_at') ?? '', 'expires_at');
  if (end < nowS + LEAST_S || end > nowS + MOST_S)
    throw wrongParameter('expires_at', 'Must be between 30 minutes and 24 hours from now');
  return end;
}

function readMetadata(value: unknown): Record<string, string> {
  return { ...(value as Record<string, string> | undefined) };
}

function whole(text: string, name: string): number {
  if (!/^\d{1,12}$/.test(text)) throw wrongParameter(name, `Invalid integer: ${text}`);
  return Number(text);
}

function refuseUnknown(form: Form, known: ReadonlySet<string>): void {
  const name = Object.keys(form).find((parameter) => !known.has(parameter));
  if (name !== undefined) throw wrongParameter(name, `Received unknown parameter: ${name}`, 'parameter_unknown');
}
