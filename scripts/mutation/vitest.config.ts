import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';
import { COMMON } from '../../vitest.workspace.ts';

/** Quick tests first: a mutant that one of them notices costs no property run. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => Number(moduleId.includes('.property.'));
    return (await super.sort(files)).toSorted((a, b) => isSlow(a) - isSlow(b));
  }
}

/** The pure tests of what is mutated. */
export default defineConfig({
  test: {
    ...COMMON,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: [
      'server/src/booking/rules/**/*.test.ts',
      'server/src/live/**/conflate.test.ts',
      'server/src/socket/**/dispatch.test.ts',
    ],
    // Ten thousand histories for each mutant would take days. The model of the rules notices what the other property
    // tests notice, and sooner.
    exclude: ['**/*.int.test.ts', '**/decide.property.test.ts'],
    env: { HISTORIES: '50' },
    maxWorkers: 1,
    sequence: { sequencer: QuickFirst },
  },
});
