import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const OLDEST_MAJOR = 6;

/** The version of this mongod, such as "6.0.5". Throws if the file is not a mongod of version 6.0 or later. */
export async function mongodVersion(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version']).catch((cause: unknown) => {
    throw new Error(`${binary} does not run as a mongod.`, { cause });
  });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${binary} prints no version: is it a mongod?`);
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    throw new Error(`${binary} is MongoDB ${version}; ${OLDEST_MAJOR}.0 or later is needed.`);
  return version;
}
