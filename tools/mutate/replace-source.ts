// Replaces the source of one module while tests run: the file in GATEHOUSE_REPLACED says which, and by what.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const { url: replaced, source } = JSON.parse(readFileSync(process.env.GATEHOUSE_REPLACED ?? '', 'utf8'));

registerHooks({
  load: (url, context, next) =>
    url === replaced ? { format: 'module-typescript', source, shortCircuit: true } : next(url, context),
});
