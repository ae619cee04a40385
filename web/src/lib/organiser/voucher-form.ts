import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import { parseAmount } from '#lib/format/money.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { wallClockTimes } from '#shared/time/wall-clock.ts';
import { timeFields, type TimeTexts } from './time-fields.ts';

type NumberField = 'maxTickets' | 'maxTicketsPerUser';
type VoucherTimeField = 'validFrom' | 'validUntil';

/** What can be changed of a voucher, as texts in the fields of a form; times are wall-clock times at the venue. */
export interface VoucherRuleFields extends TimeTexts<VoucherTimeField> {
  maxTickets: string;
  maxTicketsPerUser: string;
  note: string;
}

/** New vouchers as texts in the fields of a form. `opens` and `ticketTypes` are ids of types. */
export interface NewVoucherFields extends VoucherRuleFields {
  count: string;
  code: string;
  discount: 'none' | 'percent' | 'amount';
  percentOff: string;
  amountOff: string;
  opens: string[];
  ticketTypes: string[];
}

/**
 * `nothing`: neither a discount nor a type that is opened; `code_alone`: a code of one's own for several vouchers;
 * `percent`: no number from 1 to 100.
 */
export type VoucherIssue = 'number' | 'amount' | 'time' | 'code' | 'code_alone' | 'percent' | 'nothing';
type Issues = Partial<Record<keyof NewVoucherFields, VoucherIssue>>;
type Parsed<Input> = { ok: true; input: Input } | { ok: false; issues: Issues };
type NewVouchers = Omit<CommandRequest<'createVouchers'>, 'eventId' | 'requestId'>;
export type VoucherChanges = CommandRequest<'updateVoucher'>['changes'];

/** The fields of new vouchers. */
export function emptyVoucher(): NewVoucherFields {
  return {
    count: '1',
    code: '',
    discount: 'percent',
    percentOff: '10',
    amountOff: '',
    opens: [],
    ticketTypes: [],
    maxTickets: '',
    maxTicketsPerUser: '',
    validFrom: '',
    validFromTurn: '',
    validUntil: '',
    validUntilTurn: '',
    note: '',
  };
}

/** The fields of what can be changed of a voucher. */
export function voucherFieldsOf(voucher: Voucher, timeZone: string): VoucherRuleFields {
  const text = (number: number | null) => (number === null ? '' : String(number));
  return {
    maxTickets: text(voucher.maxTickets),
    maxTicketsPerUser: text(voucher.maxTicketsPerUser),
    note: voucher.note,
    ...timeFields('validFrom', voucher.validFrom, timeZone),
    ...timeFields('validUntil', voucher.validUntil, timeZone),
  };
}

/** Parses the form of new vouchers. Limits and the order of times are checked by the server only. */
export function parseNewVouchers(
  fields: NewVoucherFields,
  { currency, timeZone }: { currency: string; timeZone: string },
): Parsed<NewVouchers> {
  const issues: Issues = {};
  const rules = parseRules(fields, timeZone, issues);
  const code = fields.code.trim();
  const count = parseWholeNumber(fields.count);
  if (count === null) issues.count = 'number';
  if (code !== '' && !/^[\dA-Za-z-]{1,40}$/.test(code)) issues.code = 'code';
  else if (code !== '' && count !== null && count > 1) issues.code = 'code_alone';
  if (fields.discount === 'none' && fields.opens.length === 0) issues.discount = 'nothing';
  const discount = parseDiscount(fields, currency, issues);
  if (Object.keys(issues).length > 0) return { ok: false, issues };
  const given = Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== null && value !== ''));
  const input: NewVouchers = {
    count: count ?? 1,
    ...(code !== '' && { code }),
    ...discount,
    ...(fields.opens.length > 0 && { opens: [...fields.opens] }),
    ...given,
  };
  return { ok: true, input };
}

function parseDiscount(fields: NewVoucherFields, currency: string, issues: Issues): Partial<NewVouchers> {
  if (fields.discount === 'none') return {};
  const forTypes = fields.ticketTypes.length > 0 ? { ticketTypes: [...fields.ticketTypes] } : {};
  if (fields.discount === 'percent') {
    const percentOff = parseWholeNumber(fields.percentOff.replace('%', '')) ?? 0;
    if (percentOff < 1 || percentOff > 100) issues.percentOff = 'percent';
    return { percentOff, ...forTypes };
  }
  const amount = parseAmount(fields.amountOff, currency);
  if (amount === null || amount === 0) issues.amountOff = 'amount';
  return { amountOff: { amount: amount ?? 0, currency }, ...forTypes };
}

/** The changes that a form makes to a voucher; none (`{}`) if nothing differs. */
export function parseVoucherChanges(
  voucher: Voucher,
  fields: VoucherRuleFields,
  timeZone: string,
): Parsed<VoucherChanges> {
  const issues: Issues = {};
  const before = voucherFieldsOf(voucher, timeZone);
  const [known, rules] = [parseRules(before, timeZone, {}), parseRules(fields, timeZone, issues)];
  if (Object.keys(issues).length > 0) return { ok: false, issues };
  const entries = Object.entries(rules).filter(([name, value]) => known[name as keyof typeof known] !== value);
  return { ok: true, input: Object.fromEntries(entries) };
}

type Rules = Required<Omit<VoucherChanges, 'disabled'>>;

/** The rules in the types of the contract; an empty field is null. Adds to `issues` what cannot be parsed. */
function parseRules(fields: VoucherRuleFields, timeZone: string, issues: Issues): Rules {
  const number = (name: NumberField): number | null => {
    if (fields[name].trim() === '') return null;
    const parsed = parseWholeNumber(fields[name]);
    if (parsed === null) issues[name] = 'number';
    return parsed;
  };
  const time = (name: VoucherTimeField): string | null => {
    if (fields[name] === '') return null;
    const times = wallClockTimes(fields[name], timeZone);
    if (times.length === 0) issues[name] = 'time';
    return (fields[`${name}Turn`] === 'second' ? times.at(-1) : times[0]) ?? null;
  };
  return {
    maxTickets: number('maxTickets'),
    maxTicketsPerUser: number('maxTicketsPerUser'),
    validFrom: time('validFrom'),
    validUntil: time('validUntil'),
    note: fields.note.trim(),
  };
}
