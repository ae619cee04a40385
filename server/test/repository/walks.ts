/** A file that a walk names, and whether a seam (the wire, MongoDB) lies between it and the files above. */
export interface WalkStep {
  file: string;
  afterSeam: boolean;
}

/** The walks of docs/architecture.md by their headings: the first file that each numbered line names. */
export function walksOf(document: string): Map<string, WalkStep[]> {
  const walks = new Map<string, WalkStep[]>();
  for (const section of document.split(/^## /m)) {
    const [heading = '', ...lines] = section.split('\n');
    if (!heading.startsWith('Walk ')) continue;
    const steps: WalkStep[] = [];
    let afterSeam = false;
    for (const line of lines) {
      if (line.startsWith('⇢')) afterSeam = true;
      const file = /^\d+\. (?:\*\*)?`([^`]+)`/.exec(line)?.[1];
      if (file === undefined) continue;
      steps.push({ file, afterSeam });
      afterSeam = false;
    }
    walks.set(heading, steps);
  }
  return walks;
}

/** Steps that no import connects, in either direction, with a step above them; the step after a seam needs none. */
export function unconnectedSteps(steps: readonly WalkStep[], importsOf: (file: string) => readonly string[]): string[] {
  const imports = new Map(steps.map(({ file }) => [file, new Set(importsOf(file))]));
  const isConnected = (a: string, b: string) => imports.get(a)?.has(b) || imports.get(b)?.has(a);
  return steps
    .filter(({ file, afterSeam }, index) => {
      const above = steps.slice(0, index).map((step) => step.file);
      return index > 0 && !afterSeam && !above.some((other) => isConnected(other, file));
    })
    .map(({ file }) => file);
}
