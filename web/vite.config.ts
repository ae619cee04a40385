import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const here = (path: string) => resolve(import.meta.dirname, path);

/** All that SvelteKit's entry imports at once; the rest of its client follows when the payload is set. */
const KIT_ENTRY = /kit\/src\/runtime\/client\/payload\.js$|vite\/preload-helper/;

const ANNOUNCER = 'src/runtime/components/root.svelte';

/** The hash of the one inline script of app.html (the theme, set before the first paint), read from the file itself. */
function themeScriptHash(): `sha256-${string}` {
  const script = /<script>([^]*?)<\/script>/.exec(readFileSync(here('src/app.html'), 'utf8'))?.[1];
  if (script === undefined) throw new Error('web/src/app.html has no inline theme script to hash');
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

/**
 * The hash of the one style attribute on our pages: SvelteKit's announcer for screen readers, made in the browser.
 * Without it a page's title would stand in view after each navigation.
 */
function announcerStyleHash(): `sha256-${string}` {
  const file = resolve(dirname(createRequire(import.meta.url).resolve('@sveltejs/kit/package.json')), ANNOUNCER);
  const style = /id="svelte-announcer"[^]*?style="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1];
  if (style === undefined) throw new Error('SvelteKit has no announcer with a style attribute any more');
  return `sha256-${createHash('sha256').update(style).digest('base64')}`;
}

// Run from the repository's root (`vite build web`): the adapter reads the root package.json.
export default defineConfig({
  root: here('.'),
  plugins: [
    paraglideVitePlugin({
      project: here('project.inlang'),
      outdir: here('src/lib/paraglide'),
      strategy: ['url', 'baseLocale'],
      outputStructure: 'message-modules',
    }),
    sveltekit({
      adapter: adapter({ out: here('build') }),
      compilerOptions: { runes: true },
      // The pages live at the root of their origin, in every language.
      paths: { relative: false },
      // By lib/service-worker.ts, for those who have something to keep.
      serviceWorker: { register: false },
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self', themeScriptHash()],
          'style-src': ['self'],
          'style-src-attr': ['unsafe-hashes', announcerStyleHash()],
          'font-src': ['self'],
          'img-src': ['self', 'data:'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'frame-ancestors': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'object-src': ['none'],
        },
      },
    }),
  ],
  build: { sourcemap: false },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                // SvelteKit's entry sets the payload (its version among it) before any module that reads it may run.
                { name: 'entry', test: KIT_ENTRY, priority: 1 },
                // What most pages share comes in one file: dozens of tiny ones compress badly and cost a request each.
                { name: 'shared', minShareCount: 3 },
              ],
            },
          },
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: process.env.FRONTROW_API ?? 'http://localhost:5000' },
      '/socket.io': { target: process.env.FRONTROW_API ?? 'http://localhost:5000', ws: true },
    },
  },
});
