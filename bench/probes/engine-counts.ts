interface EngineCounts {
  batches: number;
  commands: number;
  replays: number;
}

/** Counts of the booking engines since the start, summed over these servers, from their `/metrics`. */
export async function engineCounts(ports: readonly number[]): Promise<EngineCounts> {
  const sum = { batches: 0, commands: 0, replays: 0 };
  for (const port of ports) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const name of ['batches', 'commands', 'replays'] as const) sum[name] += counterIn(text, name);
  }
  return sum;
}

function counterIn(metrics: string, name: keyof EngineCounts): number {
  const found = new RegExp(`^frontrow_engine_${name}_total (\\d+)$`, 'm').exec(metrics)?.[1];
  if (!found) throw new Error(`The metrics have no frontrow_engine_${name}_total`);
  return Number(found);
}
