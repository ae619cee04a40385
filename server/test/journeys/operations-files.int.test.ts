import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parser } from '@prometheus-io/lezer-promql';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { ERROR_STATUS } from '#shared/protocol/errors.ts';
import { eventInput, testApp } from '../support/test-app.ts';

interface Rule {
  alert: string;
  expr: string;
  annotations?: { summary?: string; action?: string };
}

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

/** A query with the place where it stands. */
interface Query {
  where: string;
  expr: string;
}

/** A selector of a query: a metric, and the labels that the query matches or groups by. */
interface Selector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

const file = (name: string) => readFile(new URL(`../../../ops/${name}`, import.meta.url), 'utf8');

async function readRules(): Promise<Rule[]> {
  const { groups } = parseYaml(await file('alerts.yaml')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

async function readPanels(): Promise<Panel[]> {
  return (JSON.parse(await file('grafana.json')) as { panels: Panel[] }).panels;
}

async function readQueries(): Promise<Query[]> {
  const rules = (await readRules()).map(({ alert, expr }) => ({ where: alert, expr }));
  const panels = (await readPanels()).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
  );
  return [...rules, ...panels];
}

/** Reads a query by the grammar of Prometheus. Throws if it is none. */
function parseQuery({ where, expr }: Query): { selectors: Selector[]; groupings: string[] } {
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to, node }) {
      const text = expr.slice(from, to);
      if (name === '⚠') throw new Error(`${where}: the query has a fault at ${from}: ${expr}`);
      if (name === 'VectorSelector') {
        const metric = node.getChild('Identifier');
        selectors.push({ metric: metric ? expr.slice(metric.from, metric.to) : '', matchers: [] });
      }
      if (name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text) ?? [];
        selectors.at(-1)?.matchers.push({ label, operator, value });
      }
      if (name === 'GroupingLabels') groupings.push(...text.split(/[\s(),]+/).filter((label) => label !== ''));
    },
  });
  return { selectors, groupings };
}

/** The label sets of each metric at /metrics. */
function labelsByMetric(text: string): Map<string, Record<string, string>[]> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const found = new Map<string, Record<string, string>[]>();
  for (const sample of samples) {
    const [, metric = '', labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(sample) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
    found.set(metric, [...(found.get(metric) ?? []), Object.fromEntries(pairs) as Record<string, string>]);
  }
  return found;
}

/** Labels that Prometheus adds to every metric. */
const ADDED = ['job', 'instance'];
/** Values that appear only when something fails, by their label. */
const POSSIBLE: Record<string, readonly string[]> = { outcome: Object.keys(ERROR_STATUS), status: ['5xx'] };

let metrics: Map<string, Record<string, string>[]>;

beforeAll(async () => {
  const undos: (() => Promise<void>)[] = [];
  const app = await testApp({ onTestFinished: (undo) => void undos.push(undo) });
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const { id } = await admin.must('createEvent', eventInput({ totalSeats: 2 }));
  for (const seats of [2, 1]) await alice.send('book', { requestId: randomUUID(), eventId: id, seats });
  const priced = await admin.must('createEvent', eventInput({ price: { amount: 1_000, currency: 'EUR' } }));
  const voucher = { eventId: priced.id, code: 'GUEST', percentOff: 100 };
  await admin.must('createVouchers', { requestId: randomUUID(), count: 1, ...voucher });
  const tickets = [{ type: 't1', count: 1 }];
  await alice.must('book', { requestId: randomUUID(), eventId: priced.id, tickets, voucher: voucher.code });
  await app.get(`/api/events/${id}`);
  await app.app.reconcileTimer.check();
  metrics = labelsByMetric(await (await app.get('/metrics')).text());
  return async () => {
    for (const undo of undos.toReversed()) await undo();
  };
});

/** What of a query no server has: a metric, a label, or the value of a label. */
function unknownIn(query: Query): string[] {
  const { selectors, groupings } = parseQuery(query);
  const own = selectors.filter(({ metric }) => metric !== 'up');
  const known = new Set([...ADDED, ...own.flatMap(({ metric }) => (metrics.get(metric) ?? []).flatMap(Object.keys))]);
  return [
    ...own.filter(({ metric }) => !metrics.has(metric)).map(({ metric }) => metric),
    ...groupings.filter((label) => !known.has(label)),
    ...own.flatMap(({ metric, matchers }) => matchers.filter((one) => !isKnown(metric, one)).map((one) => one.value)),
  ].map((name) => `${query.where}: ${name}`);
}

function isKnown(metric: string, { label, operator, value }: Selector['matchers'][number]): boolean {
  const values = (metrics.get(metric) ?? []).flatMap((labels) => labels[label] ?? []);
  const possible = [...values, ...(POSSIBLE[label] ?? [])];
  // An alternative of a regular expression may itself be one.
  const wanted = operator.endsWith('~') ? value.split('|').map((one) => new RegExp(`^(?:${one})$`)) : [value];
  return (
    values.length > 0 &&
    wanted.every((one) => possible.some((has) => (one instanceof RegExp ? one.test(has) : one === has)))
  );
}

describe('each query of dashboard and alerts', () => {
  it('is of a plausible number of queries, which use most metrics', async () => {
    const queries = await readQueries();
    expect(queries.length).toBeGreaterThan(60);
    const used = new Set(queries.flatMap((query) => parseQuery(query).selectors.map(({ metric }) => metric)));
    const unused = [...metrics.keys()].filter(
      (name) => name.startsWith('frontrow_') && !/_(?:sum|bucket|count)$/.test(name),
    );
    expect(unused.filter((name) => !used.has(name))).toEqual(['frontrow_reconcile_events']);
  });

  it('has only metrics, labels and values that a server has', async () => {
    expect((await readQueries()).flatMap(unknownIn)).toEqual([]);
  });

  it.each([
    ['rate(frontrow_unknown_total[5m])', ['x: frontrow_unknown_total']],
    ['sum by (kinds) (frontrow_jobs)', ['x: kinds']],
    ['frontrow_jobs{state="lost"}', ['x: lost']],
    ['frontrow_jobs{state=~"failed|lost"}', ['x: failed|lost']],
    ['frontrow_jobs{stat="failed"}', ['x: failed']],
    ['sum by (state, job) (frontrow_jobs{state!~"fail.*"})', []],
  ])('is checked by a rule that reads %s', (expr, expected) => {
    expect(unknownIn({ where: 'x', expr })).toEqual(expected);
    expect(() => parseQuery({ where: 'x', expr: `${expr})` })).toThrow('has a fault');
  });
});

it('each alert says what is wrong and what to do', async () => {
  const rules = await readRules();
  expect(rules.length).toBeGreaterThan(15);
  const silent = rules.filter(({ annotations }) => !annotations?.summary || !annotations.action);
  expect(silent.map(({ alert }) => alert)).toEqual([]);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});
