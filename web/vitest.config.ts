import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compileMessages } from './compile-messages.ts';

const here = (path: string) => resolve(import.meta.dirname, path);

await compileMessages();

export default defineConfig({
  root: here('.'),
  // The tsconfig.json of the pages extends one that their build makes, and these tests need no build.
  tsconfig: here('../tsconfig.json'),
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  // Svelte's client build: state classes run in an effect root, without a component or a page.
  resolve: { conditions: ['browser'] },
  test: {
    name: 'web',
    environment: here('browser-build.ts'),
    include: ['src/**/*.test.ts'],
  },
});
