// Lint rules for the locations of revocation lists, responders and issuers (RFC 5280 §4.2.1.13, §4.2.2.1).
import type { DerElement } from '../der/read.ts';
import { typeOfTag } from '../names/name-forms.ts';
import type { LintRule } from './rule.ts';

export const LOCATION_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_distribution_point_located',
    section: 'RFC 5280 §4.2.1.13',
    check: ({ extensions: { distributionPoints } }) =>
      distributionPoints.every(({ hasLocation, hasIssuer }) => hasLocation || hasIssuer)
        ? undefined
        : 'a distribution point has neither a location nor the issuer of the list',
  },
  {
    rule: 'rfc5280_list_over_http',
    section: 'RFC 5280 §4.2.1.13, §8',
    check: ({ extensions: { distributionPoints } }) =>
      distributionPoints.every(({ locations }) => locations.every(isPlain))
        ? undefined
        : 'the location of a revocation list is not an http:// or ldap:// URL',
  },
  {
    rule: 'rfc5280_access_over_http',
    section: 'RFC 5280 §4.2.2.1, §8',
    check: ({ extensions: { accessDescriptions } }) =>
      accessDescriptions.every(({ location }) => isPlain(location))
        ? undefined
        : 'the location of a responder or an issuer is not an http:// or ldap:// URL',
  },
];

/** A client that fetches over TLS would first need the answer that it fetches (RFC 5280 §8). */
function isPlain({ tag, content }: DerElement): boolean {
  return (
    typeOfTag(tag) === 'uniformResourceIdentifier' &&
    /^(http|ldap):\/\/[!-~]+$/i.test(Buffer.from(content).toString('latin1'))
  );
}
