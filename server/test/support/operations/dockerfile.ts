import type { Instruction } from 'dockerfile-ast';
import { DockerfileParser, ModifiableInstruction } from 'dockerfile-ast';

/** An instruction of a Dockerfile: `RUN npm ci` is the keyword RUN and the text "npm ci". */
interface DockerInstruction {
  keyword: string;
  flags: Record<string, string>;
  /** What stands behind keyword and flags. */
  text: string;
}

/** One build stage: its base image, its name, and its instructions after FROM. */
interface DockerStage {
  base: string;
  name: string | null;
  instructions: DockerInstruction[];
}

/** The stages of a Dockerfile, in their order. */
export function readDockerfile(text: string): DockerStage[] {
  const stages: DockerStage[] = [];
  for (const parsed of DockerfileParser.parse(text).getInstructions()) {
    const content = (parsed.getArgumentsContent() ?? '').trim();
    const [base = '', , name] = content.split(/\s+/);
    if (parsed.getKeyword() === 'FROM') stages.push({ base, name: name ?? null, instructions: [] });
    else stages.at(-1)?.instructions.push({ keyword: parsed.getKeyword(), flags: flagsOf(parsed), text: content });
  }
  return stages;
}

function flagsOf(parsed: Instruction): Record<string, string> {
  const flags = parsed instanceof ModifiableInstruction ? parsed.getFlags() : [];
  return Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? '']));
}

/** The words of an instruction's JSON list, such as a command. */
export function jsonWords(text: string): string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) throw new Error(`Not a JSON list: ${text}`);
  return words.map(String);
}

/** Name and value of each variable of an ENV instruction whose values have no spaces. */
export function envPairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string]));
}

/** Whether `.dockerignore` keeps a file, named from the repository's root, out of the build: the last rule decides. */
export function isDockerIgnored(file: string, ignoreFile: string): boolean {
  const rules = ignoreFile.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return rules.reduce((ignored, rule) => {
    const isException = rule.startsWith('!');
    return patternOf(isException ? rule.slice(1) : rule).test(file) ? !isException : ignored;
  }, false);
}

/** A rule matches a path and all that is below it. */
function patternOf(rule: string): RegExp {
  const source = rule.replaceAll(/\*\*\/|\*|[.+^${}()|[\]\\]/g, (found) =>
    found === '**/' ? '(?:.*/)?' : found === '*' ? '[^/]*' : `\\${found}`,
  );
  return new RegExp(`^${source}(?:/.*)?$`);
}
