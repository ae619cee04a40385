import { describe, expect, it } from 'vitest';
import { onFreshMachine } from '../support/operations/fresh-machine.ts';
import type { HandbookStep } from '../support/operations/handbook.ts';
import { readHandbook, stepsOf } from '../support/operations/handbook.ts';
import { HAS_NAMESPACES } from '../support/operations/sealed-machine.ts';

const WITHIN_MS = 240_000;

/** What a buyer and Prometheus do after the last step of the handbook. */
const SALE = `
export NODE_EXTRA_CA_CERTS=/etc/frontrow/tls/certificate.pem
set -a; . <(grep -v ' ' .env); set +a
node --disable-warning=ExperimentalWarning "$REPOSITORY/server/test/support/operations/buyer.ts" https://tickets.example.org > $OUT/buyer.json
node --disable-warning=ExperimentalWarning "$REPOSITORY/server/test/support/operations/figures.ts" http://127.0.0.1:9090 ops > $OUT/figures.json
curl --silent --output /dev/null --write-out '%{http_code}' --cacert $NODE_EXTRA_CA_CERTS -H "Authorization: Bearer $METRICS_TOKEN" https://tickets.example.org/metrics > $OUT/metrics-status
`;

const READY = 'https://tickets.example.org/api/health/ready';

/** Waits for the server that has just been started again; the sale of before is still there. */
const SOLD = `
curl --silent --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors --fail --cacert $NODE_EXTRA_CA_CERTS ${READY}
curl --silent --fail --cacert $NODE_EXTRA_CA_CERTS https://tickets.example.org/api/events >> $OUT/sold
`;

const END = `
ls -l /var/lib/frontrow/backups > $OUT/backups
systemctl stop frontrow
cp /var/log/frontrow.service.log $OUT/frontrow.log
`;

/** Outcome of the dashboard's queries, and of the alerts. */
interface Figures {
  answers: { expr: string; series: number | string }[];
  rules: { name: string; health: string; state: string }[];
}

/** What is added to steps of the handbook, before one of their lines. */
const BESIDES: Readonly<Record<string, readonly [before: string, added: string]>> = {
  // The packages come from this checkout: the fresh machine has no registry.
  checkout: ['npm run build', 'packages /opt/frontrow'],
  prepare: ['npm run build', 'packages /opt/frontrow.next'],
  // Nobody waits for a quarter of a minute here.
  figures: ['systemctl restart prometheus', "sed -i 's/_interval: 15s/_interval: 1s/' /etc/prometheus/prometheus.yml"],
};

/** The paths through the handbook in their order, and the steps of each. */
const PATHS = {
  newcomer: ['checkout', 'database', 'settings', 'certificate', 'proxy', 'server', 'check', 'figures'],
  drill: ['backup', 'restore'],
  upgrade: ['prepare', 'exchange'],
  rollback: ['exchange'],
};

function commandsOf({ name, commands }: HandbookStep): string {
  const [before, added] = BESIDES[name] ?? ['', ''];
  if (!commands.includes(before)) throw new Error(`The step ${name} of the handbook has no line "${before}"`);
  return commands.replace(before, `${added}\n${before}`);
}

describe.runIf(HAS_NAMESPACES)('a newcomer who follows the handbook', () => {
  it(
    'comes from a clone to a server that sells, backs it up, upgrades it, and takes the upgrade back',
    async (t) => {
      const handbook = readHandbook();
      const paths = Object.entries(PATHS).map(([path, names]) => {
        const steps = stepsOf(handbook, path);
        expect(steps.map(({ name }) => name)).toEqual(names);
        return steps.map(commandsOf).join('\n');
      });
      const [newcomer = '', drill = '', upgrade = '', rollback = ''] = paths;
      const machine = await onFreshMachine(t, {
        commands: [newcomer, SALE, `{ ${drill}\n} > $OUT/drill`, upgrade, SOLD, rollback, SOLD, END].join('\n'),
        hosts: ['tickets.example.org'],
      });
      expect(machine.code, machine.output).toBe(0);
      const buyer = JSON.parse(await machine.read('buyer.json')) as unknown;
      expect(buyer).toEqual({ transport: 'websocket', booked: 'confirmed', seats: 2, soldSeats: 2 });
      const { answers, rules } = JSON.parse(await machine.read('figures.json')) as Figures;
      expect(answers.length).toBeGreaterThan(30);
      const empty = answers.filter(({ series }) => series === 0 || typeof series === 'string');
      // The server compares accounts for the first time minutes after its start, and nobody has used a voucher.
      const laterMetrics = ['frontrow_reconcile', 'frontrow_voucher_discounts'];
      expect(empty.filter(({ expr }) => !laterMetrics.some((name) => expr.includes(name)))).toEqual([]);
      expect(rules.filter(({ health, state }) => health !== 'ok' || state === 'firing')).toEqual([]);
      expect(await machine.read('metrics-status')).toBe('404');
      expect(await machine.read('backups')).toMatch(/^-rw------- 1 frontrow frontrow .* frontrow-.*\.backup$/m);
      expect(await machine.read('drill')).toContain('1 event checked: counters, bookings, ledger and payments agree.');
      const sold = (await machine.read('sold')).match(/"soldSeats":\d+/g);
      expect(sold).toEqual(['"soldSeats":2', '"soldSeats":2']);
      expect(await machine.read('mails')).toContain('alice@example.org');
      expect(await machine.read('frontrow.log')).toContain('SIGTERM');
    },
    WITHIN_MS,
  );
});
