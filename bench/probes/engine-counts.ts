export interface EngineCounts {
  batches: number;
  commands: number;
  replays: number;
}

/** What the engines of these servers have counted since they were started, taken together: from their metrics. */
export async function engineCounts(ports: readonly number[]): Promise<EngineCounts> {
  const sum = { batches: 0, commands: 0, replays: 0 };
  for (const port of ports) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const name of ['batches', 'commands', 'replays'] as const) sum[name] += counted(text, name);
  }
  return sum;
}

function counted(text: string, name: keyof EngineCounts): number {
  const found = new RegExp(`^frontrow_engine_${name}_total (\\d+)$`, 'm').exec(text)?.[1];
  if (!found) throw new Error(`The metrics have no engine's ${name}`);
  return Number(found);
}
