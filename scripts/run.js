// @ts-check
// The one entry of every npm script. Plain JavaScript: it runs under any Node from 20.19 on with nothing installed.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { handOver } from './setup/child.js';
import { ensureDependencies } from './setup/dependencies.js';
import { fetchedNodeFolder, isNewEnough, withPath } from './setup/node.js';
import { say, SetupError } from './setup/say.js';

/** @param {string[]} args */
async function run(args) {
  if (!isNewEnough(process.version)) return runWithFetchedNode(args);
  await ensureDependencies();
  const { runTask } = await import('./tasks.js');
  return runTask(args);
}

/** @param {string[]} args */
async function runWithFetchedNode(args) {
  const folder = await fetchedNodeFolder();
  const env = withPath(folder, process.env);
  const script = fileURLToPath(import.meta.url);
  return handOver({ command: join(folder, 'node'), args: [script, ...args], env, watched: true });
}

// Should the process above us be killed, what we have started is to end as well.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
