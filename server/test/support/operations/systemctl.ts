// Stands in for systemctl where systemd does not run as the first process: carries out what Frontrow's units say, and
// checks them by systemd's own systemd-analyze. Run by `fresh-machine.ts`.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const UNITS = '/etc/systemd/system';

/** The values of each key of a unit file, sections aside: no key of ours is in two of them. */
function readUnit(name: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of readFileSync(`${UNITS}/${name}`, 'utf8').split('\n')) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== '') values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

function identify(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
}

interface Service {
  name: string;
  unit: Map<string, string[]>;
}

function valueOf({ unit }: Service, key: string, fallback = ''): string {
  return unit.get(key)?.at(-1) ?? fallback;
}

/** The environment, folders and user that systemd gives to a service. */
function spawnOptions(service: Service, log: number) {
  const user = valueOf(service, 'User', 'root');
  const [uid, gid] = [identify('-u', user), identify('-g', user)];
  const state = valueOf(service, 'StateDirectory');
  if (state !== '') {
    const folder = `/var/lib/${state}`;
    mkdirSync(folder, { recursive: true });
    chownSync(folder, uid, gid);
    chmodSync(folder, Number.parseInt(valueOf(service, 'StateDirectoryMode', '0755'), 8));
  }
  const settings = (service.unit.get('Environment') ?? []).map((pair) => pair.split('=', 2) as [string, string]);
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', ...Object.fromEntries(settings) };
  const stdio = ['ignore', log, log] as ['ignore', number, number];
  return { cwd: valueOf(service, 'WorkingDirectory', '/'), uid, gid, env, stdio };
}

function commandOf(service: Service): [string, string[]] {
  const words = valueOf(service, 'ExecStart').split(/\s+/);
  const [program = '', ...args] = words.map((word) => word.replaceAll(String.raw`\x20`, ' '));
  return [program, args];
}

const pidFile = (name: string) => `/run/${name}.pid`;

/** Starts a service; one of Type=oneshot is run to its end, as systemctl does. */
function start(name: string): void {
  if (name.endsWith('.timer')) return startTimer(name);
  const service = { name, unit: readUnit(name) };
  const options = spawnOptions(service, openSync(`/var/log/${name}.log`, 'a'));
  const [program, args] = commandOf(service);
  process.umask(Number.parseInt(valueOf(service, 'UMask', '0022'), 8));
  if (valueOf(service, 'Type') === 'oneshot') {
    const { status } = spawnSync(program, args, options);
    if (status !== 0) throw new Error(`${name} ended with ${status}:\n${readFileSync(`/var/log/${name}.log`, 'utf8')}`);
    return;
  }
  const child = spawn(program, args, { ...options, detached: true });
  child.unref();
  writeFileSync(pidFile(name), String(child.pid));
}

/** A timer waits for its time; here it is enough that systemd understands the time and finds its service. */
function startTimer(name: string): void {
  const [time = ''] = readUnit(name).get('OnCalendar') ?? [];
  execFileSync('systemd-analyze', ['calendar', time]);
  readUnit(name.replace('.timer', '.service'));
}

function stop(name: string): void {
  const pid = runningPid(name);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  // The end of a process that is no child of ours shows in /proc alone.
  execFileSync('tail', ['--sleep-interval=0.05', '--pid', String(pid), '-f', '/dev/null']);
  rmSync(pidFile(name));
}

function runningPid(name: string): number | null {
  if (!existsSync(pidFile(name))) return null;
  const pid = Number(readFileSync(pidFile(name), 'utf8'));
  return existsSync(`/proc/${pid}`) ? pid : null;
}

function reload(name: string): void {
  const pid = runningPid(name);
  if (pid === null) return start(name);
  process.kill(pid, 'SIGHUP');
}

/** Units of Frontrow must be without a fault; nginx and MongoDB bring their own. */
function daemonReload(): void {
  const names = execFileSync('ls', [UNITS], { encoding: 'utf8' }).split('\n');
  const ours = names.filter((name) => /^frontrow.*\.(?:service|timer)$/.test(name));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...ours.map((name) => `${UNITS}/${name}`)]);
  const faults = String(stderr)
    .split('\n')
    .filter((line) => ours.some((name) => line.includes(name)));
  if (status !== 0 || faults.length > 0) throw new Error(`systemd-analyze verify:\n${String(stderr)}`);
}

const [verb = '', ...args] = process.argv.slice(2);
const names = args
  .filter((name) => !name.startsWith('-'))
  .map((name) => (name.includes('.') ? name : `${name}.service`));
const VERBS: Record<string, (name: string) => void> = {
  start,
  stop,
  reload,
  enable: (name) => (args.includes('--now') ? start(name) : undefined),
  restart: (name) => (stop(name), start(name)),
};
if (verb === 'daemon-reload') daemonReload();
else {
  const run = VERBS[verb];
  if (!run) throw new Error(`systemctl ${verb} is not among the verbs of the handbook`);
  for (const name of names) run(name);
}
