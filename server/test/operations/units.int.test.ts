import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { onPath } from '../../../scripts/setup/mongod-sources.js';
import { REPOSITORY } from '../support/operations/examples.ts';

const run = promisify(execFile);
const FOLDER = join(REPOSITORY, 'ops');
const UNITS = readdirSync(FOLDER).filter((name) => /\.(?:service|timer)$/.test(name));
const SERVICES = UNITS.filter((name) => name.endsWith('.service'));

/** systemd's measure of what a service could do to its machine, times ten: from 0 (nothing) to 100. */
const MOST_EXPOSURE = '20';

describe.runIf(onPath(['systemd-analyze']) !== null)('the systemd units', () => {
  it('are without a fault', async () => {
    expect(UNITS).toEqual(['frontrow-backup.service', 'frontrow-backup.timer', 'frontrow.service']);
    const { stderr } = await run('systemd-analyze', ['verify', ...UNITS.map((name) => join(FOLDER, name))]);
    expect(stderr.split('\n').filter((line) => line.includes('frontrow'))).toEqual([]);
  });

  it.each(SERVICES)('confine %s', async (name) => {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSURE}`, join(FOLDER, name)];
    const { stdout } = await run('systemd-analyze', args);
    expect(stdout).toContain('Overall exposure level');
  });
});
