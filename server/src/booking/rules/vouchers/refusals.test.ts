import { describe, expect, it } from 'vitest';
import { minutes, NOW } from '../decide.fixture.ts';
import { otherTicketsRefusal, reviveUsesRefusal, unknownVoucher, usesRefusal, voucherRefusal } from './refusals.ts';
import { voucher } from './voucher.fixture.ts';

const invalid = (reason: string, more: object = {}) =>
  expect.objectContaining({ code: 'VOUCHER_INVALID', details: { reason, ...more } });

describe('a voucher', () => {
  it('without limits is valid', () => {
    expect(voucherRefusal(voucher(), NOW)).toBeNull();
  });

  it('that is disabled is answered like an unknown code, whatever else is wrong with it', () => {
    const disabled = voucher({ disabled: true, maxTickets: 1, used: 1, validUntil: minutes(-1) });
    expect(voucherRefusal(disabled, NOW)).toEqual(unknownVoucher);
    expect(unknownVoucher).toEqual(invalid('unknown'));
  });

  it('is valid from its first moment until before its last', () => {
    const between = voucher({ validFrom: minutes(10), validUntil: minutes(20) });
    const validFrom = minutes(10).toISOString();
    expect(voucherRefusal(between, minutes(9))).toMatchObject({
      code: 'VOUCHER_INVALID',
      retryAfterMs: 60_000,
      details: { reason: 'not_open', validFrom, retryAfterMs: 60_000 },
    });
    expect(voucherRefusal(between, minutes(10))).toBeNull();
    expect(voucherRefusal(between, minutes(19))).toBeNull();
    expect(voucherRefusal(between, minutes(20))).toEqual(invalid('closed'));
  });

  it('is used up when held and used tickets reach its limit', () => {
    expect(voucherRefusal(voucher({ maxTickets: 3, held: 1, used: 1 }), NOW)).toBeNull();
    expect(voucherRefusal(voucher({ maxTickets: 3, held: 1, used: 2 }), NOW)).toEqual(invalid('used_up'));
  });
});

describe('the tickets of a booking', () => {
  const wanted = (tickets: number, ticketsOfUser = 0) => ({ tickets, ticketsOfUser });

  it('may be as many as are left', () => {
    const left3 = voucher({ maxTickets: 10, held: 3, used: 4 });
    expect(usesRefusal(left3, wanted(3))).toBeNull();
    expect(usesRefusal(left3, wanted(4))).toEqual(invalid('limit', { limit: 3 }));
  });

  it('by a code of one use are not three: nothing is bought', () => {
    expect(usesRefusal(voucher({ maxTickets: 1 }), wanted(3))).toEqual(invalid('limit', { limit: 1 }));
  });

  it('by a code that another booking of the batch has used up are none', () => {
    expect(usesRefusal(voucher({ maxTickets: 1, held: 1 }), wanted(1))).toEqual(invalid('used_up'));
  });

  it('may be as many as the limit per user leaves', () => {
    const each2 = voucher({ maxTicketsPerUser: 2 });
    expect(usesRefusal(each2, wanted(1, 1))).toBeNull();
    expect(usesRefusal(each2, wanted(2, 1))).toEqual(invalid('limit', { limit: 1 }));
    expect(usesRefusal(each2, wanted(1, 3))).toEqual(invalid('limit', { limit: 0 }));
  });

  it('have to include one that the voucher concerns', () => {
    expect(otherTicketsRefusal(0)).toEqual(invalid('other_tickets'));
    expect(otherTicketsRefusal(1)).toBeNull();
  });
});

describe('a late payment', () => {
  const one = { tickets: 1, ticketsOfUser: 0 };

  it('takes the uses again after the end of the voucher, if they are free', () => {
    const ended = voucher({ maxTickets: 1, validUntil: minutes(-1) });
    expect(reviveUsesRefusal(ended, one)).toBeNull();
    expect(reviveUsesRefusal({ ...ended, used: 1 }, one)).toEqual(invalid('used_up'));
  });

  it('takes no uses of a voucher that was disabled', () => {
    expect(reviveUsesRefusal(voucher({ disabled: true }), one)).toEqual(invalid('unknown'));
  });

  it('takes no uses over the limit per user', () => {
    const once = voucher({ maxTicketsPerUser: 1 });
    expect(reviveUsesRefusal(once, { tickets: 1, ticketsOfUser: 1 })).toEqual(invalid('limit', { limit: 0 }));
  });
});
