import type { BrowserContext, ConsoleMessage, Request, Response, WebError } from '@playwright/test';

/** A failure that a test provokes on purpose; everything else that fails in a browser fails its test. */
export interface Allowance {
  /** What the test does to provoke the failure. */
  reason: string;
  /** Matches the lines of `Problems`. */
  pattern: RegExp;
  /** Whether the failure must happen: otherwise the allowance would outlive its cause. */
  isCertain: boolean;
}

/** Allows answers with a status to requests for a path (the source of a regular expression); expects one or more. */
export function refusal(status: number, path: string, reason: string): Allowance {
  return { reason, pattern: new RegExp(`^${status} ${path}$`), isCertain: true };
}

/** Allows what Chromium itself reports while a server or the network is away; no page can prevent these lines. */
export function serverAway(reason: string): Allowance {
  return { reason, pattern: SERVER_AWAY, isCertain: false };
}

const SERVER_AWAY =
  /^net::ERR_(?:CONNECTION|INTERNET|NETWORK|FAILED|EMPTY|BLOCKED|SOCKET|ABORTED)|^console: WebSocket connection to|unknown error occurred when fetching the script/;

/** Allows the failed handshakes of WebSockets, which the test's proxy refuses. */
export const WEBSOCKETS_BLOCKED: Allowance = {
  reason: 'the proxy in front of the server refuses WebSockets',
  pattern: /^console: WebSocket connection to .* failed|^403 \/socket\.io\/$/,
  isCertain: true,
};

/** Allows what Chromium itself reports of scripts in a browser that runs no scripts. */
export const SCRIPTS_OFF: Allowance = {
  reason: 'the browser runs no scripts',
  pattern: /^csp \/_app\/immutable\/.*\.js$/,
  isCertain: false,
};

/** Collects the failures in a browser's pages, each once: `401 /path`, `net::ERR_… /path`, `console: …`, `page: …`. */
export interface Problems {
  /** Failures that no allowance covers, and certain allowances without a failure. */
  all(): string[];
}

/** Watches every page and service worker of a browser from now on. */
export function watchProblems(context: BrowserContext, allowed: readonly Allowance[]): Problems {
  const found = new Set<string>();
  context.on('console', (message) => {
    if (message.type() === 'error') found.add(ofConsole(message));
  });
  context.on('weberror', (error) => found.add(ofPage(error)));
  context.on('response', (response) => {
    if (response.status() >= 400) found.add(ofResponse(response));
  });
  context.on('requestfailed', (request) => {
    const line = ofFailure(request);
    if (line !== null) found.add(line);
  });
  return { all: () => judge([...found], allowed) };
}

function judge(found: readonly string[], allowed: readonly Allowance[]): string[] {
  const unexpected = found.filter((line) => !allowed.some(({ pattern }) => pattern.test(line)));
  const unused = allowed.filter(({ pattern, isCertain }) => isCertain && !found.some((line) => pattern.test(line)));
  return [...unexpected, ...unused.map(({ reason, pattern }) => `did not happen: ${pattern.source} (${reason})`)];
}

/** Chromium repeats failed requests in the console: the same line for both, so that one allowance covers them. */
function ofConsole(message: ConsoleMessage): string {
  const text = message.text();
  const { url } = message.location();
  const [, status, error] =
    /^Failed to load resource: (?:the server responded with a status of (\d+)|(net::\w+))/.exec(text) ?? [];
  return (status ?? error) ? `${status ?? error} ${pathOf(url)}` : `console: ${text} (${pathOf(url)})`;
}

/** What a page throws may have no text at all: the page's path then is the only trace. */
function ofPage(error: WebError): string {
  const { stack, name, message } = error.error();
  return `page: ${stack || `${name} ${message}`} (${pathOf(error.page()?.url() ?? '')})`;
}

function ofResponse(response: Response): string {
  return `${response.status()} ${pathOf(response.url())}`;
}

/** Null for a request cancelled because its page was left, which is no failure. */
function ofFailure(request: Request): string | null {
  const error = request.failure()?.errorText ?? 'unknown failure';
  return error === 'net::ERR_ABORTED' ? null : `${error} ${pathOf(request.url())}`;
}

/** Only the path: ports differ from run to run, and queries may hold tokens. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
