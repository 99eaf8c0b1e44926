// Every spelling of a forbidden path (RFC 3986 §6.2.2). The rule is for `/admin` and all paths below it;
// other paths are public. Each spelling is denied like `/admin` itself, or refused. None reaches the
// upstream.

import { SPELLINGS } from '../support/path-spellings.ts';
import type { AttackGroup } from './case.ts';
import { denied, each, forwarded, get } from './case.ts';

const DENIED = [400, 401, 404];

function spellings(title: string, targets: readonly string[]): AttackGroup {
  const cases = each(targets, (target) => get('', `${target}${target.includes('?') ? '&' : '?'}CASE000`));
  return denied(title, cases, DENIED);
}

export const PATHS: readonly AttackGroup[] = [
  ...Object.entries(SPELLINGS).map(([title, targets]) => spellings(title, targets)),
  forwarded('forwards a public path in its canonical form (RFC 3986 §6.2.2)', {
    ...canonical({
      '/CASE000/plain': '/CASE000/plain',
      '/%7eCASE000/%41%2d%5F': '/~CASE000/A-_',
      '/CASE000/caf%c3%a9': '/CASE000/caf%C3%A9',
      '/CASE000/a%20b': '/CASE000/a%20b',
      '/CASE000/%20a': '/CASE000/%20a',
      '/CASE000/a%3fb%23c': '/CASE000/a%3Fb%23c',
      "/CASE000/!$&'()*+,=:@": "/CASE000/!$&'()*+,=:@",
      '/CASE000/100%25': '/CASE000/100%25',
      '/.well-known/CASE000': '/.well-known/CASE000',
      '/CASE000/file.txt': '/CASE000/file.txt',
      '/CASE000/a..b/.a': '/CASE000/a..b/.a',
      '/CASE000/trailing/': '/CASE000/trailing/',
      '/CASE000/%e4%b8%ad%e6%96%87': '/CASE000/%E4%B8%AD%E6%96%87',
      '/CASE000?a=%2e%2e/../;b=//&c=\\&d=%ef%bc%8f': '/CASE000?a=%2e%2e/../;b=//&c=\\&d=%ef%bc%8f',
    }),
  }),
];

function canonical(forms: Record<string, string>): Record<string, [string, { line: string }]> {
  return Object.fromEntries(
    Object.entries(forms).map(([sent, form]) => [sent, [get('', sent), { line: `GET ${form} HTTP/1.1` }]]),
  );
}
