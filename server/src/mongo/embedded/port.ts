import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { hasCode } from './process.ts';

/**
 * The port of this folder's database: the remembered port if it is free, else a new one, which is remembered. A constant
 * port spares the replica set a change of its configuration, and database shells a new address.
 */
export async function choosePort(dataDir: string): Promise<number> {
  const remembered = await rememberedPort(dataDir);
  if (remembered !== null && (await isPortFree(remembered))) return remembered;
  const port = await listenOnce(0);
  await writeFile(portFile(dataDir), String(port));
  return port;
}

/** The port of an earlier start; null if there was none or its file is unreadable. */
export async function rememberedPort(dataDir: string): Promise<number | null> {
  const text = await readFile(portFile(dataDir), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  return /^\d{4,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

function portFile(dataDir: string): string {
  return join(dataDir, 'mongod.port');
}

/** Whether no process listens on this port of the loopback address. */
export function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, 'EADDRINUSE') || hasCode(error, 'EACCES')) return false;
      throw error;
    },
  );
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      probe.close(() => resolve(bound));
    });
  });
}
