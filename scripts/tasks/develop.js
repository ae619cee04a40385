// @ts-check
import { createServer } from 'node:net';
import { handOver } from '../setup/child.js';
import { say } from '../setup/say.js';
import { databaseEnvironment, nodeCommand } from './program.js';

const SERVER_PORT = 5000;
const PAGE_PORT = 5173;

/**
 * Runs the server, restarted when its sources change, and Vite's development server for the pages, which forwards the
 * API and the sockets to it.
 * @type {import('../tasks.js').Task}
 */
export async function develop() {
  const env = await databaseEnvironment();
  const port = Number(env['PORT'] || (await freePort(SERVER_PORT)));
  const pagePort = await freePort(PAGE_PORT);
  const api = `http://127.0.0.1:${port}`;
  say(`Pages with reload: http://localhost:${pagePort}   server: http://localhost:${port}`);
  const server = nodeCommand(['--watch', '--watch-preserve-output', 'server/src/main.ts']);
  const vite = nodeCommand(['node_modules/vite/bin/vite.js', 'web', '--port', String(pagePort), '--strictPort']);
  return firstToEnd([
    { ...server, env: { ...env, PORT: String(port) } },
    { ...vite, env: { ...env, FRONTROW_API: api } },
  ]);
}

/**
 * Runs all commands; when one ends, the others are terminated. Resolves to the exit code of the first.
 * @param {import('../setup/child.js').Command[]} commands
 */
async function firstToEnd(commands) {
  const running = commands.map((command) => handOver(command));
  const code = await Promise.race(running);
  // Each `handOver` forwards our signals to its child.
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
  await Promise.all(running);
  return code;
}

/**
 * The first free port from this one on.
 * @param {number} port
 * @returns {Promise<number>}
 */
function freePort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(freePort(port + 1)));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}
