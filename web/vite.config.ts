import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { MESSAGES } from './compile-messages.ts';

const here = (path: string) => resolve(import.meta.dirname, path);

/** The modules that SvelteKit's entry imports at once; the rest of the client loads after the payload is set. */
const KIT_ENTRY = /kit\/src\/runtime\/client\/payload\.js$|vite\/preload-helper/;

interface ModuleGraph {
  getModuleInfo(id: string): { importedIds: readonly string[]; code: string | null } | null;
}

/** What the list of events loads, the page that most visits begin with: its modules, and the names of its messages. */
interface OnList {
  modules: ReadonlySet<string>;
  messages: ReadonlySet<string>;
}

const MESSAGE_FILE = /\/paraglide\/messages\/_?(\w+?)\d*\.js$/;

/** Walks the imports of the list and of the frame around every page. All messages are imported; those named are used. */
function readOnList(graph: ModuleGraph): OnList {
  const modules = new Set<string>();
  const messages = new Set<string>();
  const open = ['+layout.svelte', '+layout.ts', '+page.svelte', '+error.svelte'].map((file) =>
    here(`src/routes/${file}`),
  );
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const info = modules.has(id) || MESSAGE_FILE.test(id) ? null : graph.getModuleInfo(id);
    if (!info) continue;
    modules.add(id);
    for (const [, name = ''] of info.code?.matchAll(/\bm\.(\w+)/g) ?? []) messages.add(name.replace(/\d*$/, ''));
    open.push(...info.importedIds);
  }
  return { modules, messages };
}

/**
 * The shared file, for modules that the list loads: what other pages share stays out of it, because e2e/weight.spec.ts
 * limits the scripts of the list.
 */
function createSharedName() {
  let onList: OnList | undefined;
  return (id: string, graph: ModuleGraph): string | null => {
    onList ??= readOnList(graph);
    const message = MESSAGE_FILE.exec(id)?.[1];
    const isOnList = message === undefined ? onList.modules.has(id) : onList.messages.has(message);
    return isOnList ? 'shared' : null;
  };
}

/** What every page loads and few pages use besides: a file of its own would cost a request and its headers. */
const ON_EVERY_PAGE =
  /\/src\/lib\/(?:service-worker\.ts|components\/account\/sign-in-prompt|i18n\/chosen-language|paraglide\/messages\/(?:nav_organiser|list_upcoming|sign_out|sign_out_everywhere|language_label|account_title|footer_privacy)\.js)/;

const ANNOUNCER = 'src/runtime/components/root.svelte';

/** CSP hash of the one inline script of app.html, which sets the theme before the first paint. */
function themeScriptHash(): `sha256-${string}` {
  const script = /<script>([^]*?)<\/script>/.exec(readFileSync(here('src/app.html'), 'utf8'))?.[1];
  if (script === undefined) throw new Error('web/src/app.html has no inline theme script to hash');
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

/**
 * CSP hash of the one style attribute on our pages, which hides SvelteKit's announcer for screen readers. Without the
 * hash each navigation would show the page title as visible text.
 */
function announcerStyleHash(): `sha256-${string}` {
  const file = resolve(dirname(createRequire(import.meta.url).resolve('@sveltejs/kit/package.json')), ANNOUNCER);
  const style = /id="svelte-announcer"[^]*?style="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1];
  if (style === undefined) throw new Error('SvelteKit has no announcer with a style attribute any more');
  return `sha256-${createHash('sha256').update(style).digest('base64')}`;
}

// Run from the repository root (`vite build web`): the adapter reads the root package.json.
export default defineConfig({
  root: here('.'),
  plugins: [
    paraglideVitePlugin(MESSAGES),
    sveltekit({
      adapter: adapter({ out: here('build') }),
      compilerOptions: { runes: true },
      // Absolute paths: the app is served from the root of its origin, in every language.
      paths: { relative: false },
      // In the page: stylesheets of their own would wait for connections behind the scripts, and nothing shows before them.
      inlineStyleThreshold: 32_000,
      // Registered by lib/service-worker.ts, for signed-in users only.
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
                // SvelteKit's entry must set the payload (the version among it) before a module reads it.
                { name: 'entry', test: KIT_ENTRY, priority: 1 },
                // One file for what most pages share: dozens of tiny files compress badly and cost a request each.
                { name: 'shared', test: ON_EVERY_PAGE },
                { name: createSharedName(), minShareCount: 2 },
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
