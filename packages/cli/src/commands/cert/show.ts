// `gatehouse cert show SERIAL|FILE`: prints one certificate of the inventory.
import type { Certificate } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { certificatePath, completeSerialNumber, serialNumberOf } from './serial-number.ts';

export async function certShow(
  this: CliContext,
  flags: ManagementFlags,
  serialOrFile: string,
): Promise<void> {
  const digits = await serialNumberOf(serialOrFile);
  const certificate = await withTransport(this, flags, async (transport) => {
    const serial = await completeSerialNumber(transport, digits);
    return transport.call<Certificate>('GET', certificatePath(serial));
  });
  if (flags.json) return printJson(this.process, certificate);
  printFacts(
    this,
    describe(certificate).filter(([, value]) => value !== null),
  );
}

function describe({ owner, revokedAt, reason, ...facts }: Certificate): [name: string, value: unknown][] {
  return [
    ['serial', facts.serial],
    ['names', facts.names],
    ['profile', facts.profile],
    ['owner', owner && `${owner.kind} ${owner.name}`],
    ['status', facts.status],
    ['not before', shortTime(facts.notBefore)],
    ['not after', shortTime(facts.notAfter)],
    ['issued', shortTime(facts.issuedAt)],
    ['revoked', shortTime(revokedAt)],
    ['reason', reason],
  ];
}
