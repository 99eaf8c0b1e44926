// Replaces the source of one module while tests run. The file in GATEHOUSE_REPLACED has the module and the
// new source.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const { url: replaced, source } = JSON.parse(readFileSync(process.env.GATEHOUSE_REPLACED ?? '', 'utf8'));

registerHooks({
  load: (url, context, next) =>
    url === replaced ? { format: 'module-typescript', source, shortCircuit: true } : next(url, context),
});
