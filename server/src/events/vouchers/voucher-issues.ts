import { discountOf, isDiscounted } from '#server/booking/rules/vouchers/discount.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { ProviderName } from '#shared/checkout.ts';
import { chargeStep } from '#shared/money/charge.ts';
import type { InputIssue } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { CreateVouchersInput } from '#shared/tickets/voucher.ts';

type VoucherEvent = Pick<EventDoc, 'ticketTypes' | 'price'>;

function issueAt(path: (string | number)[], message: string): InputIssue {
  return { path, code: 'custom', message };
}

/** What of a new voucher does not fit its event, each with the path of the field to correct. */
export function voucherIssues(event: VoucherEvent, input: CreateVouchersInput): InputIssue[] {
  const { percentOff, amountOff, opens = [], ticketTypes = [] } = input;
  const hasDiscount = percentOff !== undefined || amountOff !== undefined;
  const { currency } = event.price;
  const access = new Map(event.ticketTypes.map((type) => [type.id, type.access]));
  const issues: InputIssue[] = [];
  if (!hasDiscount && opens.length === 0)
    issues.push(issueAt(['percentOff'], 'Needs percentOff, amountOff or opens: the voucher would give nothing'));
  if (!hasDiscount && ticketTypes.length > 0) issues.push(issueAt(['ticketTypes'], 'Needs percentOff or amountOff'));
  if (amountOff && amountOff.currency !== currency)
    issues.push(issueAt(['amountOff', 'currency'], `The event sells in ${currency}`));
  opens.forEach((id, index) => {
    if (access.get(id) !== 'voucher')
      issues.push(issueAt(['opens', index], 'No ticket type of the event that is hidden'));
  });
  ticketTypes.forEach((id, index) => {
    if (!access.has(id)) issues.push(issueAt(['ticketTypes', index], 'No ticket type of the event'));
  });
  return [...issues, ...windowIssues({ validFrom: dateOf(input.validFrom), validUntil: dateOf(input.validUntil) })];
}

/** A window that ends before it begins. */
export function windowIssues({ validFrom, validUntil }: { validFrom: Date | null; validUntil: Date | null }) {
  const isEmpty = validFrom !== null && validUntil !== null && validUntil <= validFrom;
  return isEmpty ? [issueAt(['validUntil'], 'Must be after validFrom')] : [];
}

/** What each ticket would cost with a new voucher by this provider, where it costs something. */
export function discountedPrices(
  event: VoucherEvent,
  input: CreateVouchersInput,
  provider: ProviderName | null,
): Money[] {
  const step = provider ? chargeStep(provider, event.price.currency) : 1;
  const discount = { percentOff: input.percentOff ?? null, amountOff: input.amountOff ?? null };
  return event.ticketTypes
    .filter(({ id, archived }) => !archived && isDiscounted({ ticketTypes: input.ticketTypes ?? null }, id))
    .map(({ price }) => ({ ...price, amount: price.amount - discountOf(price, discount, step) }))
    .filter(({ amount }) => amount > 0);
}

function dateOf(time: string | undefined): Date | null {
  return time === undefined ? null : new Date(time);
}
