import type { Config } from '#server/config.ts';
import type { StartWarnings } from '#server/process/start-warnings.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

/** The findings of a start's warnings: its faults are wrong in production, whether or not the start is strict. */
export function judgeWarnings(check: string, { faults, notes }: StartWarnings, nothing: string): Finding[] {
  const found = [
    ...faults.map((fault) => wrong(check, fault, 'Change it; STRICT_PRODUCTION=on makes sure of it at each start.')),
    ...notes.map((note) => look(check, note, 'docs/operations.md explains it.')),
  ];
  return found.length > 0 ? found : [good(check, nothing)];
}

export function judgeMode({ production, strictProduction }: Pick<Config, 'production' | 'strictProduction'>): Finding {
  if (!production)
    return look('mode', 'NODE_ENV is not production', 'Set NODE_ENV=production if this site sells real tickets.');
  return good('mode', strictProduction ? 'production, strict' : 'production');
}
