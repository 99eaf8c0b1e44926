// How to fix each problem, as a sentence and a command. A command contains only harmless names from the
// certificate, because people paste it.
import { shellLine } from '../ca/trust-stores/store.ts';
import { authorityOf, type Target } from './target.ts';

/** What the commands need. */
export interface Place {
  target: Target;
  /** DNS names and addresses of the certificate. */
  names: readonly string[];
  /** The URL of the issuer's certificate that the server does not send. */
  issuerUrl: string | undefined;
}

/** The sentence, and the command or null. */
export function fixOf(code: string, place: Place): { fix: string; command: string | null } {
  const [fix, command] = FIXES[code] ?? ['ask its operator for a new certificate', undefined];
  return { fix, command: command === undefined ? null : shellLine(command(place)) };
}

type Row = readonly [fix: string, command?: (place: Place) => readonly string[]];

const renew = ({ target }: Place) => ['gatehouse', 'cert', 'renew', `${fileOf(target.serverName)}.pem`];
const issue = ({ target }: Place) => ['gatehouse', 'cert', 'issue', target.serverName];
const inspectAgain = ({ target }: Place, ...more: string[]) => [
  'gatehouse',
  'inspect',
  authorityOf(target),
  ...more,
];
const modern = () => ['gatehouse', 'up', '--set', 'tls.preset=modern'];

const FIXES: Readonly<Record<string, Row>> = {
  expired: ['renew it on the server, or check the clock here', renew],
  issuer_expired: ['send the new certificate of the authority, or check the clock here', renew],
  not_yet_valid: ['check the clock here and on the server', () => ['date', '--utc']],
  wrong_name: [
    'use a name of the certificate, or issue one for this name',
    (place) => {
      const [name] = place.names.filter((each) => /^[a-z0-9.-]+$/i.test(each));
      return name === undefined ? issue(place) : inspectAgain(place, '--server-name', name);
    },
  ],
  common_name: ['issue a certificate with this name as subjectAltName: a common name does not count', issue],
  self_signed: [
    'if this is the server you mean, save its certificate, compare the pin with its operator, and trust it with --ca',
    (place) => inspectAgain(place, '--save', 'server.pem'),
  ],
  unknown_root: [
    'if this is the server you mean, get its root from the operator, and name it with --ca',
    (place) => inspectAgain(place, '--ca', 'root.pem'),
  ],
  missing_intermediate: [
    'send the whole chain: put the certificate of the issuer after that of the server',
    ({ issuerUrl }) => (issuerUrl === undefined ? BUNDLE : ['curl', '-O', issuerUrl]),
  ],
  revoked: ['do not use it: issue a new one, with a new key', issue],
  revocation_unknown: ['check that the responders and lists of the authority can be reached from here'],
  must_staple: [
    'switch on OCSP stapling on the server, and check that it reaches the responder',
    () => ['gatehouse', 'up', '--set', 'tls.stapling=always'],
  ],
  bad_staple: ['check that the server reaches its OCSP responder, and its clock'],
  weak_key: ['issue a certificate for a new key of P-256, or of RSA with 2048 bits or more', issue],
  weak_signature: ['issue a certificate that is signed with SHA-256: SHA-1 and MD5 can be forged', issue],
  weak_version: ['switch off the versions before TLS 1.2 on the server (RFC 8996)', modern],
  weak_exchange: ['allow only suites with ECDHE on the server (RFC 9325 §4.2)', modern],
  weak_cipher: ['allow only suites with AES-GCM or ChaCha20 on the server (RFC 9325 §4.2)', modern],
  weak_group: ['use groups of 2048 bits or more, or curves, on the server (RFC 9325 §4.1)', modern],
  protocol_version: ['switch on TLS 1.2 or 1.3 on the server (RFC 8996)', modern],
  purpose: ['issue a certificate for servers (serverAuth), from an authority that may issue for them', issue],
  name_constraint: ['use a name that the authority allows, or another authority', issue],
  path_length: ['issue it from an authority with fewer authorities above it', issue],
  issuer_invalid: ['do not trust it: its issuer is not an authority. Issue from a real one', issue],
  bad_signature: ['do not trust it: it was changed, or its issuer did not sign it', issue],
  critical_extension: ['issue a certificate without this extension', issue],
  // No command: it would contain the pin that must not be trusted yet.
  pin_mismatch: ['compare the pins with the operator in another way, before you connect'],
};

const BUNDLE = [
  'gatehouse',
  'pki',
  'bundle',
  '--any',
  'server.pem',
  'intermediate.pem',
  '--out',
  'chain.pem',
];

/** Without characters that are special for a shell or a file system. */
function fileOf(name: string): string {
  return name.replaceAll(/[^a-z0-9.-]/gi, '_');
}
