// A DNS server for one zone of a test (RFC 1035 §4): A, AAAA, TXT and CNAME over UDP. The test decides on
// each answer.
import type { RemoteInfo } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Scope } from './temporary-folder.ts';

export type DnsRecord =
  | { type: 'A' | 'AAAA'; address: string }
  | { type: 'TXT'; chunks: string[] }
  /** The answer for any type, followed by the records of the name that it leads to. */
  | { type: 'CNAME'; target: string };

export interface DnsServer {
  /** `127.0.0.1` and the port. */
  address: string;
  /** Lower-case names. A function is called for every question. */
  zone: Map<string, DnsRecord[] | (() => DnsRecord[])>;
  /** `A example.com` and so on, in the order of arrival. */
  questions: string[];
  /** Questions that get no answer. */
  unanswered: Set<string>;
}

const TYPES: Record<number, DnsRecord['type']> = { 1: 'A', 5: 'CNAME', 16: 'TXT', 28: 'AAAA' };
const NUMBERS = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 } as const;
const NXDOMAIN = 3;

export async function startDnsServer(scope: Scope): Promise<DnsServer> {
  const zone: DnsServer['zone'] = new Map();
  const questions: string[] = [];
  const unanswered = new Set<string>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(query);
    const question = `${type} ${name}`;
    questions.push(question);
    if (!unanswered.has(question))
      socket.send(answerTo(query.subarray(0, end), recordsFor(zone, name, type)), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  scope.after(() => void socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, zone, questions, unanswered };
}

type Found = { name: string; record: DnsRecord }[] | undefined;

function recordsFor(zone: DnsServer['zone'], name: string, type: DnsRecord['type'] | undefined): Found {
  const entry = zone.get(name);
  if (!entry) return undefined;
  const records = typeof entry === 'function' ? entry() : entry;
  return records.flatMap((record) => {
    if (record.type !== 'CNAME') return record.type === type ? [{ name, record }] : [];
    return [{ name, record }, ...(recordsFor(zone, record.target, type) ?? [])];
  });
}

function readQuestion(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES[query.readUInt16BE(at + 1)], end: at + 5 };
}

function answerTo(question: Buffer, found: Found): Buffer {
  const answers = (found ?? []).map(({ name, record }) => resourceRecord(name, record));
  const header = Buffer.from(question.subarray(0, 12));
  // Response, recursion desired and available (RFC 1035 §4.1.1).
  header.writeUInt16BE(0x8180 | (found ? 0 : NXDOMAIN), 2);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(12), ...answers]);
}

function resourceRecord(name: string, record: DnsRecord): Buffer {
  const data = dataOf(record);
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(NUMBERS[record.type], 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodedName(name), fields, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'CNAME') return encodedName(record.target);
  if (record.type === 'TXT') return Buffer.concat(record.chunks.map(characterString));
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  const [head = '', tail = ''] = record.address.split('::');
  const [left, right] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = new Array<string>(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0');
  const groups = [...(left ?? []), ...zeros, ...(right ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function encodedName(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(characterString), Buffer.alloc(1)]);
}

function characterString(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}
