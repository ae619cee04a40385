// @ts-check
// The entry of every npm script: plain JavaScript, which runs under any Node from 20.19 on with nothing installed.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { handOver } from './setup/child.js';
import { ensureDependencies } from './setup/dependencies.js';
import { fetchedNodeFolder, isNewEnough, withPath } from './setup/node.js';
import { CACHE } from './setup/paths.js';
import { say, SetupError } from './setup/say.js';

const PARENT_CHECK_MS = 1000;
/** Longer than the fetched Node's script gives its own child. */
const KILL_MS = 14_000;

/** @param {string[]} args */
async function run(args) {
  if (!isNewEnough(process.version)) return runWithFetchedNode(args);
  await ensureDependencies();
  const { runTask } = await import('./tasks.js');
  return runTask(args);
}

/**
 * Ends this process and its children when the parent process is gone. A killed parent sends no signal, and children that
 * stay behind would keep the port and the database.
 */
function endWithParent() {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.channel) {
    process.once('disconnect', end);
    process.channel.unref();
  } else if (process.env['npm_lifecycle_event']) {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      end();
    }, PARENT_CHECK_MS);
    watch.unref();
  }
}

/** @param {string[]} args */
async function runWithFetchedNode(args) {
  const folder = await fetchedNodeFolder();
  const env = withPath(folder, process.env);
  const script = fileURLToPath(import.meta.url);
  return handOver({ command: join(folder, 'node'), args: [script, ...args], env, watched: true, killMs: KILL_MS });
}

// Node caches compiled code there: each later start of our programs takes half the processor time.
process.env['NODE_COMPILE_CACHE'] ??= join(CACHE, 'compiled');
// What is printed may be lost, as behind "| head", but must not end the program.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
endWithParent();
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
