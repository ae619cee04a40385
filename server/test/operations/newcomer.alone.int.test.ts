import { describe, expect, it } from 'vitest';
import { onFreshMachine } from '../support/operations/fresh-machine.ts';
import type { HandbookStep } from '../support/operations/handbook.ts';
import { readHandbook, stepsOf } from '../support/operations/handbook.ts';
import { HAS_NAMESPACES } from '../support/operations/image.ts';

const WITHIN_MS = 240_000;

/** What a buyer and Prometheus do after the last step of the handbook. */
const SALE = `
export NODE_EXTRA_CA_CERTS=/etc/frontrow/tls/certificate.pem
set -a; . <(grep -v ' ' .env); set +a
node --disable-warning=ExperimentalWarning "$REPOSITORY/server/test/support/operations/buyer.ts" https://tickets.example.org > $OUT/buyer.json
curl --fail --silent -H "Authorization: Bearer $METRICS_TOKEN" http://127.0.0.1:5000/metrics > $OUT/metrics.txt
curl --silent --output /dev/null --write-out '%{http_code}' --cacert $NODE_EXTRA_CA_CERTS -H "Authorization: Bearer $METRICS_TOKEN" https://tickets.example.org/metrics > $OUT/metrics-status
`;

const END = `
ls -l /var/lib/frontrow/backups > $OUT/backups
systemctl stop frontrow
cp /var/log/frontrow.service.log $OUT/frontrow.log
`;

/** The packages come from this checkout: the fresh machine has no registry. */
function commandsOf({ name, commands }: HandbookStep): string {
  return name === 'checkout' ? commands.replace('cd /opt/frontrow', 'cd /opt/frontrow\npackages') : commands;
}

describe.runIf(HAS_NAMESPACES)('a newcomer who follows the handbook', () => {
  it(
    'comes from a clone to a production server that sells through nginx',
    async (t) => {
      const [newcomer, drill] = ['newcomer', 'drill'].map((path) => stepsOf(readHandbook(), path));
      const names = newcomer?.map(({ name }) => name);
      expect(names).toEqual(['checkout', 'database', 'settings', 'certificate', 'proxy', 'server', 'check']);
      expect(drill?.map(({ name }) => name)).toEqual(['backup', 'restore']);
      const commands = [newcomer, drill].map((steps) => steps?.map(commandsOf).join('\n'));
      const machine = await onFreshMachine(t, {
        commands: [commands[0], SALE, `{ ${commands[1]}\n} > $OUT/drill`, END].join('\n'),
        hosts: ['tickets.example.org'],
      });
      expect(machine.code, machine.output).toBe(0);

      const buyer = JSON.parse(await machine.read('buyer.json')) as unknown;
      expect(buyer).toEqual({ transport: 'websocket', booked: 'confirmed', seats: 2, soldSeats: 2 });
      expect(await machine.read('metrics.txt')).toContain('frontrow_connections');
      expect(await machine.read('metrics-status')).toBe('404');
      expect(await machine.read('backups')).toMatch(/^-rw------- 1 frontrow frontrow .* frontrow-.*\.backup$/m);
      expect(await machine.read('drill')).toContain('1 event checked: counters, bookings, ledger and payments agree.');
      expect(await machine.read('frontrow.log')).toContain('SIGTERM');
    },
    WITHIN_MS,
  );
});
