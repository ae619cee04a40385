import type { Registry } from '@prometheus-io/client';
import { Counter, Gauge } from '@prometheus-io/client';

/** The values of a metric by its label; a plain number for a metric without labels. */
export type Reading = number | Record<string, number>;

/** Registers a metric whose value is read at each collection. */
type Register = (name: string, help: string, read: () => Reading | Promise<Reading>, label?: string) => void;

/** `sharedGauge`: a value of the database, which all workers read alike; `gauge`: a value of one process. */
export type Registrars = Record<'counter' | 'gauge' | 'sharedGauge', Register>;

export function createRegistrars(registry: Registry): Registrars {
  return {
    counter: counterRegistrar(registry),
    gauge: gaugeRegistrar(registry, 'sum'),
    sharedGauge: gaugeRegistrar(registry, 'first'),
  };
}

/** `aggregator`: how the library merges the gauges of several workers that have the same labels. */
function gaugeRegistrar(registry: Registry, aggregator: 'sum' | 'first'): Register {
  return (name, help, read, label) => {
    const labelNames = label === undefined ? [] : [label];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      aggregator,
      async collect() {
        const reading = await read();
        this.reset();
        for (const [labels, value] of valuesOf(reading, label)) this.set(labels, value);
      },
    });
  };
}

function counterRegistrar(registry: Registry): Register {
  return (name, help, read, label) => {
    const labelNames = label === undefined ? [] : [label];
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const reading = await read();
        this.reset();
        for (const [labels, value] of valuesOf(reading, label)) this.inc(labels, value);
      },
    });
  };
}

function valuesOf(reading: Reading, label: string | undefined): [Record<string, string>, number][] {
  if (typeof reading === 'number') return [[{}, reading]];
  return Object.entries(reading).map(([name, value]) => [{ [label ?? 'name']: name }, value]);
}
