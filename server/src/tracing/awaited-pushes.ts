import type { Context, HrTime, Span, Tracer } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import type { TracedCommit } from './tracing.ts';

/** A commit whose push did not come by then is followed no longer: it changed nothing that is pushed. */
const LONGEST_MS = 30_000;
const MOST_AWAITED = 10_000;
/** Events whose newest versions are remembered. */
const MOST_EVENTS = 1_000;

interface AwaitedPush {
  version: number;
  sinceMs: number;
  context: Context;
  feed: Span;
  push: Span | null;
}

/** The newest versions of an event that were received and pushed; 0 before the first. */
interface Newest {
  received: number;
  pushed: number;
}

interface AwaitedPushesOptions {
  tracer: Tracer;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** The time of spans. */
  time: () => HrTime;
}

/**
 * The commits of followed commands whose push has not left yet. The change feed may bring a commit before its writer
 * learns that it is committed; then the spans of feed and push have no length.
 */
export function createAwaitedPushes({ tracer, monotonic, time }: AwaitedPushesOptions) {
  const byEvent = new Map<string, AwaitedPush[]>();
  const newestOf = new Map<string, Newest>();
  let count = 0;

  function wait({ eventId, version }: TracedCommit, context: Context): void {
    if (count >= MOST_AWAITED) forgetOld();
    if (count >= MOST_AWAITED) return;
    const sinceMs = monotonic();
    const feed = tracer.startSpan('feed', { startTime: time() }, context);
    const awaited = byEvent.get(eventId) ?? [];
    byEvent.set(eventId, awaited);
    awaited.push({ version, sinceMs, context, feed, push: null });
    count += 1;
    const { received = 0, pushed = 0 } = newestOf.get(eventId) ?? {};
    if (received >= version) beginPushes(eventId, received);
    if (pushed >= version) endPushes(eventId, pushed);
  }

  function beginPushes(eventId: string, version: number): void {
    for (const one of byEvent.get(eventId) ?? []) {
      if (one.version > version || one.push !== null) continue;
      one.feed.end(time());
      one.push = tracer.startSpan('push', { startTime: time() }, trace.setSpan(one.context, one.feed));
    }
  }

  function endPushes(eventId: string, version: number): void {
    keep(eventId, (one) => {
      if (one.push === null || one.version > version) return true;
      one.push.end(time());
      return false;
    });
  }

  /** Drops what has waited too long, with its unfinished spans. */
  function forgetOld(): void {
    const oldestMs = monotonic() - LONGEST_MS;
    for (const eventId of [...byEvent.keys()]) keep(eventId, ({ sinceMs }) => sinceMs > oldestMs);
  }

  function keep(eventId: string, isKept: (one: AwaitedPush) => boolean): void {
    const awaited = byEvent.get(eventId);
    if (!awaited) return;
    const kept = awaited.filter(isKept);
    count -= awaited.length - kept.length;
    if (kept.length > 0) byEvent.set(eventId, kept);
    else byEvent.delete(eventId);
  }

  function note(eventId: string, newest: Partial<Newest>): void {
    const known = newestOf.get(eventId) ?? { received: 0, pushed: 0 };
    newestOf.delete(eventId);
    newestOf.set(eventId, { ...known, ...newest });
    const [oldest] = newestOf.keys();
    if (newestOf.size > MOST_EVENTS && oldest !== undefined) newestOf.delete(oldest);
  }

  return {
    /** Follows a commit until its push; `context` is that of its span. */
    wait,
    received(eventId: string, version: number): void {
      note(eventId, { received: version });
      beginPushes(eventId, version);
    },
    pushed(eventId: string, version: number): void {
      note(eventId, { pushed: version });
      endPushes(eventId, version);
    },
  };
}
