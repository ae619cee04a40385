import { expect, it } from 'vitest';
import { timeZone } from './primitives.ts';
import { ianaTimeZone } from './time-zone.ts';

it.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['europe/BERLIN', 'Europe/Berlin'],
  ['US/Eastern', 'America/New_York'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['Europe/Oslo', 'Europe/Oslo'],
  ['GB', 'Europe/London'],
  ['utc', 'UTC'],
  ['Etc/UTC', 'UTC'],
  ['Zulu', 'UTC'],
  ['Etc/GMT+5', 'Etc/GMT+5'],
  ['Turkey', 'Europe/Istanbul'],
])('the time zone %s is stored as %s', (name, stored) => {
  expect(timeZone.parse(name)).toBe(stored);
});

it.each([
  '',
  '+02:00',
  'Z',
  'GMT+2',
  'Europe/Leipzig',
  '../etc',
  'IST',
  'PST',
  'BST',
  'ECT',
  'SystemV/AST4',
  'Etc/Unknown',
])('the time zone “%s” is refused', (name) => {
  expect(timeZone.safeParse(name).success).toBe(false);
});

it('every time zone of Intl has an IANA name, which is stored unchanged', () => {
  const names = Intl.supportedValuesOf('timeZone').map((name) => ianaTimeZone(name));
  expect(names.length).toBeGreaterThan(400);
  for (const name of names) expect(ianaTimeZone(name ?? '')).toBe(name);
  // Names in IANA's file "backward", which exist for old data only although their zones have a country.
  const outdated =
    /Calcutta|Kiev|Rangoon|Saigon|Katmandu|Godthab|Faeroe|Asmera|\/(?:Indianapolis|Louisville|Buenos_Aires)$/;
  const kept = names.filter((name) => outdated.test(name ?? ''));
  expect(kept).toEqual([
    'America/Argentina/Buenos_Aires',
    'America/Indiana/Indianapolis',
    'America/Kentucky/Louisville',
  ]);
});
