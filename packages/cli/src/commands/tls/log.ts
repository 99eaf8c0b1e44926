// `gatehouse tls log`: prints the last TLS handshakes, and with --follow each new one. A line has at most 100
// columns, unless names or addresses are long.
import type { Handshake } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

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
    const show = flags.json ? showDocument(this.process) : showLine(this.process);
    for (const handshake of handshakes) show(handshake);
    if (!flags.follow || (await this.output.failure()) !== undefined) return;
    const last = handshakes.at(-1)?.seq ?? 0;
    for await (const handshake of transport.events<Handshake>(`${PATH}/stream?after=${last}`)) {
      show(handshake);
      if ((await this.output.failure()) !== undefined) return;
    }
  });
}

type Show = (handshake: Handshake) => void;

function showDocument(process: CliProcess): Show {
  return (handshake) => printJson(process, documentOf(handshake));
}

function showLine(process: CliProcess): Show {
  print(process, lineOf(['TIME (UTC)', 'ADDRESS', 'TLS', 'CIPHER', 'GROUP', 'MS', 'HOST']));
  return (handshake) => print(process, formatHandshake(handshake));
}

/** The number is only for paging. */
function documentOf({ seq: _, ...handshake }: Handshake): Omit<Handshake, 'seq'> {
  return handshake;
}

const WIDTHS = [14, 15, 3, 10, 14, 6];

function lineOf(columns: readonly string[]): string {
  return columns
    .map((text, index) => text.padEnd(WIDTHS[index] ?? 0))
    .join('  ')
    .trimEnd();
}

function formatHandshake(handshake: Handshake): string {
  const { time, address, durationMs, failure, version, group } = handshake;
  const beginning = [
    time.slice('2026-'.length, '2026-01-01T00:00:00'.length).replace('T', ' '),
    cell(address),
  ];
  // Below, because most reasons do not fit beside the rest.
  if (failure !== null)
    return `${lineOf([...beginning, `failed${askedFor(handshake)}`])}\n  ${cell(failure)}`;
  return lineOf([
    ...beginning,
    cell(version).replace('TLSv', ''),
    shortCipher(cell(handshake.cipher)),
    cell(group),
    durationMs.toFixed(1),
    restOf(handshake),
  ]);
}

function askedFor({ sni }: Handshake): string {
  return sni === null ? '' : `, for ${cell(sni)}`;
}

const SERIAL_CHARACTERS = 8;

/** The host, and what is unusual. */
function restOf({ sni, resumed, peerCertificate }: Handshake): string {
  const certificate = peerCertificate && (peerCertificate.serialNumber ?? 'unreadable certificate');
  return [
    cell(sni),
    ...(resumed ? ['resumed'] : []),
    ...(certificate ? [cell(certificate).slice(0, SERIAL_CHARACTERS)] : []),
  ].join(' ');
}

/** `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256` and `TLS_AES_128_GCM_SHA256` are `AES128-GCM`. */
function shortCipher(name: string): string {
  const [, bits, mode] = /AES_(\d+)_(\w+?)_SHA\d+$/.exec(name) ?? [];
  if (bits !== undefined) return `AES${bits}-${mode}`;
  return name.includes('CHACHA20') ? 'CHACHA20' : name;
}
