// The settings under `ca`. Lifetimes are in seconds.
import { isTrustDomain } from '@gatehouse/access';
import { PRIVATE_KEY_TYPES } from '@gatehouse/x509';
import { z } from 'zod';
import { duration, list } from '../platform/setting-types.ts';

const YEAR_SECONDS = 365 * 86_400;

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

export const caSettings = z
  .strictObject({
    name: z.string().min(1).max(50).default('Gatehouse').describe('The organisation in our certificates'),
    names: list()
      .prefault([])
      .describe('Names of the server certificate besides localhost, 127.0.0.1 and ::1'),
    trustDomain: z
      .string()
      .refine(isTrustDomain, 'must have lower-case letters, digits and ._- only, such as example.org')
      .default('gatehouse.internal')
      .describe('The SPIFFE trust domain in client certificates; best a domain of yours')
      .meta({ examples: ['example.org'] }),
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
  .prefault({});

export type CaSettings = z.output<typeof caSettings>;

/** What certificates of one profile may be. */
export type ProfileSettings = CaSettings['profiles'][string];
