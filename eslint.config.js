// @ts-check
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { noSpreadDependencies, noSpreadLiteral } from './scripts/lint/named-properties.js';
import { ownLines } from './scripts/lint/own-lines.js';

const TYPESCRIPT = ['**/*.ts'];
const TESTS = ['**/*.test.ts', '**/*.fixture.ts', '**/test/**', 'e2e/**'];

/** Return type of Fastify's methods such as `register`: awaiting it is optional, because Fastify reports its rejection. */
const FASTIFY_THENABLES = [{ from: /** @type {const} */ ('package'), package: 'fastify', name: 'SafePromiseLike' }];

/** Files that may read `process.env`. All others get checked settings from server/src/config.ts. */
const ENVIRONMENT_READERS = [
  'server/src/config.ts',
  // Sets header names for adapter-node, which takes them from the environment only.
  'server/src/http/pages/page-handler.ts',
  'scripts/**',
  'bench/**',
  'e2e/**',
  '**/*.config.ts',
];

export default defineConfig(
  {
    ignores: [
      '**/node_modules/',
      '.cache/',
      'data/',
      'test-results/',
      'playwright-report/',
      'screenshots/',
      'web/.svelte-kit/',
      'web/build/',
      'web/src/lib/paraglide/',
      'web/project.inlang/',
    ],
  },
  {
    plugins: {
      frontrow: {
        rules: {
          'own-lines': ownLines,
          'no-spread-literal': noSpreadLiteral,
          'no-spread-dependencies': noSpreadDependencies,
        },
      },
    },
    rules: { 'frontrow/no-spread-literal': 'error' },
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  svelte.configs.recommended,
  {
    languageOptions: { globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-implicit-coercion': 'off',
      'no-promise-executor-return': 'off',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings come from server/src/config.ts.' },
      ],
    },
  },
  {
    files: TYPESCRIPT,
    ignores: ['web/**'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: FASTIFY_THENABLES }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.ts', '**/*.js'],
    ignores: TESTS,
    rules: {
      'max-lines': ['error', { max: 250 }],
      'frontrow/own-lines': 'error',
    },
  },
  { files: ['server/src/**/*.ts'], ignores: TESTS, rules: { 'frontrow/no-spread-dependencies': 'error' } },
  // The composition names every dependency of every part: in one function its order can be read from top to bottom.
  {
    files: ['server/src/app/app.ts'],
    rules: { 'frontrow/own-lines': 'off', 'max-lines': ['error', { max: 300 }] },
  },
  { files: [...ENVIRONMENT_READERS, ...TESTS], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['web/**/*.svelte', 'web/**/*.svelte.ts', 'web/src/**/*.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // svelte-check reports undefined names: it knows the declarations of Svelte and SvelteKit.
      'no-undef': 'off',
      // Props are declared with `let`, and a component never assigns them.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      'svelte/no-at-html-tags': 'error',
      // Pages are served from the root of their origin, and links are made by a function of ours that adds the language.
      'svelte/no-navigation-without-resolve': 'off',
      // State classes use plain maps for data that no page shows.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: TYPESCRIPT, rules: { 'no-undef': 'off' } },
  prettier,
  svelte.configs.prettier,
);
