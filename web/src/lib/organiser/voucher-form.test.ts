import { expect, test } from 'vitest';
import { aVoucher } from '#lib/live/fixtures.ts';
import { emptyVoucher, parseNewVouchers, parseVoucherChanges, voucherFieldsOf } from './voucher-form.ts';
import { voucherState } from './voucher-state.ts';

const context = { currency: 'EUR', timeZone: 'Europe/Berlin' };

test('new vouchers have only the properties that are filled in', () => {
  const plain = parseNewVouchers({ ...emptyVoucher(), count: '1,000', percentOff: '25 %' }, context);
  expect(plain).toEqual({ ok: true, input: { count: 1_000, percentOff: 25 } });
  const full = parseNewVouchers(
    {
      ...emptyVoucher(),
      code: ' SUMMER-25 ',
      discount: 'amount',
      amountOff: '2,50',
      opens: ['t3'],
      ticketTypes: ['t1'],
      maxTickets: '10',
      maxTicketsPerUser: '2',
      validUntil: '2026-10-14T20:00',
      note: ' Choir ',
    },
    context,
  );
  expect(full).toEqual({
    ok: true,
    input: {
      count: 1,
      code: 'SUMMER-25',
      amountOff: { amount: 250, currency: 'EUR' },
      opens: ['t3'],
      ticketTypes: ['t1'],
      maxTickets: 10,
      maxTicketsPerUser: 2,
      validUntil: '2026-10-14T18:00:00.000Z',
      note: 'Choir',
    },
  });
});

test('the ticket types of a discount are left out where there is no discount', () => {
  const fields = { ...emptyVoucher(), discount: 'none' as const, ticketTypes: ['t1'], opens: ['t2'] };
  expect(parseNewVouchers(fields, context)).toEqual({ ok: true, input: { count: 1, opens: ['t2'] } });
});

test('all invalid fields of new vouchers have an issue at once', () => {
  const issues = (more: object) => {
    const parsed = parseNewVouchers({ ...emptyVoucher(), ...more }, context);
    return parsed.ok ? {} : parsed.issues;
  };
  expect(issues({ count: 'many', code: 'A B', percentOff: '101', maxTickets: 'x', validFrom: 'soon' })).toEqual({
    count: 'number',
    code: 'code',
    percentOff: 'percent',
    maxTickets: 'number',
    validFrom: 'time',
  });
  expect(issues({ count: '2', code: 'SUMMER' })).toEqual({ code: 'code_alone' });
  expect(issues({ discount: 'none' })).toEqual({ discount: 'nothing' });
  expect(issues({ discount: 'amount', amountOff: '0' })).toEqual({ amountOff: 'amount' });
});

test('the changes of a voucher are those of its changed fields, and an emptied limit is null', () => {
  const voucher = aVoucher({ maxTickets: 10, validUntil: '2026-10-14T18:00:30.000Z', note: 'Choir' });
  const fields = voucherFieldsOf(voucher, 'Europe/Berlin');
  expect(parseVoucherChanges(voucher, fields, 'Europe/Berlin')).toEqual({ ok: true, input: {} });
  const changed = { ...fields, maxTickets: ' ', maxTicketsPerUser: '3', note: '' };
  expect(parseVoucherChanges(voucher, changed, 'Europe/Berlin')).toEqual({
    ok: true,
    input: { maxTickets: null, maxTicketsPerUser: 3, note: '' },
  });
  expect(parseVoucherChanges(voucher, { ...fields, maxTickets: 'x' }, 'Europe/Berlin')).toEqual({
    ok: false,
    issues: { maxTickets: 'number' },
  });
});

test('a voucher is active unless it is disabled, over, used up or not valid yet', () => {
  const nowMs = Date.parse('2026-10-01T12:00:00.000Z');
  const states = [
    aVoucher(),
    aVoucher({ disabled: true }),
    aVoucher({ maxTickets: 3, held: 1, used: 2 }),
    aVoucher({ validFrom: '2026-10-01T12:00:00.001Z' }),
    aVoucher({ validUntil: '2026-10-01T12:00:00.000Z' }),
  ].map((voucher) => voucherState(voucher, nowMs));
  expect(states).toEqual(['active', 'disabled', 'used_up', 'not_yet', 'over']);
});
