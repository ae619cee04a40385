import type { HrTime } from '@opentelemetry/api';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { createAwaitedPushes } from './awaited-pushes.ts';

const SECOND = 1_000;

function awaited() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  let nowMs = 0;
  const pushes = createAwaitedPushes({
    tracer: provider.getTracer('test'),
    monotonic: () => nowMs,
    time: (): HrTime => [nowMs / SECOND, 0],
  });
  const commit = (version: number, eventId = 'a') => pushes.wait({ eventId, version, size: 1 }, ROOT_CONTEXT);
  const ended = () => exporter.getFinishedSpans().map(({ name, duration: [seconds] }) => `${name} ${seconds}`);
  return { ...pushes, commit, ended, pass: (seconds: number) => void (nowMs += seconds * SECOND) };
}

test('a commit is followed through the feed until its push, which may carry later commits too', () => {
  const { commit, received, pushed, ended, pass } = awaited();
  commit(1);
  commit(2);
  commit(1, 'b');
  pass(1);
  received('a', 1);
  pass(1);
  received('a', 2);
  expect(ended()).toEqual(['feed 1', 'feed 2']);
  pass(1);
  pushed('a', 2);
  expect(ended().slice(2)).toEqual(['push 2', 'push 1']);
  pushed('a', 3);
  expect(ended()).toHaveLength(4);
});

test('a commit that the feed has brought before its writer knows of it has a feed and a push without length', () => {
  const { commit, received, pushed, ended } = awaited();
  received('a', 5);
  commit(5);
  expect(ended()).toEqual(['feed 0']);
  pushed('a', 5);
  commit(4);
  expect(ended()).toEqual(['feed 0', 'push 0', 'feed 0', 'push 0']);
});

test('commits that change nothing are forgotten once too many wait, and later ones are followed again', () => {
  const { commit, received, ended, pass } = awaited();
  for (let version = 1; version <= 10_000; version += 1) commit(version);
  commit(10_001);
  pass(31);
  commit(10_002);
  received('a', 10_002);
  expect(ended()).toEqual(['feed 0']);
});
