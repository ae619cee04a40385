import type { InputIssue } from '#shared/protocol/errors.ts';
import { formatMoney } from '#lib/format/money.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import type { EventFields } from '#lib/organiser/event-form.ts';
import { m } from '#lib/paraglide/messages.js';
import { fieldErrors, issueWords } from './field-errors.ts';

type Errors = Record<string, string>;
/** The fields that an event was sent with. */
type Sent = Pick<EventFields, 'ticketTypes' | 'currency'>;

/** A refused event in words, by field; those of a ticket type by "key.field". Empty if no field is the reason. */
export function eventErrors(failure: Failure, sent: Sent): Errors {
  if (failure.code === 'SEATS_IN_USE') return seatsInUse(failure);
  if (failure.details?.reason === 'has_bookings' && 'seats' in failure.details) return seatsFixed(failure);
  const price = priceWords(failure, sent);
  if (price !== null) return { [`${typeInQuestion(failure, sent)}.price`]: price };
  return issueErrors(failure.issues ?? [], sent);
}

function seatsInUse({ details = {} }: Failure): Errors {
  const { ticketType, minimum } = details;
  if (typeof ticketType !== 'string') return { totalSeats: m.organiser_seats_in_use({ minimum: Number(minimum) }) };
  return { [`${ticketType}.limit`]: m.types_limit_in_use({ minimum: Number(minimum) }) };
}

/** A booked type keeps the seats that its tickets take. */
function seatsFixed({ details = {} }: Failure): Errors {
  return { [`${String(details.ticketType)}.seats`]: m.types_seats_fixed({ seats: Number(details.seats) }) };
}

/** Why the payment provider cannot charge this price; null for any other failure. */
function priceWords({ code, details = {} }: Failure, { currency }: Sent): string | null {
  if (code !== 'INVALID_STATE' || !('payments' in details)) return null;
  const money = (amount: unknown) => formatMoney({ amount: Number(amount), currency });
  if (details.minimum !== undefined) return m.organiser_price_least({ minimum: money(details.minimum) });
  return details.step === undefined ? null : m.organiser_price_step({ step: money(details.step) });
}

function typeInQuestion({ details }: Failure, sent: Sent): string {
  const named = details?.ticketType;
  return typeof named === 'string' ? named : (onSaleOf(sent)[0]?.key ?? '');
}

function issueErrors(issues: readonly InputIssue[], sent: Sent): Errors {
  const paths = issues.map((issue) => ({ ...issue, path: issue.path.filter((part) => part !== 'changes') }));
  const errors = fieldErrors(paths.filter(({ path }) => path[0] !== 'ticketTypes' || path.at(-1) === 'currency'));
  const { price, ...others } = errors;
  const byType = paths.filter(({ path }) => path[0] === 'ticketTypes' && path.at(-1) !== 'currency');
  const onePrice = price === undefined ? {} : { [`${onSaleOf(sent)[0]?.key}.price`]: price };
  return { ...others, ...onePrice, ...typeErrors(byType, sent) };
}

/** The issues of ticket types: paths count the types as they were sent. */
function typeErrors(issues: readonly InputIssue[], sent: Sent): Errors {
  const errors: Errors = {};
  for (const { path, code } of issues) {
    const [, index, field] = path;
    const type = typeof index === 'number' ? onSaleOf(sent)[index] : undefined;
    const isOfField = type !== undefined && typeof field === 'string' && field !== 'id';
    errors[isOfField ? `${type.key}.${field}` : 'ticketTypes'] ??= isOfField
      ? typeWords(field, code)
      : m.types_list_refused();
  }
  return errors;
}

function typeWords(field: string, code: string): string {
  if (field === 'salesUntil' && code === 'custom') return m.types_window_order();
  return field === 'maxPerBooking' && code === 'custom' ? m.types_max_order() : issueWords(field, code);
}

function onSaleOf({ ticketTypes }: Sent): EventFields['ticketTypes'] {
  return ticketTypes.filter(({ isArchived }) => !isArchived);
}
