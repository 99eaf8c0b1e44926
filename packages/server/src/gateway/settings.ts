// The settings under `gateway`, and the part of them that the workers get as plain data when they start.
// Times are in seconds.
import { AUTHENTICATION_METHODS } from '@gatehouse/access';
import { z } from 'zod';
import { certificateOrders } from '../acme-client/index.ts';
import { attributeName, attributeValue } from '../platform/attribute-types.ts';
import {
  bytes,
  bytesOr,
  count,
  duration,
  httpOrigin,
  listenAddress,
  optionalListenAddress,
  toggle,
} from '../platform/setting-types.ts';
import { stepUpSetting } from '../platform/step-up-setting.ts';
import type { TlsSettings } from '../platform/tls-settings.ts';
import {
  corsSettings,
  inputNames,
  methodName,
  policyHeader,
  prefix,
  UPSTREAM_ERROR,
  upstreamSettings,
  upstreamUrl,
} from './route-setting-types.ts';

const roleName = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must be a role name such as "user"');

const configuredRoute = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.~/:*@-]{1,128}$/, 'must have up to 128 letters, digits and _.~/:*@-')
    .optional()
    .describe('What policies call the route; default: its path, with its host in front if it names one')
    .meta({ examples: ['reports'] }),
  path: z
    .string()
    .describe('Literal segments, `:name` for one segment, and a last `*` for its segment and all below')
    .meta({ examples: ['/notes/:id/*'] }),
  host: z
    .string()
    .regex(
      /^(?:[a-z0-9._-]*[a-z0-9_-]|\[[0-9a-f:.]+\])$/i,
      'must be a host name without port or trailing dot',
    )
    .optional()
    .describe('Only requests for this host name')
    .meta({ examples: ['api.example.com'] }),
  methods: z
    .array(methodName())
    .min(1)
    .optional()
    .describe(
      'Only these methods, also those of WebDAV and QUERY; default: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    )
    .meta({ examples: [['GET', 'HEAD']] }),
  paths: z
    .enum(['canonical', 'any'])
    .optional()
    .describe(
      'any: also paths that some servers read as another path, such as those with `%2F`; default: canonical',
    )
    .meta({ examples: ['any'] }),
  upstream: z
    .string()
    .optional()
    .describe('A URL, `unix:/path`, or a name under gateway.upstreams; default: gateway.upstream')
    .meta({ examples: ['http://127.0.0.1:3000'] }),
  stripPrefix: prefix()
    .describe('Removed from the beginning of the path for the upstream')
    .meta({ examples: ['/api'] }),
  addPrefix: prefix()
    .describe('Put before the path for the upstream, after the path of its URL')
    .meta({ examples: ['/v1'] }),
  access: z
    .enum(['public', 'authenticated'])
    .default('authenticated')
    .describe('Whether a caller needs a credential')
    .meta({ examples: ['public'] }),
  accept: z
    .array(z.enum(AUTHENTICATION_METHODS))
    .min(1)
    .optional()
    .describe(
      'The kinds of credential that the route takes: `bearer`, `apiKey`, `basic`, `digest`, `signature`, `session` (people in browsers), `mtls`; default: all but `basic`, `digest` and `signature`',
    )
    .meta({ examples: [['apiKey', 'mtls']] }),
  require: stepUpSetting()
    .optional()
    .describe('How callers must have signed in: `mfa`, `phishing-resistant`, or `{ level, maxAge }`')
    .meta({ examples: ['mfa', { level: 'mfa', maxAge: '15m' }] }),
  allow: z
    .strictObject({
      roles: z
        .array(roleName)
        .optional()
        .describe('Callers with one of these roles are allowed')
        .meta({ examples: [['user', 'admin']] }),
      principals: z
        .array(z.string())
        .optional()
        .describe('These users and services are allowed, too')
        .meta({ examples: [['robot']] }),
      scopes: z
        .array(z.string())
        .optional()
        .describe('The caller must also have all of these scopes')
        .meta({ examples: [['notes:read']] }),
    })
    .optional()
    .describe('Who is allowed; default: role admin for everything, role user for GET and HEAD')
    .meta({ examples: [{ roles: ['user'] }] }),
  attributes: z
    .record(attributeName, attributeValue)
    .optional()
    .describe('What policies know about the route: texts, whole numbers, true or false, and lists of texts')
    .meta({ examples: [{ kind: 'report' }] }),
  action: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be a name in lower case such as approve')
    .optional()
    .describe('A name that policies have for what all methods of the route do, beside `read` and `write`')
    .meta({ examples: ['approve'] }),
  query: inputNames(z.string().regex(/^[\w-]{1,64}$/, 'must be the name of a parameter, such as tenant'))
    .describe('Parameters of the query that policies may read; one that comes twice is refused')
    .meta({ examples: [['tenant']] }),
  headers: inputNames(policyHeader)
    .describe('Header fields that policies may read')
    .meta({ examples: [['x-tenant']] }),
  resource: z
    .union([
      z.literal(true),
      z.strictObject({
        name: z.string().min(1).optional().describe('The name that people see'),
        scopes: z.array(z.string()).optional().describe('What clients may ask for; default: allow.scopes'),
      }),
    ])
    .optional()
    .describe(
      'Lets OAuth clients, such as those of MCP, discover where to get tokens for this route (RFC 9728)',
    )
    .meta({ examples: [{ name: 'Notes', scopes: ['notes:read'] }] }),
  cors: corsSettings
    .optional()
    .describe('Pages of other origins that may call this route (CORS); their preflights need no credential')
    .meta({ examples: [{ origins: ['https://app.example'] }] }),
  signResponses: toggle()
    .optional()
    .describe('Whether its answers are signed (RFC 9421); they are held in memory for that')
    .meta({ examples: [true] }),
  channel: z
    .union([
      z.literal('open'),
      z.strictObject({
        contentType: z
          .string()
          .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *; *[\w-]+=[\w.-]+)*$/, 'must be a media type')
          .describe('The media type of decrypted messages, as the upstream hears it'),
      }),
    ])
    .optional()
    .describe(
      'The gateway is an encrypted endpoint here: it decrypts messages for the upstream and encrypts the answers',
    )
    .meta({ examples: ['open', { contentType: 'application/json' }] }),
  maxBodyBytes: bytes()
    .optional()
    .describe('Replaces gateway.maxBodyBytes on this route')
    .meta({ examples: ['10MiB'] }),
});

const certificateFiles = z.strictObject({
  certificate: z
    .string()
    .describe('PEM, the leaf first, then its intermediates')
    .meta({ examples: ['/etc/ssl/api.pem'] }),
  key: z
    .string()
    .describe('The private key, in any form that `gatehouse pki` reads')
    .meta({ examples: ['/etc/ssl/api.key'] }),
  passphraseFile: z
    .string()
    .optional()
    .describe('A file with the passphrase of the key, if it has one')
    .meta({ examples: ['/etc/ssl/passphrase'] }),
});

const timeouts = z.strictObject({
  handshake: duration('10s').describe('The TLS handshake'),
  headers: duration('10s').describe('All headers of a request, counted from its first byte'),
  body: duration('10s').describe('Grace before gateway.minBodyBytesPerSecond is enforced on a request body'),
  idle: duration('60s').describe('A connection between two requests'),
  connect: duration('5s').describe('Connecting to the upstream'),
  firstByte: duration('60s').describe('The upstream’s first byte after the whole request was sent'),
  stall: duration('300s').describe('No byte comes from the upstream within a body, or the client reads none'),
});

export const gatewaySettings = z
  .strictObject({
    listen: listenAddress('127.0.0.1:8443').describe('Where the data plane listens'),
    url: httpOrigin().optional().describe('The public URL; default: https://localhost and the port'),
    upstream: upstreamUrl().optional().describe('Where requests go when their route names no upstream'),
    upstreams: z
      .record(z.string(), z.union([upstreamUrl(), upstreamSettings], { error: UPSTREAM_ERROR }))
      .default({})
      .describe('Upstreams by name: a URL, or an object with settings for TLS')
      .meta({ examples: [{ notes: 'http://127.0.0.1:3000' }] }),
    routes: z
      .array(configuredRoute)
      .default([])
      .describe('The routes; the first match wins; default: everything goes to gateway.upstream')
      .meta({ examples: [[{ path: '/notes/*', methods: ['GET', 'HEAD'] }]] }),
    clientCertificates: z
      .enum(['off', 'request', 'require'])
      .default('request')
      .describe(
        'Client certificates: never requested, requested if a route accepts mtls, or required in every handshake',
      ),
    digest: z
      .strictObject({
        md5: toggle().describe('Whether Digest also offers MD5, for clients that support nothing newer'),
      })
      .prefault({}),
    dpop: z
      .strictObject({
        requireNonce: toggle().describe(
          'Whether DPoP proofs must have a nonce from this server, at both listeners (RFC 9449 §9)',
        ),
      })
      .prefault({}),
    signatures: z
      .strictObject({
        maxAge: duration('60s', { min: 1, max: 3600 }).describe(
          'How far the time in a signature of a request may be from ours, before or after',
        ),
        maxBodyBytes: bytesOr('1MiB').describe(
          'The largest body of a signed request, and of a signed answer: the gateway holds it in memory',
        ),
      })
      .prefault({}),
    workers: z
      .union([z.literal('auto'), count({ min: 1, max: 64 })], {
        error: 'must be auto or a whole number from 1 to 64',
      })
      .prefault('auto')
      .describe('How many workers; auto: one for each core'),
    certificates: z
      .array(certificateFiles)
      .default([])
      .describe(
        'Certificates from files, chosen by the host name that the client asks for; default: from our authority',
      )
      .meta({ examples: [[{ certificate: '/etc/ssl/api.pem', key: '/etc/ssl/api.key' }]] }),
    acme: certificateOrders
      .describe(
        'Certificates from ACME directories, ordered and renewed by the gateway; chosen by name, as those from files',
      )
      .meta({
        examples: [
          [
            {
              directory: 'https://acme-v02.api.letsencrypt.org/directory',
              names: ['shop.example.com'],
              challenge: 'http-01',
            },
          ],
        ],
      }),
    httpListen: optionalListenAddress()
      .describe(
        'Where plain HTTP is answered: challenges of http-01, and redirects to https; default: nowhere',
      )
      .meta({ examples: [':80'] }),
    transport: z
      .enum(['auto', 'bun', 'node'])
      .default('auto')
      .describe(
        'The runtime of the workers; auto: Bun on Linux, Node on other systems and if a setting needs it',
      ),
    timeouts: timeouts.prefault({}).meta({ examples: [{ idle: '30s' }] }),
    minBodyBytesPerSecond: count({ min: 0, max: 1_000_000_000 })
      .prefault(240)
      .describe('Request bodies that arrive more slowly are refused; 0 allows any speed'),
    maxHeaderBytes: bytesOr('16KiB').describe('All header fields of a request together'),
    maxHeaders: count({ min: 10, max: 2000 })
      .prefault(100)
      .describe('How many header fields a request may have'),
    maxBodyBytes: bytesOr('1GiB').describe('The largest request body'),
    maxConnections: count({ min: 1, max: 1_000_000 })
      .prefault(10_000)
      .describe('Open client connections of one worker'),
  })
  .prefault({});

type Configured = z.output<typeof gatewaySettings>;

export interface GatewaySettings extends Pick<Configured, 'acme' | 'listen' | 'timeouts' | 'transport'> {
  tls: TlsSettings;
  /** The absolute path of a file, `stdout` or `none`. */
  accessLog: string;
}

export type GatewayTimeouts = Configured['timeouts'];

export type ConfiguredRoute = Configured['routes'][number];

export type ConfiguredUpstream = Configured['upstreams'][string];
