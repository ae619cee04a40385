import type { Build } from '#shared/text/build.ts';
import { buildText } from '#shared/text/build.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

const TIMEOUT_MS = 5_000;

/** What a server answers to its own machine. */
interface RunningServer {
  address: string;
  /** The answer of `/api/health/ready`; null if no server answers there. */
  health: { isReady: boolean; build: Build | null; details: Record<string, unknown> } | null;
  /** The samples of `/metrics`; null if they are refused. */
  metrics: ReadonlyMap<string, number> | null;
}

/** Asks the server at this address for its health and its metrics. */
export async function readServer(address: string, metricsToken: string | null): Promise<RunningServer> {
  const health = await ask(`${address}/api/health/ready`);
  if (health === null) return { address, health: null, metrics: null };
  const body = (await health.json().catch(() => ({}))) as Partial<Build> & { error?: { details?: object } };
  const build = body.version === undefined ? null : { version: body.version, commit: body.commit ?? null };
  const metrics = await ask(
    `${address}/metrics`,
    metricsToken === null ? {} : { authorization: `Bearer ${metricsToken}` },
  );
  return {
    address,
    health: { isReady: health.ok, build, details: { ...body.error?.details } },
    metrics: metrics?.ok === true ? samplesIn(await metrics.text()) : null,
  };
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response | null> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    // Nothing listens there, or it does not answer in time.
    return null;
  }
}

/** By name and labels, as they are written; those of several workers each on its own. */
function samplesIn(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** `own`: the version of this program. */
export function judgeServer({ address, health }: RunningServer, own: Build): Finding {
  const check = 'server';
  if (health === null)
    return look(check, `no server answers at ${address}`, 'Start it, or name its address by PORT and HOST.');
  if (!health.isReady) {
    const missing = Object.keys(health.details).filter((part) => health.details[part] !== true);
    return wrong(check, `not ready: ${missing.join(', ') || 'no reason given'}`, 'Read the last lines of its log.');
  }
  if (health.build === null || buildText(health.build) === buildText(own))
    return good(check, `ready, version ${buildText(own)}`);
  const found = `runs version ${buildText(health.build)}, and this is ${buildText(own)}`;
  return look(check, found, 'Restart the server to finish the upgrade.');
}

const FILES_WRONG = 1_024;
const FILES_LOOK = 10_000;
const LATE_SECONDS = 600;

/** Findings about the metrics of a running server: failed or late jobs, and lost log lines. */
export function judgeMetrics({ health, metrics }: RunningServer): Finding[] {
  if (health === null) return [];
  if (metrics === null)
    return [look('metrics', '/metrics is refused', 'Give this program the METRICS_TOKEN of the server.')];
  const found: Finding[] = [];
  const most = (name: string) => Math.max(0, ...valuesOf(metrics, name));
  const failed = metrics.get('frontrow_jobs{state="failed"}') ?? 0;
  const lost = most('frontrow_log_lines_lost_total');
  const waits = most('frontrow_jobs_oldest_seconds');
  if (failed > 0)
    found.push(look('jobs', `${failed} failed for good`, 'Find "failed for good" in the log, and Payment issues.'));
  if (waits > LATE_SECONDS)
    found.push(
      look('jobs', `the oldest has waited ${Math.round(waits / 60)} minutes`, 'Look at mail server and provider.'),
    );
  if (lost > 0) found.push(look('log', `${lost} lines were lost`, 'Make room where the log is written.'));
  return found.length > 0 ? found : [good('jobs', 'none failed, none is late, no line of the log was lost')];
}

/** The limit of open files of the running server; of this program if none runs. Each client is one. */
export function judgeFiles({ metrics }: RunningServer, own: number | null): Finding {
  const check = 'open files';
  const ofServer = metrics === null ? [] : valuesOf(metrics, 'process_max_fds');
  const [limit, whose] = ofServer.length > 0 ? [Math.min(...ofServer), 'of the server'] : [own, 'of this program'];
  if (limit === null) return good(check, 'no limit is known');
  const found = `${limit} ${whose}`;
  const advice = 'Raise it (LimitNOFILE of the service, ulimit -n): each client is one.';
  if (limit < FILES_WRONG) return wrong(check, found, advice);
  return limit < FILES_LOOK ? look(check, found, advice) : good(check, found);
}

function valuesOf(metrics: ReadonlyMap<string, number>, name: string): number[] {
  return [...metrics].filter(([sample]) => sample === name || sample.startsWith(`${name}{`)).map(([, value]) => value);
}
