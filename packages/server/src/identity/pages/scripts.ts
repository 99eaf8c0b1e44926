// The scripts of the pages. Each path changes with its script, so that browsers may store it.
import { createHash } from 'node:crypto';
import { withContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import { RESET_SCRIPT } from './reset-script.ts';
import { SUBMIT_SCRIPT } from './submit-script.ts';

interface Script {
  path: string;
  text: string;
}

export const SCRIPTS = {
  passkeys: script('passkeys', PASSKEY_SCRIPT),
  reset: script('reset', RESET_SCRIPT),
  submit: script('submit', SUBMIT_SCRIPT),
};

export function scriptRoutes(): Route[] {
  return Object.entries(SCRIPTS).map(([name, { path, text }]) => ({
    name: `readScript-${name}`,
    method: 'GET',
    path,
    permission: 'public',
    summary: 'A script of the pages',
    documented: false,
    answers: {},
    handle: () => withContent('text/javascript; charset=utf-8', text, HEADERS),
  }));
}

const HEADERS = { 'cache-control': 'public, max-age=31536000, immutable' };

function script(name: string, text: string): Script {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path: `/assets/${name}-${hash}.js`, text };
}
