// `--curl`: the same request as a curl command, to copy into a bug report. It has no secrets: placeholders
// replace keys, tokens, and values with the name of a secret.
import { shellLine } from '../ca/trust-stores/store.ts';
import type { RequestFlags } from './flags.ts';
import type { Fields } from './headers.ts';

export interface CurlRequest {
  url: URL;
  method: string;
  headers: Fields;
  /** The file of the roots, if they come from a file. */
  roots: string | undefined;
  /** What the body is made of. */
  body: CurlBody;
}

/** Text is included; a file is named. */
export type CurlBody =
  | { kind: 'none' }
  | { kind: 'json'; fields: Readonly<Record<string, unknown>> }
  | { kind: 'data'; pieces: readonly string[] }
  | { kind: 'file'; path: string }
  | { kind: 'form'; fields: readonly string[] };

/** One line. */
export function curlCommand({ url, method, headers, roots, body }: CurlRequest, flags: RequestFlags): string {
  const isPost = body.kind !== 'none' && body.kind !== 'file';
  const words = [
    'curl',
    ...(method === (isPost ? 'POST' : body.kind === 'file' ? 'PUT' : 'GET')
      ? []
      : method === 'HEAD'
        ? ['--head']
        : ['--request', method]),
    ...(roots === undefined || url.protocol === 'http:' ? [] : ['--cacert', roots]),
    ...(flags.pin ?? []).slice(0, 1).flatMap((pin) => ['--pinnedpubkey', pin.replace('sha256/', 'sha256//')]),
    ...(flags.cert === undefined ? [] : ['--cert', flags.cert]),
    ...((flags.certKey ?? flags.key) === undefined ? [] : ['--key', String(flags.certKey ?? flags.key)]),
    ...headerWords(headers),
    ...(flags.keyFile === undefined ? [] : ['--header', 'X-API-Key: REDACTED']),
    ...(flags.tokenFile === undefined ? [] : ['--header', 'Authorization: Bearer REDACTED']),
    ...bodyWords(body),
    ...(flags.download === undefined ? [] : ['--output', flags.download]),
    ...(flags.continue ? ['--continue-at', '-'] : []),
    redactedUrl(url),
  ];
  return shellLine(words);
}

const JSON_TYPE = ['--header', 'content-type: application/json'];

/** Without the fields that curl sends itself. */
function headerWords(headers: Fields): string[] {
  const own = Object.entries(headers).filter(
    ([name, value]) => !(name === 'accept' && value === '*/*') && !String(value).startsWith('gatehouse/'),
  );
  return own.flatMap(([name, values]) =>
    [values].flat().flatMap((value) => ['--header', `${name}: ${SECRET.test(name) ? 'REDACTED' : value}`]),
  );
}

function bodyWords(body: CurlBody): string[] {
  switch (body.kind) {
    case 'none':
      return [];
    case 'json': {
      const shown = Object.entries(body.fields).map(([name, value]) => [
        name,
        SECRET.test(name) ? 'REDACTED' : value,
      ]);
      return [...JSON_TYPE, '--data', JSON.stringify(Object.fromEntries(shown))];
    }
    case 'data':
      return [
        ...(/^\s*[[{]/.test(body.pieces[0] ?? '') ? JSON_TYPE : []),
        ...body.pieces.flatMap((piece) => ['--data-binary', redactedPairs(piece)]),
      ];
    case 'file':
      return ['--upload-file', body.path];
    case 'form':
      return body.fields.flatMap((field) => ['--form', redactedField(field)]);
  }
}

/** Names of fields and parameters that usually have secret values. */
const SECRET = /pass(?:word|phrase)?|secret|token|api[-_]?key|authorization|cookie|credential|signature/i;

function redactedField(field: string): string {
  const [, name = '', rest] = /^([^=@]+)=(.*)$/s.exec(field) ?? [];
  if (rest === undefined) return field.replace('@', '=@');
  return SECRET.test(name) ? `${name}=REDACTED` : field;
}

/** A form or a file. In JSON that was typed whole, only known fields can be hidden. */
function redactedPairs(piece: string): string {
  if (piece.startsWith('@')) return piece;
  return piece
    .replace(/("[^"]*"\s*:\s*)"[^"]*"/g, (whole, name: string) =>
      SECRET.test(name) ? `${name}"REDACTED"` : whole,
    )
    .replace(/([^=&{}"]+)=([^&{}"]*)/g, (whole, name: string) =>
      SECRET.test(name) ? `${name}=REDACTED` : whole,
    );
}

function redactedUrl(url: URL): string {
  const shown = new URL(url);
  for (const name of new Set(shown.searchParams.keys())) {
    if (SECRET.test(name)) shown.searchParams.set(name, 'REDACTED');
  }
  return shown.href;
}
