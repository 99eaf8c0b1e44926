// Lint: a certificate, before it is signed or after, against the rules of RFC 5280 and of our profile. Each rule is a line of a table.
// Judges form alone: whether signatures hold and names are anybody's is seen elsewhere.
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

/** One rule that is broken. */
export interface LintFinding {
  /** Stable: the document that has the rule, then the rule, as `rfc5280_validity_order`. */
  readonly rule: string;
  /** In words, for people. */
  readonly detail: string;
  readonly section: string;
}

export type LintOptions = LintContext;

/** Every rule. */
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
 * The rules that a certificate breaks; none is well. Never throws for what it is given: octets that are no DER are a finding.
 * @param tbsOrDer TBSCertificate, or a whole Certificate, in DER
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
