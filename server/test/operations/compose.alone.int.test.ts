import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { NODE_FLAGS } from '../../../scripts/setup/flags.js';
import type { ComposeService } from '../support/operations/compose.ts';
import { composedServices, readComposeFile } from '../support/operations/compose.ts';
import { REPOSITORY } from '../support/operations/examples.ts';
import { HAS_NAMESPACES, onSealedMachine, shellWord } from '../support/operations/sealed-machine.ts';

const WITHIN_MS = 240_000;

/** What the handbook puts into .env. */
const VARIABLES = {
  PUBLIC_URL: 'https://tickets.example.org',
  JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters',
  DATABASE_KEY: 'abcdef0123456789'.repeat(8),
  DATABASE_PASSWORD: 'one-password',
  DATABASE_ADMIN_PASSWORD: 'another-password',
};

/** The address of each container in the network of the compose file. */
const ADDRESSES = { mongo: 11, mongo2: 12, mongo3: 13, frontrow: 14 };
type ContainerName = keyof typeof ADDRESSES;

const { subnet = '', gateway = '' } = readComposeFile('compose.yaml').networks?.default.ipam.config[0] ?? {};
const addressOf = (name: ContainerName) => gateway.replace(/\d+$/, String(ADDRESSES[name]));

/** As in MongoDB's image: the program as its own user, with the data in the volume. Containers share no /tmp. */
const ENTRYPOINT = `#!/bin/sh
mkdir -p "/var/lib/$NAME" && chown mongodb "/var/lib/$NAME"
exec setpriv --reuid mongodb --regid mongodb --clear-groups "$@" --dbpath "/var/lib/$NAME" --nounixsocket
`;

const NETWORK = `
ip link set lo up
ip link add name bridge type bridge
ip addr add ${gateway}/${subnet.split('/')[1]} dev bridge
ip link set bridge up
container() {
  ip netns add $1
  ip link add $1 type veth peer name eth0 netns $1
  ip link set $1 master bridge up
  ip -n $1 addr add $2/${subnet.split('/')[1]} dev eth0
  ip -n $1 link set eth0 up
  ip -n $1 link set lo up
}
`;

/** Runs words with the environment of a service, and nothing else, in the network of a container. */
function runIn(container: string, { environment = {} }: ComposeService, words: readonly string[]): string {
  const settings = Object.entries({ NAME: container, ...environment }).map(([name, value]) => `${name}=${value}`);
  return `ip netns exec ${container} env -i PATH=$PATH ${[...settings, ...words].map(shellWord).join(' ')}`;
}

/** The service's command with the Node of this machine, in the repository. */
function nodeWords(words: readonly string[]): string[] {
  const [program, ...args] = words;
  if (program !== 'node') throw new Error(`Not a command of Node: ${words.join(' ')}`);
  return [process.execPath, '--disable-warning=ExperimentalWarning', ...args];
}

async function scriptFor(scratch: string, layers: (folders: readonly string[]) => string): Promise<string> {
  const services = composedServices(VARIABLES);
  const service = (name: string) => services[name] ?? {};
  const entrypoint = join(scratch, 'docker-entrypoint.sh');
  await writeFile(entrypoint, ENTRYPOINT);
  await chmod(entrypoint, 0o755);
  await chmod(scratch, 0o755);
  const containers = Object.keys(ADDRESSES) as ContainerName[];
  const members = containers.filter((name) => name.startsWith('mongo'));
  const start = ['node', ...NODE_FLAGS, 'server/src/main.ts'];
  return `
${layers(['/etc', '/var', '/tmp', '/usr/local'])}
mount -t tmpfs tmpfs /run
rm -f /tmp/key
useradd --system mongodb
touch /usr/local/bin/mongod
mount --bind ${inject('mongodBinary')} /usr/local/bin/mongod
export PATH=${scratch}:$PATH
${NETWORK}
echo '127.0.0.1 localhost' > /etc/hosts
${containers.map((name) => `echo '${addressOf(name)} ${name}' >> /etc/hosts\ncontainer ${name} ${addressOf(name)}`).join('\n')}
trap 'tail -n 5 $OUT/*.log' ERR
${members.map((name) => `${runIn(name, service(name), service(name).entrypoint ?? [])} > $OUT/${name}.log 2>&1 &`).join('\n')}
${members.map((name) => `timeout 60 bash -c 'until (exec 3<> /dev/tcp/${name}/27017) 2> /dev/null; do sleep 0.1; done'`).join('\n')}
cd ${REPOSITORY}
${runIn('mongo', service('replica-set'), nodeWords(service('replica-set').command ?? []))} > $OUT/replica-set
${runIn('frontrow', service('frontrow'), ['NODE_ENV=production', 'HOST=0.0.0.0', 'PORT=5000', ...nodeWords(start)])} > $OUT/frontrow.log 2>&1 &
curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors -H 'X-Forwarded-For: 203.0.113.9' http://frontrow:5000/api/health/ready > $OUT/ready
# Mail is not set, so the doctor ends with 1. The last member may still copy the data.
until grep '3 members' $OUT/doctor > $OUT/members 2> $OUT/grep.log; do
  ${runIn('frontrow', service('frontrow'), ['NODE_ENV=production', ...nodeWords(['node', 'server/src/cli/doctor.ts'])])} > $OUT/doctor || [ $? = 1 ]
done
`;
}

describe.runIf(HAS_NAMESPACES)('the compose files', () => {
  it(
    'lead to a server on a replica set of three members, which know each other by the key and ask for passwords',
    async (t) => {
      const machine = await onSealedMachine(t, scriptFor);
      expect(machine.code, machine.output).toBe(0);
      expect(await machine.read('replica-set')).toBe(
        'Replica set rs0 of mongo:27017, mongo2:27017, mongo3:27017: initiated\n' +
          'Administrator root: created\nUser frontrow: created\n',
      );
      expect(JSON.parse(await machine.read('ready'))).toMatchObject({ status: 'ready' });
      const log = await machine.read('frontrow.log');
      // Docker forwards connections from the gateway, which the file trusts.
      expect(log).not.toContain('TRUST_PROXY');
      expect(await machine.read('members')).toMatch(/^good +replica set +3 members, mongo:27017 is primary$/m);
      const doctor = await machine.read('doctor');
      expect(doctor).toMatch(/^good +write concern +majority, journaled$/m);
      expect(doctor).toMatch(/^good +schema /m);
    },
    WITHIN_MS,
  );

  it('say which variable is missing', () => {
    expect(() => composedServices({ ...VARIABLES, DATABASE_KEY: '' })).toThrow(
      'DATABASE_KEY is missing in .env, see docs/operations.md',
    );
  });
});
