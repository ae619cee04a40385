import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { onPath } from '../../../../scripts/setup/mongod-sources.js';
import type { Undoing } from '../database/test-database.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { debianProgram } from './debian-programs.ts';
import { REPOSITORY } from './examples.ts';

/** Folders of the machine that commands may change, without a trace outside of the fresh machine. */
const CHANGED = ['/etc', '/opt', '/var', '/root', '/usr/local', '/srv'];

/** What the packages of MongoDB, nginx and Prometheus install beside their programs. */
const MONGOD_UNIT = '[Service]\nUser=mongodb\nExecStart=/usr/local/bin/mongod --config /etc/mongod.conf\n';
const NGINX_UNIT = '[Service]\nExecStart=/usr/local/bin/nginx -g daemon\\x20off;\n';

const PROMETHEUS_UNIT = `[Service]
User=prometheus
ExecStart=/usr/local/bin/prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus
`;

interface FreshMachineOptions {
  /** Commands of a shell, as root. */
  commands: string;
  /** Names that lead to this machine. */
  hosts: readonly string[];
}

interface FreshMachineOutcome {
  code: number | null;
  output: string;
  /** A file that the commands wrote to the folder in $OUT. */
  read(name: string): Promise<string>;
}

/**
 * Runs commands on what looks like a fresh Debian machine with Node, MongoDB, nginx, Prometheus and a mail server installed: namespaces with a
 * network, processes and changes of their own, all gone at the end. It has no other network: the packages of the
 * checkout in /opt/frontrow are those of this one.
 */
export async function onFreshMachine(t: Undoing, options: FreshMachineOptions): Promise<FreshMachineOutcome> {
  const scratch = await scratchFolder('machine');
  t.onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const out = join(scratch, 'out');
  for (const folder of CHANGED)
    for (const part of ['upper', 'work']) await mkdir(join(scratch, 'layers', folder, part), { recursive: true });
  await mkdir(out);
  const script = join(scratch, 'machine.sh');
  await writeFile(script, await machineScript(scratch, options));
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

async function machineScript(scratch: string, { commands, hosts }: FreshMachineOptions): Promise<string> {
  const nginx = await debianProgram('nginx');
  const prometheus = await debianProgram('prometheus');
  const npm = process.env['npm_execpath'] ?? onPath(['npm']) ?? '';
  const systemctl = join(scratch, 'systemctl');
  await writeFile(
    systemctl,
    `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${import.meta.dirname}/systemctl.ts" "$@"\n`,
  );
  await chmod(systemctl, 0o755);
  const layer = (folder: string) => `${scratch}/layers${folder}`;
  return `
ip link set lo up
${CHANGED.map((at) => `mount -t overlay overlay -o lowerdir=${at},upperdir=${layer(at)}/upper,workdir=${layer(at)}/work ${at}`).join('\n')}
mount -t tmpfs tmpfs /run
ln -sf ${process.execPath} /usr/local/bin/node
ln -sf ${npm} /usr/local/bin/npm
ln -sf ${inject('mongodBinary')} /usr/local/bin/mongod
ln -sf ${nginx.program} /usr/local/bin/nginx
ln -sf ${prometheus.program} /usr/local/bin/prometheus
ln -sf ${systemctl} /usr/local/bin/systemctl
echo '127.0.0.1 localhost ${hosts.join(' ')}' > /etc/hosts
mkdir -p /etc/systemd/system
printf '%s' ${shellWord(MONGOD_UNIT)} > /etc/systemd/system/mongod.service
printf '%s' ${shellWord(NGINX_UNIT)} > /etc/systemd/system/nginx.service
printf '%s' ${shellWord(PROMETHEUS_UNIT)} > /etc/systemd/system/prometheus.service
useradd --system --home-dir /var/lib/mongodb mongodb
install -d -o mongodb /var/lib/mongodb /var/log/mongodb
useradd --system --home-dir /var/lib/prometheus prometheus
install -d -o prometheus /var/lib/prometheus /etc/prometheus
rm -rf /etc/nginx
cp -r ${nginx.root}/etc/nginx /etc/nginx
mkdir -p /var/log/nginx /var/lib/nginx
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export REPOSITORY=${REPOSITORY} VERSION=HEAD
# The packages of this checkout, in a layer of their own for each folder: there is no registry here. And its pages, if they
# are built: the build compares them with the sources, and builds them again if they differ.
packages() {
  for place in build .svelte-kit node_modules src/lib/paraglide; do
    if [ -e ${REPOSITORY}/web/$place ]; then cp -r ${REPOSITORY}/web/$place $1/web/$place; fi
  done
  layer=$(mktemp -d -p ${scratch})
  mkdir $layer/upper $layer/work $1/node_modules
  mount -t overlay overlay -o lowerdir=${REPOSITORY}/node_modules,upperdir=$layer/upper,workdir=$layer/work $1/node_modules
}
node --disable-warning=ExperimentalWarning ${import.meta.dirname}/mail-server.ts $OUT/mails &
trap 'tail -n 20 /var/log/*.service.log' ERR
PS4='+ $SECONDS s: '
set -x
${commands}
`;
}

/** The text as one word of a shell. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
