import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

/** The connection string of a new, empty database on the run's one mongod; nobody else uses it. */
export function testDatabaseUri(): string {
  const uri = new URL(inject('mongoUri'));
  uri.pathname = `/test-${randomUUID()}`;
  return uri.href;
}
