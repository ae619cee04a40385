// Asks a Prometheus on a fresh machine what the dashboard asks, run by the test of the handbook: prints the outcome of each
// query and the health of each alert as JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [prometheus = '', folder = ''] = process.argv.slice(2);

/** Outcome of a query. */
interface Answer {
  expr: string;
  /** Number of series, or the error. */
  series: number | string;
}

interface Rule {
  name: string;
  health: string;
  state: string;
}

async function ask<T>(path: string): Promise<{ status: string; error?: string; data: T }> {
  const response = await fetch(prometheus + path);
  return (await response.json()) as { status: string; error?: string; data: T };
}

async function answerTo(expr: string): Promise<Answer> {
  const query = encodeURIComponent(expr.replaceAll('$__rate_interval', '10s'));
  const { status, error = '', data } = await ask<{ result: unknown[] }>(`/api/v1/query?query=${query}`);
  return { expr, series: status === 'success' ? data.result.length : error };
}

async function rules(): Promise<Rule[]> {
  const { data } = await ask<{ groups: { rules: Rule[] }[] }>('/api/v1/rules');
  return data.groups.flatMap((group) => group.rules.map(({ name, health, state }) => ({ name, health, state })));
}

/** A rate needs several samples, and an alert an evaluation. */
async function untilRead(): Promise<void> {
  const read = 'count_over_time(process_start_time_seconds{job="frontrow"}[1m]) > 3';
  for (;;) {
    const isRead = (await answerTo(read).catch(() => null))?.series === 1;
    if (isRead && (await rules()).every(({ health }) => health !== 'unknown')) return;
    await sleep(100);
  }
}

const dashboard = readFileSync(join(folder, 'grafana.json'), 'utf8');
const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] };
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
await untilRead();
console.log(JSON.stringify({ answers: await Promise.all(queries.map(answerTo)), rules: await rules() }));
