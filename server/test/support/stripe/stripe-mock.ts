import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from '../../../../scripts/setup/child.js';
import { CACHE } from '../../../../scripts/setup/paths.js';

/** The release whose OpenAPI specification is of the API version that Frontrow's requests name. */
const RELEASE = 'v0.203.0';
const FOLDER = join(CACHE, 'stripe-mock', RELEASE);
const BINARY = join(FOLDER, 'stripe-mock');

/** Build flags that save a third of the compile time by leaving out optimisation; the mock need not be fast. */
const SOON_BUILT = ['-gcflags=all=-N -l -dwarf=false', '-ldflags=-s -w'];

/** Time limit for the first build, which fetches and compiles a few megabytes of Go. */
export const BUILD_TIMEOUT_MS = 10 * 60_000;

export interface StripeMock {
  url: string;
  stop(): Promise<void>;
}

/**
 * Stripe's own mock, https://github.com/stripe/stripe-mock: it checks each request against Stripe's OpenAPI
 * specification. It is built once with Go. Resolves with the reason if the build is impossible.
 */
export async function startStripeMock(): Promise<StripeMock | string> {
  if (!existsSync(BINARY)) {
    const args = ['install', ...SOON_BUILT, `github.com/stripe/stripe-mock@${RELEASE}`];
    const { code, output } = await collect({ command: 'go', args, env: { ...process.env, GOBIN: FOLDER } });
    if (code !== 0) return `stripe-mock cannot be built here: ${output.trim().split('\n').at(-1) ?? code}`;
  }
  return start();
}

async function start(): Promise<StripeMock> {
  const free = '127.0.0.1:0';
  const args = ['-http-addr', free, '-https-addr', free, '-strict-version-check'];
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let output = '';
  const { promise: address, resolve, reject } = Promise.withResolvers<string>();
  const read = (chunk: Buffer) => {
    output += String(chunk);
    const found = /for HTTP at address: (\S+)\s/.exec(output)?.[1];
    if (found !== undefined) resolve(found);
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', read);
  void ended.then(() => reject(new Error(`stripe-mock ended:\n${output}`)));
  return {
    url: `http://${await address}`,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
