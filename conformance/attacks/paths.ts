// Every spelling of a forbidden path (RFC 3986 §6.2.2). The rule is for `/admin` and what is below it; everything
// else is public. Each spelling is denied like `/admin` itself or refused: none reaches the upstream.
import type { AttackGroup } from './case.ts';
import { denied, each, forwarded, get } from './case.ts';

const DENIED = [400, 401, 404];

function spellings(title: string, targets: readonly string[]): AttackGroup {
  const cases = each(targets, (target) => get('', `${target}${target.includes('?') ? '&' : '?'}CASE000`));
  return denied(title, cases, DENIED);
}

/** Escapes of characters whose compatibility form (NFKC) is, or contains, `/`, `\` or `.`. */
const FOLDED = {
  'full-width solidus': '%ef%bc%8f',
  'full-width reverse solidus': '%ef%bc%bc',
  'small reverse solidus': '%ef%b9%a8',
  'full-width full stop': '%ef%bc%8e',
  'small full stop': '%ef%b9%92',
  'one dot leader': '%e2%80%a4',
  'two dot leader': '%e2%80%a5',
  'horizontal ellipsis': '%e2%80%a6',
};

export const PATHS: readonly AttackGroup[] = [
  spellings('the forbidden path itself', [
    '/admin',
    '/admin/',
    '/admin/secret',
    '/admin/secret/',
    '/admin?x=/../public',
    'https://localhost/admin/secret',
  ]),
  spellings('empty and dot segments (RFC 3986 §5.2.4)', [
    '//admin/secret',
    '///admin/secret',
    '/admin//secret',
    '/./admin/secret',
    '/admin/./secret',
    '/x/../admin/secret',
    '/admin/x/../secret',
    '/x/y/../../admin/secret',
    '/../admin/secret',
    '/x/..//admin/secret',
    '/admin/.',
    '/admin/x/..',
    '//localhost/admin/secret',
    'https://localhost//admin/secret',
    'https://localhost/x/../admin/secret',
  ]),
  spellings('encoded dots, slashes and backslashes (RFC 3986 §2.2)', [
    '/%2e/admin/secret',
    '/x/%2e%2e/admin/secret',
    '/x/%2E./admin/secret',
    '/x/.%2e/admin/secret',
    '/%2fadmin/secret',
    '/admin%2fsecret',
    '/admin%2Fsecret',
    '/x%2f..%2fadmin%2fsecret',
    '/x/..%2fadmin/secret',
    '/%5cadmin/secret',
    '/admin%5Csecret',
    '/x/..%5cadmin/secret',
    '/\\admin/secret',
    '/admin\\secret',
    '/x\\..\\admin\\secret',
  ]),
  spellings('path parameters (RFC 3986 §3.3)', [
    '/admin;x/secret',
    '/admin;/secret',
    '/;/admin/secret',
    '/admin/secret;x=y',
    '/x/..;/admin/secret',
    '/admin%3bx/secret',
    '/admin;x=%2f../secret',
    '/admin;jsessionid=1',
  ]),
  spellings('case, escapes, double encoding and overlong UTF-8 (RFC 3986 §6.2.2, RFC 3629 §10)', [
    '/ADMIN/secret',
    '/Admin',
    '/%61dmin/secret',
    '/%61%64%6D%69%6E',
    '/%41DMIN/secret',
    '/%2561dmin/secret',
    '/%25%36%31dmin/secret',
    '/%%36%31dmin/secret',
    '/x/%252e%252e/admin/secret',
    '/x%252f..%252fadmin/secret',
    '/%25252fadmin/secret',
    '/%u0061dmin/secret',
    '/%c1%a1dmin/secret',
    '/x/%c0%ae%c0%ae/admin/secret',
    '/x/..%c0%afadmin/secret',
    '/x/..%e0%80%afadmin/secret',
    '/x/..%f0%80%80%afadmin/secret',
    '/%ed%a0%80',
    '/%ff',
    '/adm%C4%B1n/secret',
    '/%EF%BD%81dmin/secret',
    '/%EF%BC%A1DMIN/secret',
    '/%e2%93%90dmin/secret',
    '/%f0%9d%90%9admin/secret',
  ]),
  spellings('segments that file systems and frameworks fold: dots and spaces at the end', [
    '/admin%20',
    '/admin%20/secret',
    '/admin%20%20',
    '/admin.',
    '/admin./secret',
    '/admin..',
    '/admin...',
    '/admin%2e',
    '/admin.%20',
    '/admin%20.',
    '/x/..%20/admin',
    '/x/..%20./admin',
    '/x/...%20/admin',
    '/x/.%20/admin',
    '/admin%09',
    '/admin%c2%a0',
    '/admin%e3%80%80',
  ]),
  ...Object.entries(FOLDED).map(([name, octets]) =>
    spellings(`the ${name} in a path (Unicode TR15, NFKC)`, [
      `/${octets}admin`,
      `/admin${octets}`,
      `/admin${octets}secret`,
      `/x/..${octets}admin`,
      `/x/${octets}${octets}/admin`,
      `/x${octets}..${octets}admin`,
    ]),
  ),
  spellings('NUL, controls and broken escapes (RFC 3986 §2.1)', [
    '/admin%00/secret',
    '/admin%00',
    '/admin/secret%00.png',
    '/%00/admin/secret',
    '/admin%0a',
    '/admin%0d%0aX-A:%20b',
    '/admin%09/secret',
    '/admin%7f/secret',
    '/%',
    '/admin%',
    '/admin%2',
    '/%zzadmin',
    '/%-1',
  ]),

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
