// Composes all settings: those of the server itself, and the block of each capability. A setting has one
// name, such as `gateway.listen`, in gatehouse.config.ts, in `--set gateway.listen=…` and in
// GATEHOUSE_GATEWAY_LISTEN.
import { AUTHENTICATION_METHODS } from '@gatehouse/access';
import { z } from 'zod';
import { capabilityList } from './capabilities.ts';
import { gatewaySettings } from './gateway/index.ts';
import {
  bytesOr,
  count,
  duration,
  httpOrigin,
  list,
  listenAddress,
  toggle,
} from './platform/settings/setting-types.ts';
import { stepUpSetting } from './platform/settings/step-up-setting.ts';
import { tlsSettings } from './platform/tls/tls-settings.ts';

/**
 * Without `signature`: a signature also covers the body, which this listener reads only after authentication.
 */
const CONTROL_METHODS = AUTHENTICATION_METHODS.filter((way) => way !== 'signature');

const schema = z.strictObject({
  gateway: gatewaySettings,
  control: z
    .strictObject({
      listen: listenAddress('127.0.0.1:9443').describe('The address of sign-in and the admin API'),
      url: httpOrigin()
        .optional()
        .describe('The public URL and token issuer; default: https://localhost and the port')
        .meta({ examples: ['https://id.example.com'] }),
      maxConnections: count({ min: 10, max: 100_000 })
        .prefault(1000)
        .describe('Open connections of this listener, and the same number for the public PKI'),
      connectionsPerAddress: count({ min: 1, max: 100_000 })
        .prefault(500)
        .describe(
          'Open connections of one IPv4 address or IPv6 /64; raise it if clients share an address, as behind a proxy',
        ),
      accept: list()
        .pipe(z.array(z.enum(CONTROL_METHODS)).min(1, 'must name at least one way in'))
        .prefault(['bearer', 'apiKey', 'session'])
        .describe('Ways into the admin API: `bearer`, `apiKey`, `basic`, `digest`, `session`, `mtls`'),
      require: stepUpSetting()
        .optional()
        .describe(
          'How people must have signed in for the admin API, like `require` of a route; default: any way',
        )
        .meta({ examples: ['mfa', { level: 'mfa', maxAge: '1h' }] }),
      metrics: z
        .enum(['authenticated', 'public'])
        .default('authenticated')
        .describe('Who may read /metrics: a credential with the role metrics or admin, or anyone'),
    })
    .prefault({}),
  pki: z
    .strictObject({
      listen: listenAddress('127.0.0.1:9080').describe(
        'The address of the public PKI, which uses plain HTTP on purpose',
      ),
      url: httpOrigin()
        .refine((url) => url.startsWith('http://'), 'must begin with http:// (RFC 5280 §8)')
        .optional()
        .describe(
          'The public URL of the public PKI, which certificates contain; default: http://localhost and the port',
        )
        .meta({ examples: ['http://pki.example.com'] }),
    })
    .prefault({}),
  samples: z
    .strictObject({
      listen: listenAddress('127.0.0.1:8080').describe(
        'The address of the sample services, which run when no upstream is set',
      ),
      tokenLifetime: duration('60s', { min: 1 }).describe(
        'The greatest age of a token for the sample service `/symmetric/`',
      ),
    })
    .prefault({}),
  tls: tlsSettings,
  ...capabilityList.settings,
  config: z
    .strictObject({
      watch: toggle().describe('Whether the configuration file is read again when it changes'),
    })
    .prefault({})
    .meta({ examples: [{ watch: true }] }),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('The lowest level of lines in the operational log, which goes to standard error'),
      access: z
        .string()
        .min(1, 'must be a file, stdout or none')
        .default('access.log')
        .describe('Access log: a file (relative to the data folder), stdout, or none'),
      accessMaxBytes: bytesOr('64MiB').describe(
        'Size at which the access log file is rotated; one old file remains',
      ),
    })
    .prefault({}),
});

export { schema as configSchema };

/** All settings, with their defaults, and with every value parsed. */
export type Config = z.output<typeof schema>;

/** The content of a configuration file. */
export type UserConfig = z.input<typeof schema>;

export type RouteConfig = Config['gateway']['routes'][number];
