// The DNS server of the tests (RFC 1035 §4), over UDP: A, AAAA and TXT. Every name is at 127.0.0.1 unless the
// zone says otherwise.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The records of a name. IPv6 addresses may have any form. */
export interface DnsRecords {
  A?: string[];
  AAAA?: string[];
  TXT?: string[];
}

export interface DnsServer {
  /** `127.0.0.1` and the port. */
  address: string;
  /** Lower-case names. A function is called for every question. */
  zone: Map<string, DnsRecords | (() => DnsRecords)>;
  /** `A example.com` and so on, in the order of arrival. */
  questions: string[];
  close(): void;
}

const LOOPBACK: DnsRecords = { A: ['127.0.0.1'] };
const TYPES: Record<number, keyof DnsRecords> = { 1: 'A', 16: 'TXT', 28: 'AAAA' };
const HEADER_BYTES = 12;

export async function startDnsServer(): Promise<DnsServer> {
  const zone: DnsServer['zone'] = new Map();
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const kind = TYPES[type];
    questions.push(`${kind ?? type} ${name}`);
    const found = zone.get(name) ?? LOOPBACK;
    const records = typeof found === 'function' ? found() : found;
    const values = kind === undefined ? [] : (records[kind] ?? []);
    const answers = values.map((value) => resourceRecord(type, encodeValue(kind, value)));
    socket.send(response(query.subarray(0, end), answers), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, zone, questions, close: () => void socket.close() };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/**
 * A response with recursion desired and available (RFC 1035 §4.1.1), without the sections after the question.
 */
function response(question: Buffer, answers: readonly Buffer[]): Buffer {
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(HEADER_BYTES), ...answers]);
}

/**
 * A record for the name of the question, which the pointer refers to (RFC 1035 §4.1.4). Its time to live is
 * 0, so it is never cached.
 */
function resourceRecord(type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(HEADER_BYTES);
  fields.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  fields.writeUInt16BE(type, 2);
  fields.writeUInt16BE(1, 4);
  fields.writeUInt16BE(data.length, 10);
  return Buffer.concat([fields, data]);
}

function encodeValue(kind: keyof DnsRecords | undefined, value: string): Buffer {
  if (kind === 'A') return Buffer.from(value.split('.').map(Number));
  if (kind === 'AAAA') return encodeIpv6(value);
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')]);
}

function encodeIpv6(text: string): Buffer {
  const [left = [], right = []] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = new Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
