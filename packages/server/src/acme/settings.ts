// The settings under `acme`.
import { z } from 'zod';
import { count, list, toggle } from '../platform/settings/setting-types.ts';

export const acmeSettings = z
  .strictObject({
    networks: list()
      .prefault(['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])
      .describe('Networks where validation may connect; never to link-local and metadata addresses'),
    names: list()
      .prefault([])
      .describe('Names that may be ordered: exact, `*.example.com` and all below, networks; empty: all'),
    httpPort: count({ min: 1, max: 65_535 }).prefault(80).describe('The port of http-01 challenges'),
    tlsPort: count({ min: 1, max: 65_535 }).prefault(443).describe('The port of tls-alpn-01 challenges'),
    resolver: z
      .string()
      .optional()
      .describe('DNS servers for validation, such as 127.0.0.1:53,[::1]:53; default: the system’s'),
    requireEab: toggle().describe('Whether new accounts need an external account binding'),
    profile: z
      .string()
      .default('server')
      .describe('The profile of ca.profiles for ACME certificates; it must be for servers'),
    accountsPerHour: count({ min: 1, max: 1_000_000 })
      .prefault(360)
      .describe('New accounts from one address in an hour, after its first hundred'),
    pendingAuthorizations: count({ min: 1, max: 1_000_000 })
      .prefault(2000)
      .describe('Authorizations of one account that wait for their challenge'),
  })
  .prefault({});

/** What the authority's own settings mean for ACME. */
export interface AuthorityFacts {
  /** The longest life of the profile that certificates are signed under, in seconds. */
  maxLifetime: number;
  /**
   * Of our own certificate: clients may reach us by them, and they are ordered only where `names` lists them.
   */
  ownNames: readonly string[];
}

export type AcmeSettings = z.output<typeof acmeSettings> & AuthorityFacts;
