import { expect, test } from 'vitest';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { issueErrors, refusalErrors, refusalWords } from './voucher-errors.ts';

const failure = (more: Partial<Failure>): Failure => ({ code: 'INVALID_INPUT', message: '', ...more });
const issue = (path: (string | number)[], code: string) => ({ path, code, message: '' });

test('the issues of a form of vouchers are in words at their fields', () => {
  expect(issueErrors({ percentOff: 'percent', count: 'number' })).toEqual({
    percentOff: 'Please enter a whole number from 1 to 100.',
    count: 'Please enter a whole number.',
  });
});

test('a refusal of a voucher is in words at the field that it is about', () => {
  const issues = [
    issue(['count'], 'too_big'),
    issue(['changes', 'validUntil'], 'custom'),
    issue(['code'], 'invalid_format'),
    issue(['maxTickets'], 'too_small'),
  ];
  expect(refusalErrors(failure({ issues }))).toEqual({
    count: 'Too large.',
    validUntil: 'This has to be after the start of its validity.',
    code: 'Please use up to 40 letters, digits and hyphens.',
    maxTickets: 'Too small.',
  });
  expect(refusalErrors(failure({ code: 'SEATS_IN_USE', details: { minimum: 3 } }))).toEqual({
    maxTickets: 'At least 3: that many tickets are held or booked with it.',
  });
  expect(refusalErrors(failure({ code: 'INVALID_STATE', details: { reason: 'code_taken' } }))).toEqual({
    code: 'This event has a voucher with this code already.',
  });
  expect(refusalErrors(failure({ code: 'INVALID_STATE', details: { payments: 'stripe', minimum: 50 } }))).toMatchObject(
    {
      percentOff: 'With this discount a ticket would cost a sum that the payment provider does not charge.',
    },
  );
});

test('a failure of no field has words of its own', () => {
  expect(refusalErrors(failure({ code: 'CONNECTION_LOST' }))).toEqual({});
  expect(refusalWords(failure({ code: 'CONNECTION_LOST' }))).toMatch(/^No answer\./);
});
