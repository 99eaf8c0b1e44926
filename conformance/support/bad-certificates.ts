// Servers with a bad certificate, each with its own fault. The tests of all clients use this table.
import { readCertificate } from '@gatehouse/x509';
import { peculiar } from '../../packages/x509/test/support/peculiar.ts';
import { AUTHORITY_USAGE, LOCALHOST, type Order, type Pki, type Presented, SERVER } from './lenient-pki.ts';

type Extension = InstanceType<typeof peculiar.Extension>;

const { KeyUsageFlags } = peculiar;
const MUST_STAPLE = new peculiar.Extension('1.3.6.1.5.5.7.1.24', false, Buffer.from('3003020105', 'hex'));
const UNKNOWN = new peculiar.Extension('1.2.3.4.5', true, Buffer.from('0500', 'hex'));
/** Permits example.com and all names below it. */
const ONLY_EXAMPLE = new peculiar.Extension(
  '2.5.29.30',
  true,
  Buffer.from('3011a00f300d820b6578616d706c652e636f6d', 'hex'),
);

/** One fault. */
export interface BadCertificate {
  title: string;
  /** The code in our clients' errors and in `gatehouse inspect --json`. */
  reason: string;
  fix: RegExp;
  /** The part that the message must have. */
  says?: RegExp;
  /** The exit status of `gatehouse request`, and of `gatehouse inspect`; 5 by default. */
  status?: readonly [request: number, inspect: number];
  make(pki: Pki): Promise<Presented>;
}

const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
const weak = { ciphers: 'DEFAULT@SECLEVEL=0' } as const;
const under =
  (order: Order): BadCertificate['make'] =>
  async (pki) => ({ chain: [await pki.issue(pki.intermediate, order), pki.intermediate] });
const below =
  (name: string, ...extensions: readonly Extension[]): BadCertificate['make'] =>
  async (pki) => {
    const authority = await pki.authority(name, pki.root, extensions);
    return { chain: [await pki.issue(authority), authority] };
  };

export const BAD_CERTIFICATES: readonly BadCertificate[] = [
  { title: 'has expired', reason: 'expired', fix: /renew/, make: under({ days: [-30, -1] }) },
  { title: 'is not valid yet', reason: 'not_yet_valid', fix: /clock/, make: under({ days: [1, 30] }) },
  {
    title: 'is for another name',
    reason: 'wrong_name',
    fix: /a name/,
    make: under({
      extensions: [
        SERVER,
        new peculiar.SubjectAlternativeNameExtension([{ type: 'dns', value: 'other.example' }]),
      ],
    }),
  },
  {
    title: 'has its name only as common name',
    reason: 'common_name',
    fix: /subjectAltName/,
    make: under({ extensions: [SERVER] }),
  },
  {
    title: 'is self-signed',
    reason: 'self_signed',
    fix: /trust it/,
    make: async (pki) => ({ chain: [await pki.selfSigned()] }),
  },
  {
    title: 'has a root that is not known',
    reason: 'unknown_root',
    fix: /root/,
    says: /its root, "Strange Root", is not trusted/,
    make: async (pki) => ({ chain: [await pki.issue(pki.stranger), pki.stranger] }),
  },
  {
    title: 'has an intermediate below a root that is not known, and not sent',
    reason: 'unknown_root',
    fix: /root/,
    says: /the issuer of its authority, "Strange Root", is not trusted/,
    make: async (pki) => {
      const authority = await pki.authority('Strange Intermediate', pki.stranger);
      return { chain: [await pki.issue(authority), authority] };
    },
  },
  {
    title: 'comes alone from an issuer that is not known',
    reason: 'unknown_root',
    fix: /root/,
    says: /its issuer, "Strange Root", is not trusted here, and the server did not send it/,
    make: async (pki) => ({ chain: [await pki.issue(pki.stranger)] }),
  },
  {
    title: 'has a root with the name of the trusted one, and another key',
    reason: 'unknown_root',
    fix: /root/,
    says: /"Test Root", has another key/,
    make: async (pki) => {
      const twin = { ...pki.stranger, name: pki.root.name };
      const authority = await pki.authority('Intermediate of a Twin', twin);
      return { chain: [await pki.issue(authority), authority] };
    },
  },
  {
    title: 'comes without its intermediate',
    reason: 'missing_intermediate',
    fix: /whole chain/,
    says: /did not send the certificate of its issuer, "Test Intermediate"/,
    make: async (pki) => ({ chain: [await pki.issue(pki.intermediate)] }),
  },
  {
    title: 'comes with a wrong intermediate',
    reason: 'missing_intermediate',
    fix: /whole chain/,
    make: async (pki) => {
      const other = await pki.authority('Other Intermediate', pki.root);
      return { chain: [await pki.issue(pki.intermediate), other] };
    },
  },
  {
    title: 'is on the revocation list',
    reason: 'revoked',
    fix: /new one/,
    make: async (pki) => {
      const party = await pki.issue(pki.intermediate);
      pki.revoke(party);
      return { chain: [party, pki.intermediate], trust: { crl: pki.list() } };
    },
  },
  {
    title: 'was revoked, as the stapled answer says',
    reason: 'revoked',
    fix: /new one/,
    make: async (pki) => {
      const party = await pki.issue(pki.intermediate);
      pki.revoke(party);
      return { chain: [party, pki.intermediate], staple: pki.staple(party) };
    },
  },
  {
    title: 'was revoked, as the OCSP responder says when it is asked',
    reason: 'revoked',
    fix: /new one/,
    make: async (pki) => {
      const party = await pki.issue(pki.intermediate);
      pki.revoke(party);
      return { chain: [party, pki.intermediate], trust: { revocation: 'ask' } };
    },
  },
  {
    title: 'demands a stapled answer, and the server sends none',
    reason: 'must_staple',
    fix: /stapling/,
    make: under({ extensions: [SERVER, LOCALHOST, MUST_STAPLE] }),
  },
  {
    title: 'has an RSA key of 1024 bits',
    reason: 'weak_key',
    fix: /P-256/,
    make: async (pki) => {
      const party = await pki.issue(pki.intermediate, { keys: await pki.keys('RSA-1024') });
      return { chain: [party, pki.intermediate], options: weak };
    },
  },
  {
    title: 'is signed with SHA-1',
    reason: 'weak_signature',
    fix: /SHA-256/,
    make: async (pki) => ({
      chain: [await pki.issue(pki.intermediate, { hash: 'SHA-1' }), pki.intermediate],
      options: weak,
    }),
  },
  {
    title: 'is good, but the server supports nothing newer than TLS 1.1',
    reason: 'protocol_version',
    fix: /TLS 1\.2 or 1\.3/,
    status: [3, 5],
    make: async (pki) => ({ ...(await under({})(pki)), options: old }),
  },
  {
    title: 'is for clients and not for servers',
    reason: 'purpose',
    fix: /serverAuth/,
    make: under({ extensions: [LOCALHOST, new peculiar.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])] }),
  },
  {
    title: 'has an issuer that is for clients and not for servers',
    reason: 'purpose',
    fix: /serverAuth/,
    make: below(
      'For Clients',
      new peculiar.BasicConstraintsExtension(true, undefined, true),
      AUTHORITY_USAGE,
      new peculiar.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
    ),
  },
  {
    title: 'has a name that its issuer may not use',
    reason: 'name_constraint',
    fix: /another authority/,
    make: below(
      'Only Example',
      new peculiar.BasicConstraintsExtension(true, undefined, true),
      AUTHORITY_USAGE,
      ONLY_EXAMPLE,
    ),
  },
  {
    title: 'has a key that is not pinned',
    reason: 'pin_mismatch',
    fix: /compare the pins/,
    status: [6, 6],
    make: async (pki) => ({ ...(await under({})(pki)), trust: { pins: [`sha256/${'A'.repeat(43)}=`] } }),
  },
  {
    title: 'is below more authorities than one of them allows',
    reason: 'path_length',
    fix: /fewer authorities/,
    make: async (pki) => {
      const basic = new peculiar.BasicConstraintsExtension(true, 0, true);
      const last = await pki.authority('No More', pki.root, [basic, AUTHORITY_USAGE]);
      const oneMore = await pki.authority('One More', last);
      return { chain: [await pki.issue(oneMore), oneMore, last] };
    },
  },
  {
    title: 'was signed with a certificate that is not of an authority',
    reason: 'issuer_invalid',
    fix: /real/,
    make: below('No Authority', new peculiar.BasicConstraintsExtension(false, undefined, true)),
  },
  {
    title: 'was signed by an authority whose key may not sign certificates',
    reason: 'issuer_invalid',
    fix: /real/,
    make: below(
      'No Signer',
      new peculiar.BasicConstraintsExtension(true, undefined, true),
      new peculiar.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    ),
  },
  {
    title: 'was changed after it was signed',
    reason: 'bad_signature',
    fix: /changed/,
    make: async (pki) => {
      const party = await pki.issue(pki.intermediate);
      return { chain: [{ ...party, pem: changed(party.pem) }, pki.intermediate] };
    },
  },
  {
    title: 'has a critical extension that is not known',
    reason: 'critical_extension',
    fix: /without/,
    make: under({ extensions: [SERVER, LOCALHOST, UNKNOWN] }),
  },
  {
    title: 'is below an intermediate that has expired',
    reason: 'issuer_expired',
    fix: /authority/,
    make: async (pki) => {
      const expired = await pki.authority('Expired', pki.root, undefined, { days: [-30, -1] });
      return { chain: [await pki.issue(expired), expired] };
    },
  },
];

/** The last octet of an ECDSA signature is in one of its two numbers. */
function changed(pem: string): string {
  const der = Buffer.from(readCertificate(pem).der);
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
