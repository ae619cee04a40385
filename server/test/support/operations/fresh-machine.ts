import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { onPath } from '../../../../scripts/setup/mongod-sources.js';
import type { Undoing } from '../database/test-database.ts';
import { debianProgram } from './debian-programs.ts';
import { REPOSITORY } from './examples.ts';
import { onSealedMachine, shellWord } from './sealed-machine.ts';

/** Folders of the machine that commands may change, without a trace outside of the fresh machine. */
const CHANGED = ['/etc', '/opt', '/var', '/root', '/usr/local', '/tmp'];

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

/**
 * Runs commands on what looks like a fresh Debian machine with Node, MongoDB, nginx, Prometheus and a mail server
 * installed. It has no network but its own: the packages of the checkout in /opt/frontrow are those of this one.
 */
export function onFreshMachine(t: Undoing, { commands, hosts }: FreshMachineOptions) {
  return onSealedMachine(t, async (scratch, layers) => {
    const names = `127.0.0.1 localhost ${hosts.join(' ')}`;
    return `${layers(CHANGED)}\n${await installation(scratch)}\necho ${shellWord(names)} > /etc/hosts\nset -x\n${commands}\n`;
  });
}

/** Installs the programs, and defines the function that gives a checkout its packages. */
async function installation(scratch: string): Promise<string> {
  const nginx = await debianProgram('nginx');
  const prometheus = await debianProgram('prometheus');
  const npm = process.env['npm_execpath'] ?? onPath(['npm']) ?? '';
  const systemctl = join(scratch, 'systemctl');
  await writeFile(
    systemctl,
    `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${import.meta.dirname}/systemctl.ts" "$@"\n`,
  );
  await chmod(systemctl, 0o755);
  return `
ip link set lo up
mount -t tmpfs tmpfs /run
rm -f /tmp/mongodb-27017.sock
# Mounted, so that users may run them who may not read this checkout.
program() {
  if [ $2 -ef /usr/local/bin/$1 ]; then return; fi
  rm -f /usr/local/bin/$1
  touch /usr/local/bin/$1
  mount --bind $2 /usr/local/bin/$1
}
program node ${process.execPath}
ln -sf ${npm} /usr/local/bin/npm
program mongod ${inject('mongodBinary')}
program nginx ${nginx.program}
program prometheus ${prometheus.program}
ln -sf ${systemctl} /usr/local/bin/systemctl
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
trap 'tail -n 20 /var/log/*.service.log /var/log/mongodb/*.log' ERR
PS4='+ $SECONDS s: '
`;
}
