import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { ask } from '../support/live-world.ts';
import { connected, refusalOf, testApp } from '../support/test-app.ts';

const labelled = new mongo.MongoServerError({ message: 'conflict', errorLabels: ['TransientTransactionError'] });
const reset = new mongo.MongoNetworkError('reset');

/** Errors that reading an event can throw, each with the code that every client gets for it. */
const THROWN: [string, Error, string][] = [
  ['the loss of the connection', reset, 'UNAVAILABLE'],
  ['a cause of another error', new Error('no event', { cause: new Error('no read', { cause: reset }) }), 'UNAVAILABLE'],
  ['an error that the driver marks as retryable', labelled, 'UNAVAILABLE'],
  ['a transaction that ran out of time', new CommitTimeout(), 'UNAVAILABLE'],
  ['a defect of the server', new Error('a defect'), 'INTERNAL'],
];

describe('an error of the database', () => {
  it.for(THROWN)('(%s) has one code, one message and one time to retry, over HTTP and over sockets', async (row, t) => {
    const [, error, code] = row;
    const { app, get, open } = await testApp(t);
    const socket = await connected(open('/public'));
    app.readModels.events.find = () => {
      throw error;
    };
    const eventId = 'a'.repeat(24);
    const { status: _, ...overHttp } = await refusalOf(await get(`/api/events/${eventId}`));
    const overSocket = await ask(socket, 'getEvent', { eventId });
    expect(overHttp.code).toBe(code);
    expect(overSocket).toMatchObject({ ok: false });
    const withoutIncident = (refusal: unknown) =>
      JSON.parse(JSON.stringify(refusal).replace(/incident [0-9a-f-]+/, 'incident'));
    expect(withoutIncident(overSocket)).toEqual({ ok: false, error: withoutIncident(overHttp) });
  });
});
