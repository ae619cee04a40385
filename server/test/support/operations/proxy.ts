import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Undoing } from '../database/test-database.ts';
import { freePort } from '../free-port.ts';
import { tempFolder } from '../temp-folder.ts';
import { debianProgram } from './debian-programs.ts';
import { readExample, selfSigned } from './examples.ts';

/** How long an idle connection may take before nginx cuts it; its example says 90 s at a heartbeat of 15 s. */
export const NGINX_IDLE_MS = 1_800;

interface ProxyPorts {
  /** Of the server behind the proxy. */
  server: number;
  https: number;
  http: number;
}

interface Tls {
  certificate: string;
  key: string;
}

/** A running proxy of the examples. */
export interface Proxy {
  port: number;
  /** The port that sends visitors to https; null if the example leaves that to the proxy itself. */
  plainPort: number | null;
  /** The certificate that clients trust. */
  ca: string;
}

/** The answer to a request. */
interface ProxyAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

export interface ProxyRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Address of the client: any of the loopback network. */
  from?: string;
}

/** nginx with `ops/nginx.conf` in front of the server on this port. */
export async function startNginx(t: Undoing, serverPort: number): Promise<Proxy> {
  const { program } = await debianProgram('nginx');
  const folder = await tempFolder(t, 'nginx');
  const { ports, tls, ca } = await prepare(folder, serverPort);
  await writeFile(join(folder, 'site.conf'), await nginxSite(ports, tls));
  await writeFile(join(folder, 'nginx.conf'), nginxMain(folder));
  await run(t, program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], ports.https);
  return { port: ports.https, plainPort: ports.http, ca };
}

function nginxSite(ports: ProxyPorts, { certificate, key }: Tls): Promise<string> {
  return readExample('nginx.conf', [
    ['server 127.0.0.1:5000;', 1, `server 127.0.0.1:${ports.server};`],
    ['    listen [::]:80;\n', 1, ''],
    ['    listen [::]:443 ssl http2;\n', 1, ''],
    ['listen 80;', 1, `listen 127.0.0.1:${ports.http};`],
    ['listen 443 ssl http2;', 1, `listen 127.0.0.1:${ports.https} ssl http2;`],
    ['server_name tickets.example.org;', 2, 'server_name localhost;'],
    ['/etc/frontrow/tls/certificate.pem', 1, certificate],
    ['/etc/frontrow/tls/key.pem', 1, key],
    ['proxy_read_timeout 90s;', 1, `proxy_read_timeout ${NGINX_IDLE_MS}ms;`],
  ]);
}

/** What a Debian installation has around the example. */
function nginxMain(folder: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${paths.map((path) => `  ${path}_temp_path ${folder}/${path};`).join('\n')}
  include ${folder}/site.conf;
}
`;
}

/** Caddy with `ops/Caddyfile` in front of the server on this port. */
export async function startCaddy(t: Undoing, serverPort: number): Promise<Proxy> {
  const { program } = await debianProgram('caddy');
  const folder = await tempFolder(t, 'caddy');
  const { ports, tls, ca } = await prepare(folder, serverPort);
  const file = join(folder, 'Caddyfile');
  await writeFile(file, await caddyfile(ports, tls));
  await run(t, program, ['run', '--config', file, '--adapter', 'caddyfile'], ports.https, {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
  });
  return { port: ports.https, plainPort: null, ca };
}

/** The example with a certificate of ours: by itself Caddy would ask for one on the network. */
async function caddyfile(ports: ProxyPorts, { certificate, key }: Tls): Promise<string> {
  const example = await readExample('Caddyfile', [
    ['\ntickets.example.org {', 1, `\nhttps://localhost:${ports.https} {\n\ttls ${certificate} ${key}`],
    ['reverse_proxy 127.0.0.1:5000 {', 1, `reverse_proxy 127.0.0.1:${ports.server} {`],
  ]);
  return `{\n\tadmin off\n\tauto_https off\n}\n${example}`;
}

async function prepare(folder: string, server: number): Promise<{ ports: ProxyPorts; tls: Tls; ca: string }> {
  await mkdir(folder, { recursive: true });
  const tls = await selfSigned(folder);
  const ports = { server, https: await freePort(), http: await freePort() };
  return { ports, tls, ca: await readFile(tls.certificate, 'utf8') };
}

/** Runs the proxy until the test's end; resolves when it accepts connections. */
async function run(t: Undoing, program: string, args: string[], port: number, env: Record<string, string> = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const ended = once(child, 'close');
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += String(chunk)));
  t.onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  while (!(await accepts(port)))
    if (child.exitCode !== null) throw new Error(`${program} ended before it accepted connections:\n${log}`);
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true));
  socket.once('error', () => setTimeout(resolve, 20, false));
  return promise.finally(() => socket.destroy());
}

/** Sends a request over TLS by HTTP/1.1. */
export async function ask({ port, ca }: Proxy, path: string, options: ProxyRequest = {}): Promise<ProxyAnswer> {
  const { method = 'GET', headers = {}, body, from = '127.0.0.1' } = options;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const { promise, resolve, reject } = Promise.withResolvers<ProxyAnswer>();
  const asked = request({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca,
    path,
    method,
    headers: { host: `localhost:${port}`, ...length, ...headers },
    localAddress: from,
    agent: false,
  });
  asked.once('error', reject);
  asked.once('response', (response) => {
    // After an answer, the proxy may close on the rest of a body that it refuses.
    asked.on('error', () => undefined);
    void text(response).then(
      (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
      reject,
    );
  });
  asked.end(body);
  return promise;
}
