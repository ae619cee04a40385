import { describe, expect, it } from 'vitest';
import { newCode, newVoucherCode, readCode, voucherKey } from './code.ts';

describe('the code of a booking', () => {
  it('has twelve characters, each picked by its own random number', () => {
    const numbers = [
      0,
      1 / 32,
      9.5 / 32,
      10 / 32,
      17.9 / 32,
      18 / 32,
      20 / 32,
      22 / 32,
      27 / 32,
      31 / 32,
      0.999_999,
      0,
    ];
    expect(newCode(() => numbers.shift() ?? Number.NaN)).toBe('019AHJMPVZZ0');
    expect(numbers).toEqual([]);
  });

  it('uses no letter that looks like a digit or another letter', () => {
    let n = -1;
    const all = [0, 1, 2].map(() => newCode(() => ((n += 1) % 32) / 32)).join('');
    expect([...new Set(all)].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  });

  it('is read in lower case and in groups of any kind', () => {
    expect(readCode(' abcd-efgh jkmn\t')).toBe('ABCDEFGHJKMN');
  });

  it('is read with letters for the digits they look like', () => {
    expect(readCode('ilo0-ILO1')).toBe('11001101');
  });

  it('keeps every other character, so that another text matches no code', () => {
    expect(readCode('ab_c.u')).toBe('AB_C.U');
  });
});

describe('the code of a voucher', () => {
  it('has ten of the same characters', () => {
    let n = -1;
    const codes = [0, 1, 2, 3].map(() => newVoucherCode(() => ((n += 1) % 32) / 32));
    expect(codes.map(({ length }) => length)).toEqual([10, 10, 10, 10]);
    expect(codes.join('').slice(0, 32)).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  });

  it('is the same however it is written: in small letters, in groups, with letters for digits', () => {
    const key = voucherKey('FRIENDS-10');
    for (const written of ['friends-10', ' Friends 10 ', 'FR1ENDS-1O', 'FRIENDSIO'])
      expect(voucherKey(written)).toBe(key);
    expect(voucherKey('FREUNDE-10')).not.toBe(key);
  });
});
