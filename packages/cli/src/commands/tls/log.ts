// `gatehouse tls log`: prints the last TLS handshakes, and with --follow each new one.
import type { Handshake } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, printJson, remark } from '../../output/print.ts';
import { type Column, createTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

export interface TlsLogFlags extends ManagementFlags {
  lines: number;
  follow?: boolean;
}

const PATH = '/admin/tls/handshakes';

export async function tlsLog(this: CliContext, flags: TlsLogFlags): Promise<void> {
  await withTransport(this, flags, async (transport) => {
    const query = `limit=${flags.lines}`;
    const { handshakes } = await transport.call<{ handshakes: Handshake[] }>('GET', `${PATH}?${query}`);
    if (flags.json && !flags.follow) return printJson(this.process, handshakes.map(documentOf));
    const show = flags.json ? showDocuments(this) : showRows(this, flags);
    if (handshakes.length === 0 && !flags.follow && !flags.json)
      return remark(this.process, 'no TLS handshakes yet');
    show(handshakes);
    if (!flags.follow || (await this.output.failure()) !== undefined) return;
    const last = handshakes.at(-1)?.seq ?? 0;
    for await (const handshake of transport.events<Handshake>(`${PATH}/stream?after=${last}`)) {
      show([handshake]);
      if ((await this.output.failure()) !== undefined) return;
    }
  });
}

type Show = (handshakes: readonly Handshake[]) => void;

function showDocuments({ process }: CliContext): Show {
  return (handshakes) => {
    for (const handshake of handshakes) printJson(process, documentOf(handshake));
  };
}

/** The number is only for the next page. */
function documentOf({ seq: _, ...handshake }: Handshake): Omit<Handshake, 'seq'> {
  return handshake;
}

const SERIAL_CHARACTERS = 8;

const columns: Column<Handshake>[] = [
  { title: 'TIME', of: ({ time }) => time, form: 'time', usual: 10 },
  { title: 'ADDRESS', of: ({ address }) => address, form: 'text', usual: 15, least: 13 },
  { title: 'TLS', of: ({ version }) => version?.replace('TLSv', '') },
  { title: 'CIPHER', of: ({ cipher }) => cipher && shortCipher(cipher), usual: 10 },
  { title: 'GROUP', of: ({ group }) => group, form: 'text', usual: 14, least: 12 },
  { title: 'MS', of: ({ durationMs }) => durationMs.toFixed(1), leaveOut: 2, usual: 6 },
  { title: 'HOST', of: ({ sni }) => sni, form: 'text', usual: 12, least: 9 },
  { title: 'RESULT', of: resultOf, style: ({ failure }) => (failure === null ? undefined : 'red'), usual: 7 },
  { title: 'CLIENT', of: certificateOf, leaveOut: 1 },
];

/** The reason for a failure is below its row, because most reasons do not fit into the row. */
function showRows(context: CliContext, { follow }: TlsLogFlags): Show {
  const note = ({ failure }: Handshake) => failure ?? undefined;
  const table = createTable(context, columns, { note, absoluteTimes: follow === true });
  return (handshakes) => table.print(handshakes);
}

function resultOf({ failure, resumed }: Handshake): string {
  if (failure !== null) return 'failed';
  return resumed ? 'resumed' : 'full';
}

function certificateOf({ peerCertificate }: Handshake): string | undefined {
  if (peerCertificate === null) return undefined;
  return cell(peerCertificate.serialNumber ?? 'not read').slice(0, SERIAL_CHARACTERS);
}

/** `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256` and `TLS_AES_128_GCM_SHA256` are `AES128-GCM`. */
function shortCipher(name: string): string {
  const [, bits, mode] = /AES_(\d+)_(\w+?)_SHA\d+$/.exec(name) ?? [];
  if (bits !== undefined) return `AES${bits}-${mode}`;
  return name.includes('CHACHA20') ? 'CHACHA20' : name;
}
