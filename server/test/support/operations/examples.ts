import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The repository's folder. */
export const REPOSITORY = join(import.meta.dirname, '../../../..');

/**
 * An example of `ops/` with its own names and paths replaced. Each text must occur as often as given, so that a change of
 * the example cannot leave a test with an example that nobody uses.
 */
export async function readExample(
  file: string,
  replacements: readonly (readonly [from: string, times: number, to: string])[],
): Promise<string> {
  let text = await readFile(join(REPOSITORY, 'ops', file), 'utf8');
  for (const [from, times, to] of replacements) {
    const found = text.split(from).length - 1;
    if (found !== times) throw new Error(`ops/${file} has "${from}" ${found} times, not ${times}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Makes a self-signed certificate for localhost; the paths of the certificate and its key. */
export async function selfSigned(folder: string): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await run('openssl', [...made, ...names, '-keyout', key, '-out', certificate]);
  return { certificate, key };
}
