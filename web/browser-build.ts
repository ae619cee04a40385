import type { Environment } from 'vitest/runtime';

/**
 * Vitest environment: Node with modules built for a browser. State classes run as in a page, effects included, without
 * a simulated DOM.
 */
export default {
  name: 'browser-build',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
