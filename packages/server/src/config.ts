// Every setting there is: one block for each capability, each with its default. A setting has one name, `gateway.listen`,
// in gatehouse.config.ts, in `--set gateway.listen=…` and in GATEHOUSE_GATEWAY_LISTEN.
import { PRIVATE_KEY_TYPES } from '@gatehouse/x509';
import { z } from 'zod';
import { bytes, bytesOr, count, duration, httpOrigin, list, listenAddress, toggle } from './setting-types.ts';

const YEAR_SECONDS = 365 * 86_400;

const roleName = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must be a role name such as "user"');

const route = z.strictObject({
  path: z
    .string()
    .describe('Literal segments, `:name`, and a last `*` that matches its segment and all below'),
  host: z
    .string()
    .regex(
      /^(?:[a-z0-9._-]*[a-z0-9_-]|\[[0-9a-f:.]+\])$/i,
      'must be a host name without port or trailing dot',
    )
    .optional()
    .describe('Only requests for this host name'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
    .optional()
    .describe('Only these methods; default: all'),
  upstream: z
    .string()
    .optional()
    .describe('A URL, or a name under gateway.upstreams; default: gateway.upstream'),
  access: z
    .enum(['public', 'authenticated'])
    .default('authenticated')
    .describe('Whether callers must say who they are'),
  accept: z
    .array(z.enum(['bearer', 'apiKey', 'mtls']))
    .min(1)
    .optional()
    .describe('Ways in: `bearer`, `apiKey`, `mtls`; default: all'),
  allow: z
    .strictObject({
      roles: z.array(roleName).optional().describe('One of these roles suffices'),
      principals: z.array(z.string()).optional().describe('Or being one of these users and services'),
      scopes: z.array(z.string()).optional().describe('And every one of these scopes'),
    })
    .optional()
    .describe('Who may; default: role admin all, role user GET and HEAD'),
  maxBodyBytes: bytes().optional().describe('Replaces gateway.maxBodyBytes on this route'),
});

const timeouts = z.strictObject({
  handshake: duration('10s').describe('The TLS handshake'),
  headers: duration('10s').describe('All headers of a request, counted from its first byte'),
  body: duration('10s').describe('Grace before gateway.minBodyBytesPerSecond is enforced on a request body'),
  idle: duration('60s').describe('A connection between two requests'),
  connect: duration('5s').describe('Connecting to the upstream'),
  firstByte: duration('60s').describe('The upstream’s first byte after the whole request was sent'),
  stall: duration('300s').describe('No byte from the upstream within a body, or none taken by the client'),
});

const gateway = z.strictObject({
  listen: listenAddress('127.0.0.1:8443').describe('Where the data plane listens'),
  url: httpOrigin().optional().describe('The public URL; default: https://localhost and the port'),
  upstream: httpOrigin().optional().describe('Where requests go when their route names no upstream'),
  upstreams: z.record(z.string(), httpOrigin()).default({}).describe('Upstreams by name'),
  routes: z.array(route).default([]).describe('First match wins; default: everything to gateway.upstream'),
  clientCertificates: z
    .enum(['off', 'request', 'require'])
    .default('request')
    .describe(
      'Client certificates: not asked for, asked for where a route accepts mtls, or required in every handshake',
    ),
  workers: z
    .union([z.literal('auto'), count({ min: 1, max: 64 })], {
      error: 'must be auto or a whole number from 1 to 64',
    })
    .prefault('auto')
    .describe('auto: one a core'),
  timeouts: timeouts.prefault({}),
  minBodyBytesPerSecond: count({ min: 0, max: 1_000_000_000 })
    .prefault(240)
    .describe('Slower request bodies are cut; 0 allows them'),
  maxHeaderBytes: bytesOr('16KiB').describe('All header fields of a request together'),
  maxHeaders: count({ min: 10, max: 2000 })
    .prefault(100)
    .describe('How many header fields a request may have'),
  maxBodyBytes: bytesOr('1GiB').describe('The largest request body'),
  maxConnections: count({ min: 1, max: 1_000_000 })
    .prefault(10_000)
    .describe('Open client connections of one worker'),
});

/** Certificates of one kind, for these purposes unless the settings say otherwise. */
function profile(purposes: ('server' | 'client')[]) {
  return z.strictObject({
    purposes: list()
      .pipe(z.array(z.enum(['server', 'client'])).min(1, 'must name at least one purpose'))
      .prefault(purposes)
      .describe('What the certificates are for'),
    names: list()
      .prefault([])
      .describe('Names that may be certified: exact, `*.example.com` and all below, networks; empty: all'),
    lifetime: duration('24h', { min: 10, max: 2 * YEAR_SECONDS }).describe('Lifetime when none is asked for'),
    maxLifetime: duration('720h', { min: 10, max: 2 * YEAR_SECONDS }).describe(
      'The longest that may be asked for',
    ),
    keyTypes: list()
      .pipe(z.array(z.enum(PRIVATE_KEY_TYPES)).min(1, 'must name at least one kind of key'))
      .prefault([...PRIVATE_KEY_TYPES])
      .describe('Kinds of key that are certified'),
  });
}

const schema = z.strictObject({
  gateway: gateway.prefault({}),
  control: z
    .strictObject({
      listen: listenAddress('127.0.0.1:9443').describe('Where sign-in and the admin API listen'),
      url: httpOrigin()
        .optional()
        .describe('The public URL and token issuer; default: https://localhost and the port'),
      maxConnections: count({ min: 10, max: 100_000 })
        .prefault(1000)
        .describe('Open connections of this listener, and as many of the public PKI'),
      connectionsPerAddress: count({ min: 1, max: 100_000 })
        .prefault(500)
        .describe(
          'Those of one IPv4 address or IPv6 /64; raise it where clients share one, as behind a proxy',
        ),
    })
    .prefault({}),
  pki: z
    .strictObject({
      listen: listenAddress('127.0.0.1:9080').describe(
        'Where the public PKI listens, in plain HTTP on purpose',
      ),
      url: httpOrigin()
        .refine((url) => url.startsWith('http://'), 'must begin with http:// (RFC 5280 §8)')
        .optional()
        .describe('Its public URL, which stands in certificates; default: http://localhost and the port'),
    })
    .prefault({}),
  samples: z
    .strictObject({
      listen: listenAddress('127.0.0.1:8080').describe(
        'Where the sample services listen when no upstream is set',
      ),
    })
    .prefault({}),
  tls: z
    .strictObject({
      minVersion: z.enum(['1.2', '1.3']).default('1.3').describe('Oldest TLS version of all our listeners'),
    })
    .prefault({}),
  ca: z
    .strictObject({
      name: z.string().min(1).max(50).default('Gatehouse').describe('The organisation in our certificates'),
      names: list()
        .prefault([])
        .describe('Names of the server certificate besides localhost, 127.0.0.1 and ::1'),
      keyType: z
        .enum(PRIVATE_KEY_TYPES)
        .default('P-256')
        .describe('Keys of the authorities, made on first start, and of the server certificate'),
      rootLifetime: duration('3650d', { min: 60, max: 40 * YEAR_SECONDS }).describe(
        'Lifetime of a root that is made here',
      ),
      intermediateLifetime: duration('1825d', { min: 30, max: 20 * YEAR_SECONDS }).describe(
        'Lifetime of an intermediate; rotated after two thirds of it',
      ),
      serverLifetime: duration('720h', { min: 2, max: 30 * 86_400 }).describe(
        'Lifetime of the server certificate; renewed after two thirds of it',
      ),
      crlLifetime: duration('24h', { min: 2, max: 30 * 86_400 }).describe(
        'How long a revocation list is valid; made anew at half of it and after every revocation',
      ),
      ocspLifetime: duration('1h', { min: 2, max: 7 * 86_400 }).describe('How long an OCSP answer is valid'),
      profiles: z
        .object({
          server: profile(['server']).prefault({}),
          client: profile(['client']).prefault({}),
          peer: profile(['server', 'client']).prefault({}),
        })
        .catchall(profile(['server']))
        .prefault({})
        .describe('What certificates may be, by profile; further profiles may be added'),
    })
    .prefault({}),
  acme: z
    .strictObject({
      networks: list()
        .prefault(['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])
        .describe('Networks in which validation may connect; link-local and metadata addresses never count'),
      names: list()
        .prefault([])
        .describe('Names that may be ordered: exact, `*.example.com` and all below, networks; empty: all'),
      httpPort: count({ min: 1, max: 65_535 })
        .prefault(80)
        .describe('Where http-01 challenges are looked for'),
      tlsPort: count({ min: 1, max: 65_535 })
        .prefault(443)
        .describe('Where tls-alpn-01 challenges are looked for'),
      resolver: z
        .string()
        .optional()
        .describe('DNS servers for validation, such as 127.0.0.1:53,[::1]:53; default: the system’s'),
      requireEab: toggle().describe('Whether new accounts need an external account binding'),
      profile: z
        .string()
        .default('server')
        .describe('The profile of ca.profiles that is ordered, one for servers'),
      accountsPerHour: count({ min: 1, max: 1_000_000 })
        .prefault(360)
        .describe('New accounts from one address, once it has made its first hundred'),
      pendingAuthorizations: count({ min: 1, max: 1_000_000 })
        .prefault(2000)
        .describe('Authorizations of one account that wait for their challenge'),
    })
    .prefault({}),
  identity: z
    .strictObject({
      tokenLifetime: duration('15m', { min: 1, max: 86_400 }).describe('Lifetime of an access token'),
      passwordMinLength: count({ min: 8, max: 128 })
        .prefault(8)
        .describe('Fewest characters of a new password'),
      hashConcurrency: count({ min: 1, max: 16 })
        .prefault(2)
        .describe('Password hashes computed at the same time'),
      hashQueue: count({ min: 0, max: 10_000 })
        .prefault(64)
        .describe('Sign-ins from one address that may wait for a hash; more get 429'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Operational log on standard error'),
      access: z
        .string()
        .min(1, 'must be a file, stdout or none')
        .default('access.log')
        .describe('Access log: a file (relative to the data folder), stdout, or none'),
      accessMaxBytes: bytesOr('64MiB').describe(
        'Size at which the access log file is rotated; one old file is kept',
      ),
    })
    .prefault({}),
});

export { schema as configSchema };

/** All settings, with defaults filled in and every value parsed. */
export type Config = z.output<typeof schema>;

/** What a configuration file may hold. */
export type UserConfig = z.input<typeof schema>;

export type RouteConfig = Config['gateway']['routes'][number];

/**
 * Gives a configuration file its types. Returns the configuration unchanged.
 * @example
 * export default defineConfig({ gateway: { upstream: 'http://127.0.0.1:3000' } });
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
