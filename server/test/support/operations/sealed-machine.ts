import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Undoing } from '../database/test-database.ts';
import { scratchFolder } from '../scratch-folder.ts';

/** Where namespaces stand in for machines and containers: on Linux, as root. */
export const HAS_NAMESPACES = process.platform === 'linux' && process.getuid?.() === 0;

/** What a script did on a sealed machine. */
interface ScriptOutcome {
  code: number | null;
  output: string;
  /** A file that the script wrote to the folder in $OUT. */
  read(name: string): Promise<string>;
}

/**
 * Runs a script of bash, as root, in namespaces with a network, processes and mounts of their own: whatever it starts or
 * mounts is gone at its end. `scriptIn` gets a folder in memory, and the lines that let the script change folders of the
 * machine without a trace outside.
 */
export async function onSealedMachine(
  t: Undoing,
  scriptIn: (scratch: string, layers: (folders: readonly string[]) => string) => Promise<string>,
): Promise<ScriptOutcome> {
  const scratch = await scratchFolder('machine');
  t.onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const [out, script] = [join(scratch, 'out'), join(scratch, 'script.sh')];
  await mkdir(out);
  await writeFile(script, await scriptIn(scratch, (folders) => folders.map((at) => layer(scratch, at)).join('\n')));
  const namespaces = ['--mount', '--pid', '--net', '--fork', '--mount-proc', '--kill-child'];
  const child = spawn('unshare', [...namespaces, 'bash', '-euo', 'pipefail', script], {
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', OUT: out },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  t.onTestFinished(async () => void child.kill('SIGKILL'));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, read: (name) => readFile(join(out, name), 'utf8') };
}

/** Lays a folder in memory over one of the machine. */
function layer(scratch: string, at: string): string {
  const [upper, spare] = [`${scratch}/layers${at}/upper`, `${scratch}/layers${at}/work`];
  return `mkdir -p ${upper} ${spare}
chmod --reference=${at} ${upper}
mount -t overlay overlay -o lowerdir=${at},upperdir=${upper},workdir=${spare} ${at}`;
}

/** The text as one word of a shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
