import type { Environment } from 'vitest/runtime';

/**
 * Node, with modules built as for a browser: state classes are what runs in a page, effects included, without a
 * pretended page around them.
 */
export default {
  name: 'browser-build',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
