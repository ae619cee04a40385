import { expect, test } from 'vitest';
import { laterOpening } from './later-opening.ts';

const FROM = '2026-10-05T10:00:00.000Z';
const nowMs = Date.parse('2026-10-01T12:00:00.000Z');
const VIP = { salesFrom: FROM, access: 'public', archived: false } as const;
const event = (salesOpenAt: string | null) => ({ salesOpenAt });

test('a type that opens later than its event, or than now, has an opening of its own', () => {
  expect(laterOpening(VIP, event(null), nowMs)).toBe(FROM);
  expect(laterOpening(VIP, event('2026-10-05T09:59:59.999Z'), nowMs)).toBe(FROM);
});

test('a type has no opening of its own with its event, before it, once it is open, hidden or archived', () => {
  expect(laterOpening(VIP, event(FROM), nowMs)).toBeNull();
  expect(laterOpening(VIP, event('2026-10-06T10:00:00.000Z'), nowMs)).toBeNull();
  expect(laterOpening(VIP, event(null), Date.parse(FROM))).toBeNull();
  expect(laterOpening({ ...VIP, salesFrom: null }, event(null), nowMs)).toBeNull();
  expect(laterOpening({ ...VIP, access: 'voucher' }, event(null), nowMs)).toBeNull();
  expect(laterOpening({ ...VIP, archived: true }, event(null), nowMs)).toBeNull();
});
