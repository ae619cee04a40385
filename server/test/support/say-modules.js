// Preloaded by a test (node --import): says each module of OpenTelemetry, and of our tracing, that the process loads.
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, nextLoad) {
    if (/opentelemetry|\/server\/src\/tracing\//.test(url)) process.stderr.write(`loads ${url}\n`);
    return nextLoad(url, context);
  },
});
