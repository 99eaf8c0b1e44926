// The strength of a sign-in at a provider: one factor, called `fed`. If the operator trusts its factors, the
// methods that the provider names are used, too (RFC 8176; `phr` and `phrh` are from OpenID Connect EAP ACR
// Values).
import type { Claims } from './provider-client.ts';
import type { ProviderSettings } from './provider-settings.ts';

/** The only method without trust in the provider's factors. */
const FEDERATED = 'fed';

const KNOWN = new Set([
  'face',
  'fpt',
  'hwk',
  'iris',
  'kba',
  'mca',
  'mfa',
  'otp',
  'phr',
  'pin',
  'pwd',
  'retina',
  'sc',
  'sms',
  'swk',
  'tel',
  'user',
  'vbm',
]);
const LEVELS: Readonly<Record<string, 'mfa' | 'phishing-resistant'>> = {
  mfa: 'mfa',
  phr: 'phishing-resistant',
  phrh: 'phishing-resistant',
};

export function methodsOf(
  { amr, acr }: Claims,
  { trustFactors, acrLevels }: Pick<ProviderSettings, 'trustFactors' | 'acrLevels'>,
): string[] {
  if (!trustFactors) return [FEDERATED];
  const named = Array.isArray(amr) ? amr.filter((method) => KNOWN.has(method)) : [];
  return [...new Set([FEDERATED, ...named, ...methodsOfClass(acr, { ...LEVELS, ...acrLevels })])];
}

function methodsOfClass(acr: unknown, levels: Readonly<Record<string, string>>): string[] {
  const level = typeof acr === 'string' && Object.hasOwn(levels, acr) ? levels[acr] : undefined;
  if (level === undefined) return [];
  return level === 'mfa' ? ['mfa'] : ['phr'];
}
