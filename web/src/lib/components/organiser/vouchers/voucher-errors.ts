import { issueWords } from '#lib/i18n/field-errors.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import type { VoucherIssue } from '#lib/organiser/voucher-form.ts';
import { m } from '#lib/paraglide/messages.js';

type VoucherFieldErrors = Partial<Record<string, string>>;

const WORDS: Record<VoucherIssue, () => string> = {
  number: m.issue_number,
  amount: m.issue_amount,
  time: m.issue_time,
  code: m.vouchers_code_wrong,
  code_alone: m.vouchers_code_alone,
  percent: m.vouchers_percent_wrong,
  nothing: m.vouchers_nothing,
};

/** The issues of a parsed form in words, by field. */
export function issueErrors(issues: Partial<Record<string, VoucherIssue>>): VoucherFieldErrors {
  return Object.fromEntries(Object.entries(issues).map(([field, issue]) => [field, WORDS[issue ?? 'number']()]));
}

/** A refusal of the server in words, by field; empty if no field is the reason. */
export function refusalErrors({ code, issues = [], details = {} }: Failure): VoucherFieldErrors {
  if (code === 'SEATS_IN_USE') return { maxTickets: m.vouchers_in_use({ minimum: Number(details.minimum) }) };
  if (details.reason === 'code_taken') return { code: m.vouchers_code_taken() };
  if ('payments' in details) {
    const words = m.vouchers_price_refused();
    return { percentOff: words, amountOff: words };
  }
  const errors: VoucherFieldErrors = {};
  for (const { path, code: issue } of issues) {
    const field = String(path.find((part) => part !== 'changes') ?? '');
    errors[field] ??= fieldWords(field, issue);
  }
  return errors;
}

function fieldWords(field: string, issue: string): string {
  if (field === 'validUntil' && issue === 'custom') return m.vouchers_until_order();
  if (field === 'code') return m.vouchers_code_wrong();
  return issueWords(field, issue);
}

/** What a refusal means where no field shows it. */
export function refusalWords({ code }: Failure): string | null {
  if (code === 'CONNECTION_LOST') return m.vouchers_unknown();
  return code === 'INVALID_INPUT' || code === 'SEATS_IN_USE' ? m.vouchers_refused() : m.error_other();
}
