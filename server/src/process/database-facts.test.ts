import { expect, test } from 'vitest';
import { judgeDatabase } from './database-facts.ts';

const URI = 'mongodb://frontrow:secret@db1.example.org/frontrow?replicaSet=rs0';
const OWN = { demoData: 'off', mongoUri: URI } as const;
const GOOD = { users: ['frontrow'], actions: new Set(['find', 'collMod']), samples: 0 };

test('a database whose user has the rights of an update, without samples, is no reason for a warning', () => {
  expect(judgeDatabase(OWN, GOOD)).toEqual({ faults: [], notes: [] });
});

test('a user who may not change validators is a fault', () => {
  expect(judgeDatabase(OWN, { ...GOOD, actions: new Set(['find']) }).faults).toEqual([
    expect.stringContaining('the role dbAdmin'),
  ]);
});

test('a database without users is worth a note, but not the embedded one, whose user the server makes', () => {
  const open = { ...GOOD, users: [], actions: new Set<string>() };
  expect(judgeDatabase(OWN, open)).toEqual({ faults: [], notes: [expect.stringContaining('names no user')] });
  expect(judgeDatabase({ ...OWN, mongoUri: null }, open)).toEqual({ faults: [], notes: [] });
});

test('sample events that everybody sees are a fault, unless the settings have warned of them', () => {
  const three = { ...GOOD, samples: 3 };
  expect(judgeDatabase(OWN, three).faults).toEqual([expect.stringContaining('Everybody sees 3 sample events')]);
  expect(judgeDatabase({ ...OWN, demoData: 'on' }, three).faults).toEqual([]);
});
