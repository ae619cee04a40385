import { mongo } from 'mongoose';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createOutageLog } from './outage-log.ts';

const MINUTE_MS = 60_000;
const unreachable = () => new mongo.MongoNetworkError('connect ECONNREFUSED');

function outage() {
  const lines: Record<string, unknown>[] = [];
  let nowMs = 0;
  const outages = createOutageLog({
    monotonic: () => nowMs,
    over: (fields) => log.info(fields, 'The database answers again'),
  });
  const { logMethod } = outages;
  const log = pino({ hooks: { logMethod } }, { write: (line) => void lines.push(JSON.parse(line)) });
  return {
    log,
    lines,
    outages,
    pass: (ms: number) => void (nowMs += ms),
    messages: () => lines.map(({ msg }) => msg),
  };
}

it('an outage of the database is logged once for each kind of failure, with growing intervals, and once when it is over', () => {
  const { log, lines, outages, pass, messages } = outage();
  const child = log.child({ request: 1 });
  for (let second = 0; second < 10 * 60; second += 1) {
    log.error({ err: unreachable() }, 'Holds could not be swept');
    child.warn({ err: unreachable(), route: '/' }, 'A request is refused');
    outages.databaseAnswers();
    pass(1_000);
  }
  // After 0, 10, 30, 70, 150 and 310 seconds.
  expect(messages().filter((message) => message === 'Holds could not be swept')).toHaveLength(6);
  expect(lines).toHaveLength(12);
  expect(lines.filter(({ err }) => err !== undefined)).toHaveLength(2);
  expect(lines[2]).toMatchObject({ times: 10, error: 'connect ECONNREFUSED' });
  expect(lines[3]).toMatchObject({ times: 10, route: '/', request: 1 });
  pass(MINUTE_MS);
  for (let answers = 0; answers < 3; answers += 1) outages.databaseAnswers();
  expect(lines.slice(12)).toEqual([
    expect.objectContaining({ msg: 'The database answers again', seconds: 599, failures: 1_200 }),
  ]);
  log.error({ err: unreachable() }, 'Holds could not be swept');
  expect(lines.at(-1)).toHaveProperty('err');
});

it('failures that are no fault of the database are all logged', () => {
  const { log, lines } = outage();
  for (let count = 0; count < 5; count += 1) {
    log.error({ err: new TypeError('a defect') }, 'Holds could not be swept');
    log.error('The end of a line');
    log.warn({ skew: 1 }, 'Clocks differ');
  }
  expect(lines).toHaveLength(15);
});

it('an outage is not over while the database answers but refuses writes', () => {
  const { log, lines, outages, pass } = outage();
  for (let second = 0; second < 60; second += 1) {
    if (second % 5 === 0) outages.databaseAnswers();
    log.error({ err: new mongo.MongoServerError({ message: 'no writes', code: 14_031 }) }, 'Jobs could not be read');
    pass(1_000);
  }
  expect(lines).toHaveLength(3);
});
