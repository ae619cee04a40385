import { describe, expect, test } from 'vitest';
import { circles, homeless, misplacedPackages, wrongWay, type Sources } from './import-rules.ts';
import { readSources } from './read-sources.ts';

/** Test files, which may import anything. */
const TEST = /\.test\.ts$|\.fixture\.ts$|\/(?:test-)[^/]+$/;

describe('imports', () => {
  const all = readSources(['shared/src', 'server/src', 'web/src']);
  const sources = new Map([...all].filter(([file]) => !TEST.test(file)));

  test('are checked in a plausible number of sources', () => {
    expect([...sources.keys()]).toEqual(
      expect.arrayContaining([
        'server/src/app/app.ts',
        'server/src/booking/rules/decide.ts',
        'shared/src/protocol/socket-events.ts',
      ]),
    );
  });

  test('point one way: web → shared ← server, and in the server from the wire to the database', () => {
    expect(wrongWay(sources)).toEqual([]);
  });

  test('of packages for network and database occur only in the areas that may have them', () => {
    expect(misplacedPackages(sources)).toEqual([]);
  });

  test('form no cycles', () => {
    expect(circles(sources)).toEqual([]);
  });

  test('come only from files that belong to an area', () => {
    expect(homeless(sources)).toEqual([]);
  });
});

describe('the rule of imports', () => {
  const one = (file: string, text: string): Sources => new Map([[file, text]]);

  test.each([
    ['server/src/booking/rules/decide.ts', "import { now } from '../../clock.ts';"],
    ['server/src/booking/rules/decide.ts', "import type { Db } from '../../mongo/connect.ts';"],
    ['server/src/models/event.ts', "import { engine } from '#server/booking/engine/engine.ts';"],
    ['server/src/live/live.ts', "import {\n  sockets,\n} from '../socket/server.ts';"],
    ['server/src/booking/rules/decide.ts', "import type { EventDoc } from '#server/models/event.ts';"],
    ['server/src/booking/rules/decide.ts', "import { loadBatch } from '../store/load.ts';"],
    ['server/src/booking/store/load.ts', "import type { Engine } from '../engine/engine.ts';"],
    ['server/src/booking/store/load.ts', "import { toCheckout } from '#server/payments/provider.ts';"],
    ['server/src/booking/engine/engine.ts', "export { push } from '../../live/live.ts';"],
    ['server/src/booking/engine/batch.ts', "import type { EventDoc } from '#server/models/event.ts';"],
    ['server/src/booking/engine/engine.ts', "import { answer } from '#server/http/answer.ts';"],
    ['server/src/booking/engine/engine.ts', "import type { Bookings } from '../bookings.ts';"],
    ['server/src/booking/waitlist/waitlist.ts', "import { createRefunds } from '../payments/refunds.ts';"],
    ['server/src/booking/payments/refunds.ts', "import { createReconcile } from '../reconcile/reconcile.ts';"],
    ['server/src/booking/reconcile/reconcile.ts', "import { settle } from '../payments/settlement.ts';"],
    ['server/src/payments/poller.ts', "import type { Engine } from '#server/booking/engine/engine.ts';"],
    ['server/src/socket/commands/events.ts', "const { app } = await import('../../app/app.ts');"],
    ['server/src/config.ts', "import './models/models.ts';"],
    ['shared/src/event.ts', "import { config } from '#server/config.ts';"],
    ['web/src/lib/seats.ts', "import { config } from '#server/config.ts';"],
    ['web/src/routes/+page.svelte', "<script>\n  import { x } from '../../../server/src/app/app.ts';\n</script>"],
  ])('refuses %s with %j', (file, text) => {
    expect(wrongWay(one(file, text))).toHaveLength(1);
  });

  test.each([
    ['server/src/booking/engine/engine.ts', "import { randomUUID } from 'node:crypto';\nimport 'fastify';"],
    ['server/src/booking/bookings.ts', "import type { FastifyInstance } from 'fastify';"],
    ['server/src/live/live.ts', "import type { Server } from 'socket.io';"],
    ['server/src/http/server.ts', "import { Server } from 'socket.io';"],
    ['server/src/booking/store/load.ts', "import type { IncomingMessage } from 'node:http';"],
    ['server/src/booking/engine/batch.ts', "import type { ClientSession } from 'mongodb';"],
    ['server/src/booking/rules/decide.ts', "import { Types } from 'mongoose';"],
    ['server/src/http/routes/events.ts', "const { MongoClient } = await import('mongodb');"],
    ['web/src/lib/seats.ts', "import { ObjectId } from 'mongodb/lib/bson';"],
  ])('refuses %s with the package import %j', (file, text) => {
    expect(misplacedPackages(one(file, text))).toHaveLength(1);
  });

  test.each([
    ['server/src/http/server.ts', "import fastify from 'fastify';\nimport cookie from '@fastify/cookie';"],
    ['server/src/app/app.ts', "import { Server } from 'socket.io';\nimport type { Db } from 'mongodb';"],
    ['server/src/booking/store/load.ts', "import { Types } from 'mongoose';\nimport { z } from 'zod';"],
  ])('allows %s with the package import %j', (file, text) => {
    expect(misplacedPackages(one(file, text))).toEqual([]);
  });

  test.each([
    ['server/src/booking/rules/decide.ts', "import { money } from '#shared/protocol/primitives.ts';"],
    ['server/src/socket/commands/booking.ts', "import { bookings } from '../../booking/bookings.ts';"],
    ['server/src/app/app.ts', "import { live } from '../live/live.ts';\nimport { z } from 'zod';"],
  ])('allows %s with %j', (file, text) => {
    expect(wrongWay(one(file, text))).toEqual([]);
  });

  test('finds a cycle, also one that only types close', () => {
    const [a, b] = ['server/src/booking/a.ts', 'server/src/booking/b.ts'];
    const circle = new Map([
      [a, "import { b } from './b.ts';"],
      [b, "import { a } from './a.ts';"],
    ]);
    expect(circles(circle)).toEqual([[a, b]]);
    expect(circles(circle.set(b, "import type { A } from './a.ts';"))).toEqual([[a, b]]);
    expect(circles(circle.set(b, "import { type A, c } from './c.ts';"))).toEqual([]);
  });

  test('finds a folder without an area', () => {
    expect(homeless(one('server/src/helpers/x.ts', ''))).toEqual(['server/src/helpers/x.ts']);
    expect(homeless(one('server/src/booking/parts/x.ts', ''))).toEqual(['server/src/booking/parts/x.ts']);
  });
});
