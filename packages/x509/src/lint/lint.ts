// Checks the form of a certificate, signed or not, against the rules of RFC 5280 and of our profile. Each
// rule is a row of a table. Does not verify signatures, and does not check who owns a name.
import { DerError } from '../errors.ts';
import type { LintContext, LintRule } from './rule.ts';
import { ALT_NAME_RULES } from './rules-alt-name.ts';
import { BODY_RULES } from './rules-body.ts';
import { EXTENSION_RULES } from './rules-extensions.ts';
import { KEY_RULES } from './rules-key.ts';
import { LOCATION_RULES } from './rules-location.ts';
import { NAME_RULES } from './rules-name.ts';
import { USAGE_RULES } from './rules-usage.ts';
import { type CertificateView, viewCertificate } from './view.ts';

/** One broken rule. */
export interface LintFinding {
  /** A stable code: the document of the rule, then the rule, such as `rfc5280_validity_order`. */
  readonly rule: string;
  /** A message for people. */
  readonly detail: string;
  readonly section: string;
}

/** What the rules can use beside the certificate. */
export type LintOptions = LintContext;

/** All rules. */
export const LINT_RULES: readonly LintRule[] = [
  ...BODY_RULES,
  ...NAME_RULES,
  ...KEY_RULES,
  ...EXTENSION_RULES,
  ...USAGE_RULES,
  ...ALT_NAME_RULES,
  ...LOCATION_RULES,
];

/**
 * The rules that a certificate breaks. The list is empty if it breaks none. Damaged DER is a finding, not an
 * error.
 * @param tbsOrDer TBSCertificate or Certificate, in DER
 * @example
 * const problems = lintCertificate(certificate.der).map(({ detail, section }) => `${detail} (${section})`);
 */
export function lintCertificate(tbsOrDer: Uint8Array, options: LintOptions = {}): LintFinding[] {
  const view = viewOrFinding(tbsOrDer);
  if ('rule' in view) return [view];
  const findings: LintFinding[] = [];
  for (const { rule, section, check } of LINT_RULES) {
    const detail = check(view, options);
    if (detail !== undefined) findings.push({ rule, detail, section });
  }
  return findings;
}

function viewOrFinding(tbsOrDer: Uint8Array): CertificateView | LintFinding {
  try {
    return viewCertificate(tbsOrDer);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { rule: 'x690_der', detail: error.message, section: 'RFC 5280 §4.1, X.690' };
  }
}
