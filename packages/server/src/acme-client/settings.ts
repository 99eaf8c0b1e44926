// The settings of `gateway.acme`: certificates for the names of our own listener, from any ACME directory.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { duration } from '../platform/settings/setting-types.ts';

const CHALLENGE_KINDS = ['http-01', 'tls-alpn-01', 'dns-01'] as const;
export type ChallengeKind = (typeof CHALLENGE_KINDS)[number];

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DNS_NAME = new RegExp(`^(?:\\*\\.)?(?:${LABEL}\\.)*${LABEL}$`);
const IP_ADDRESS = /^[\d.]+$/;
const MAX_NAMES = 100;
const LONGEST_NAME = 253;

/**
 * Clients that connect to an address send no name (RFC 6066 §3), so a certificate for it would never be
 * chosen.
 */
const dnsName = z
  .string()
  .refine(
    (name) => DNS_NAME.test(name) && !IP_ADDRESS.test(name) && name.length <= LONGEST_NAME,
    'must be a DNS name such as shop.example.com, in ASCII and in lower case',
  );

/** The URL is in logs, so it must not have a password. */
function isDirectory(text: string): boolean {
  const { protocol, username, password } = URL.parse(text) ?? {};
  return protocol === 'https:' && !username && !password;
}

const absolutePath = () => z.string().refine(isAbsolute, 'must be an absolute path');

const certificateOrder = z
  .strictObject({
    directory: z
      .string()
      .refine(
        isDirectory,
        'must be an https URL without user and password, such as https://acme-v02.api.letsencrypt.org/directory',
      )
      .describe('The URL of the directory. With it, you accept the terms of service of the directory')
      .meta({ examples: ['https://acme-v02.api.letsencrypt.org/directory'] }),
    names: z
      .array(dnsName)
      .min(1)
      .max(MAX_NAMES)
      .refine((names) => new Set(names).size === names.length, 'must name each host once')
      .describe('The names of one certificate; `*.example.com` needs dns-01')
      .meta({ examples: [['shop.example.com']] }),
    challenge: z
      .enum(CHALLENGE_KINDS)
      .describe('How the directory checks that the names are ours')
      .meta({ examples: ['http-01'] }),
    contact: z
      .array(
        z.string().regex(/^mailto:[^\s,?@]+@[^\s,?@]+$/, 'must be an address such as mailto:a@example.com'),
      )
      .default([])
      .describe('Addresses that the directory may write to')
      .meta({ examples: [['mailto:ops@example.com']] }),
    hook: absolutePath()
      .optional()
      .describe(
        'For dns-01: a program for TXT records: `HOOK set NAME VALUE`, and later `HOOK clear NAME VALUE`',
      )
      .meta({ examples: ['/usr/local/bin/dns-record'] }),
    trust: z
      .string()
      .optional()
      .describe('PEM of the roots to trust for the directory’s own certificate; default: those of the system')
      .meta({ examples: ['/etc/ssl/pebble.pem'] }),
    eab: z
      .strictObject({
        keyId: z
          .string()
          .min(1)
          .max(1000)
          .describe('For external account binding: the key identifier that the directory gave you')
          .meta({ examples: ['kid-1'] }),
        hmacKeyFile: z
          .string()
          .describe('A file with the HMAC key that came with it, in base64url')
          .meta({ examples: ['/etc/gatehouse/eab.key'] }),
      })
      .optional()
      .describe('External account binding (RFC 8555 §7.3.4)')
      .meta({ examples: [{ keyId: 'kid-1', hmacKeyFile: '/etc/gatehouse/eab.key' }] }),
    renewBefore: duration('0s', { min: 0 })
      .describe(
        'How long before its expiry a certificate is renewed; 0: after about two thirds of its lifetime',
      )
      .meta({ examples: ['30d'] }),
    profile: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be the name of a profile')
      .optional()
      .describe('The profile to order, if the directory has several')
      .meta({ examples: ['shortlived'] }),
  })
  .superRefine(({ names, challenge, hook }, context) => {
    const wildcard = names.find((name) => name.startsWith('*.'));
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (wildcard !== undefined && challenge !== 'dns-01')
      issue('challenge', `must be dns-01 for ${wildcard} (RFC 8555 §7.1.4)`);
    if (challenge === 'dns-01' && hook === undefined)
      issue(
        'hook',
        'must name a program, such as "/usr/local/bin/dns-record", because the challenge is dns-01',
      );
    if (challenge !== 'dns-01' && hook !== undefined)
      issue('hook', 'must be removed, because only dns-01 uses it');
  });

/** The setting: a list of certificates. */
export const certificateOrders = z
  .array(certificateOrder)
  .default([])
  .superRefine((orders, context) => {
    const seen = new Set<string>();
    orders.forEach(({ names }, index) => {
      const twice = names.find((name) => seen.has(name));
      for (const name of names) seen.add(name);
      if (twice === undefined) return;
      const message = `must not have ${twice}, which another certificate of gateway.acme has`;
      context.addIssue({ code: 'custom', path: [index, 'names'], message });
    });
  });

export type OrderSettings = z.output<typeof certificateOrder>;
