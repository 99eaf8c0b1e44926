// The kinds of value that only routes and upstreams have: methods, prefixes of paths, CORS, and the URL and
// TLS settings of an upstream.
import { z } from 'zod';
import { duration, toggle } from '../../platform/settings/setting-types.ts';

// RFC 9110 §5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The gateway does not tunnel to other hosts, and TRACE shows credentials to pages (RFC 9110 §9.3.8,
 * §17.16).
 */
const REFUSED_METHODS = ['CONNECT', 'TRACE'];

/** A method: any token, because there are many registries of them (RFC 9110 §9.1). */
export function methodName() {
  return z
    .string()
    .regex(TOKEN, 'must be the name of a method, such as GET or PROPFIND')
    .refine((name) => name === name.toUpperCase(), 'must be a method in upper case, such as GET')
    .refine(
      (name) => !REFUSED_METHODS.includes(name),
      'must be a method that the gateway forwards: it never forwards CONNECT and TRACE',
    );
}

/** The beginning of a path: `/api` or `/api/v1`. */
export function prefix() {
  return z
    .string()
    .regex(
      /^(?:\/[A-Za-z0-9_~!$&'()+,=@-](?:[\w.~!$&'()+,=:@-]*[\w~!$&'()+,=:@-])?)+$/,
      'must be the beginning of a path, such as /api, without a slash at the end',
    )
    .optional();
}

const headerName = z.string().regex(TOKEN, 'must be the name of a header field');

/** Names of parameters or header fields that policies may read. */
export function inputNames(name: z.ZodType<string, string>) {
  return z
    .array(name)
    .min(1)
    .refine(areDifferent, 'has the same name twice, perhaps in upper and lower case: remove one of them')
    .optional();
}

function areDifferent(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}

// The gateway does not forward fields with other characters, and policies must not read credentials.
const CREDENTIAL_FIELDS = ['authorization', 'cookie', 'dpop', 'proxy-authorization', 'x-api-key'];

/** A header field that policies may read, in lower case. */
export const policyHeader = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header field, of letters, digits and hyphens')
  .toLowerCase()
  .refine(
    (name) => !CREDENTIAL_FIELDS.includes(name),
    'contains a credential: policies have the caller as principal, and the kind of credential as context.via',
  );

const origin = z
  .string()
  .refine(
    (text) => text === '*' || text === 'null' || URL.parse(text)?.origin === text,
    'must be an origin such as https://app.example, without a path or a slash at the end, or *',
  );

/** `cors` of a route (Fetch §3.3). */
export const corsSettings = z
  .strictObject({
    origins: z
      .array(origin)
      .min(1)
      .describe('Pages of these origins may call: `https://app.example`; `*` means all')
      .meta({ examples: [['https://app.example']] }),
    methods: z
      .array(methodName())
      .min(1)
      .optional()
      .describe('Methods that these pages may use; default: those of the route')
      .meta({ examples: [['GET']] }),
    headers: z
      .array(headerName)
      .default([])
      .describe('Header fields that these pages may send')
      .meta({ examples: [['authorization']] }),
    credentials: toggle()
      .describe('Whether browsers may send cookies and client certificates')
      .meta({ examples: [true] }),
    maxAge: duration('600s', { min: 0, max: 86_400 })
      .describe('How long browsers may store the answer to a preflight')
      .meta({ examples: ['1h'] }),
  })
  .refine(({ credentials, origins }) => !(credentials && origins.includes('*')), {
    path: ['credentials'],
    message:
      'is true with the origin *, so every web page could act in the name of its visitors: name the origins, or leave out credentials',
  })
  .refine(({ origins }) => origins.length === 1 || !origins.includes('*'), {
    path: ['origins'],
    message: 'has * and other origins, although * includes all: remove * or the others',
  });

export const UPSTREAM_ERROR =
  'must be a URL such as http://127.0.0.1:3000 or unix:/run/app.sock, or an object with url, ca, pin, certificate and key';

/** The URL of an upstream in its one spelling; undefined for anything else. */
export function parseUpstreamUrl(text: string): string | undefined {
  if (/^unix:\/[^\0?#]+$/.test(text)) return text;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.search || url.hash || url.username || url.password || text.endsWith('?')) return undefined;
  const path = url.pathname.replace(/\/$/, '');
  return /\/\/|%/.test(path) ? undefined : url.origin + path;
}

/** `http://127.0.0.1:3000`, `https://api.example/v1` or `unix:/run/notes.sock`. */
export function upstreamUrl() {
  return z.string().transform((text, context): string => {
    const url = parseUpstreamUrl(text);
    if (url !== undefined) return url;
    context.addIssue(
      'must be the URL of an upstream, such as http://127.0.0.1:3000 or unix:/run/app.sock, without query or credentials',
    );
    return z.NEVER;
  });
}

/** An upstream of `gateway.upstreams` with settings for TLS. Paths are those of files. */
export const upstreamSettings = z
  .strictObject({
    url: upstreamUrl()
      .describe('The URL of the upstream, with https')
      .meta({ examples: ['https://pay.example'] }),
    ca: z
      .string()
      .optional()
      .describe(
        'PEM file of the roots to trust, or `own` for the root of this Gatehouse; default: those of the system',
      )
      .meta({ examples: ['own'] }),
    pin: z
      .string()
      .regex(/^sha256\/[A-Za-z0-9+/]{43}=$/, 'must be a pin such as sha256/BASE64, over the public key')
      .optional()
      .describe('The hash of the public key that the upstream must have: `sha256/` and base64')
      .meta({ examples: ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='] }),
    certificate: z
      .string()
      .optional()
      .describe('PEM file of the client certificate for the upstream, the leaf first')
      .meta({ examples: ['/etc/ssl/client.pem'] }),
    key: z
      .string()
      .optional()
      .describe('The private key of that certificate')
      .meta({ examples: ['/etc/ssl/client.key'] }),
  })
  .superRefine(({ url, ca, pin, certificate, key }, context) => {
    const refuse = (member: string, message: string) =>
      context.addIssue({ code: 'custom', path: [member], message, input: undefined });
    const given = Object.entries({ ca, pin, certificate, key }).find(([, value]) => value !== undefined);
    if (given && !url.startsWith('https:'))
      refuse('url', `must begin with https, because ${given[0]} is set`);
    if (certificate !== undefined && key === undefined) refuse('key', 'is missing: certificate needs it');
    if (key !== undefined && certificate === undefined) refuse('certificate', 'is missing: key needs it');
  });
