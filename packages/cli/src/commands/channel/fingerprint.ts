// `gatehouse channel fingerprint --name HOST`: the key that signs the keys of encrypted endpoints and of
// sealed requests: as a pin, in digits and as a QR code to compare, and as a DNS record.
import { channelRecord } from '@gatehouse/client/channel';
import { pinDigits } from '@gatehouse/protocol';
import { parseSubjectName, X509Error } from '@gatehouse/x509';
import type { ChannelKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import { qrCode } from '../../output/qr-code.ts';
import type { CliContext } from '../../process.ts';

export interface ChannelFingerprintFlags extends ManagementFlags {
  name: string;
}

export async function channelFingerprint(this: CliContext, flags: ChannelFingerprintFlags): Promise<void> {
  const { process } = this;
  const host = parseHost(flags.name);
  const { pin, names } = await withTransport(this, flags, (transport) =>
    transport.call<ChannelKey>('GET', '/admin/channel'),
  );
  const dns = [channelRecord(host, pin)];
  const digits = pinDigits(pin);
  if (flags.json) return printJson(process, { pin, digits, dns });
  print(process, `${visible(pin)}\n${digits}\n\n${qrCode(process, pin)}\n\n${visible(dns.join('\n'))}`);
  if (names.includes(host)) return;
  const advice = `the certificate of this key is not for ${host}: add the name to ca.names, or let clients use the pin`;
  remark(process, `gatehouse: warning: ${visible(advice)}`);
}

/** Throws a usage error unless it is a DNS name. */
function parseHost(text: string): string {
  try {
    const { type, value } = parseSubjectName(text.replace(/\.$/, ''));
    if (type === 'dNSName' && !value.startsWith('*')) return value;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
  throw usageError('--name should be a host name such as api.example.com: only names have DNS records');
}
