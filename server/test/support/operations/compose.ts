import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { REPOSITORY } from './examples.ts';

/** What the tests read of a service of the compose files. */
export interface ComposeService {
  image?: string;
  build?: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, unknown>;
  volumes?: string[];
  network_mode?: string;
  read_only?: boolean;
  ports?: string[];
}

interface ComposeFile {
  services: Record<string, ComposeService>;
  networks?: { default: { ipam: { config: { subnet: string; gateway: string }[] } } };
  volumes: Record<string, unknown>;
}

export function readComposeFile(name: 'compose.yaml' | 'compose.replica-set.yaml'): ComposeFile {
  return parse(readFileSync(join(REPOSITORY, name), 'utf8'), { merge: true }) as ComposeFile;
}

/**
 * The services that `docker compose -f compose.yaml -f compose.replica-set.yaml` starts with these variables in .env.
 * Throws the text of a variable that must be set and is not.
 */
export function composedServices(variables: Readonly<Record<string, string>>): Record<string, ComposeService> {
  const [first, second] = [
    readComposeFile('compose.yaml').services,
    readComposeFile('compose.replica-set.yaml').services,
  ];
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  const merged = [...names].map((name) => {
    const [one, other] = [first[name] ?? {}, second[name] ?? {}];
    return [name, { ...one, ...other, environment: { ...one.environment, ...other.environment } }] as const;
  });
  return JSON.parse(JSON.stringify(Object.fromEntries(merged)), (_key, value: unknown) =>
    typeof value === 'string' ? interpolate(value, variables) : value,
  ) as Record<string, ComposeService>;
}

/** Replaces `${NAME:?why}` and `${NAME:-}` by the variable, and `$$` by a dollar sign, as Compose does. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\{(\w+):([-?])([^}]*)\}/g, (found, name: string, kind: string, rest: string) => {
    if (found === '$$') return '$';
    const value = variables[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name} ${rest}`);
    return value === '' ? rest : value;
  });
}
