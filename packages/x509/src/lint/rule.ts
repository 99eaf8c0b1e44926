// One rule of the lint: its name, its source, and the check of a certificate.
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import type { CertificateView } from './view.ts';

/** A row of a table of rules. */
export interface LintRule {
  /** The document of the rule, then the rule, such as `rfc5280_serial_number_positive`. */
  readonly rule: string;
  readonly section: string;
  /** Describes how the certificate breaks the rule. `undefined` if it does not. */
  readonly check: (view: CertificateView, context: LintContext) => string | undefined;
}

/** What the rules can use beside the certificate. */
export interface LintContext {
  /** The certificate of the issuer. */
  readonly issuer?: ParsedCertificate;
}
