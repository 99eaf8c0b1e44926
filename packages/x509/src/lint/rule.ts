// One rule of the lint: what it is called, where it stands, and whether a certificate breaks it.
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import type { CertificateView } from './view.ts';

export interface LintRule {
  /** `rfc5280_serial_number_positive`: the document that has the rule, then the rule. */
  readonly rule: string;
  readonly section: string;
  /** What breaks the rule, in words; `undefined` when nothing does. */
  readonly check: (view: CertificateView, context: LintContext) => string | undefined;
}

/** What rules may know beyond the certificate. */
export interface LintContext {
  /** The certificate that the new one is signed with. */
  readonly issuer?: ParsedCertificate;
}
