import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';

const ADVICE = 'a test that needs this is named x.int.test.ts';

function forbid<T extends object>(prototype: T, method: keyof T, what: string): void {
  prototype[method] = (() => {
    throw new Error(`A pure test ${what}: ${ADVICE}`);
  }) as T[keyof T];
}

forbid(Socket.prototype, 'connect', 'opens a connection');
forbid(Server.prototype, 'listen', 'listens on a port');
forbid(ChildProcess.prototype as ChildProcess & { spawn: unknown }, 'spawn', 'starts a process');
