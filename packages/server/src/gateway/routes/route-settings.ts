// The settings of one route: what it matches, where its requests go, and who may call it.
import { AUTHENTICATION_METHODS } from '@gatehouse/access';
import { z } from 'zod';
import { attributeName, attributeValue } from '../../platform/settings/attribute-types.ts';
import { bytes, toggle } from '../../platform/settings/setting-types.ts';
import { stepUpSetting } from '../../platform/settings/step-up-setting.ts';
import { corsSettings, inputNames, methodName, policyHeader, prefix } from './route-setting-types.ts';

const roleName = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/i, 'must be a role name such as "user"');

export const configuredRoute = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.~/:*@-]{1,128}$/, 'must have up to 128 letters, digits and _.~/:*@-')
    .optional()
    .describe('The name of the route in policies; default: its path, after its host if it names one')
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
    .describe('Attributes of the route for policies: texts, whole numbers, true or false, and lists of texts')
    .meta({ examples: [{ kind: 'report' }] }),
  action: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be a name in lower case such as approve')
    .optional()
    .describe('A name for all methods of the route in policies, beside `read` and `write`')
    .meta({ examples: ['approve'] }),
  query: inputNames(z.string().regex(/^[\w-]{1,64}$/, 'must be the name of a parameter, such as tenant'))
    .describe(
      'Query parameters that policies may read; the gateway refuses a request that has one of them twice',
    )
    .meta({ examples: [['tenant']] }),
  headers: inputNames(policyHeader)
    .describe('Header fields that policies may read')
    .meta({ examples: [['x-tenant']] }),
  resource: z
    .union([
      z.literal(true),
      z.strictObject({
        name: z.string().min(1).optional().describe('The name that people see'),
        scopes: z
          .array(z.string())
          .optional()
          .describe('Scopes that clients may ask for; default: allow.scopes'),
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
    .describe('Whether the gateway signs its answers (RFC 9421); it holds them in memory for that')
    .meta({ examples: [true] }),
  channel: z
    .union([
      z.literal('open'),
      z.strictObject({
        contentType: z
          .string()
          .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *; *[\w-]+=[\w.-]+)*$/, 'must be a media type')
          .describe('The media type of decrypted messages for the upstream'),
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

export type ConfiguredRoute = z.output<typeof configuredRoute>;
