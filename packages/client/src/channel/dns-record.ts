// The pin of a signing key as a TXT record (RFC 1035 §3.3.14): `_gatehouse-channel.HOST`, with the text
// `v=gatehouse-channel1; pin=sha256/…`. Reads lines of a zone file, the output of `dig`, and the bare text.
import { isIP } from 'node:net';

const LABEL = '_gatehouse-channel';
const VERSION = 'v=gatehouse-channel1';
/** A line without a name belongs to the name in the line before. */
const NO_OWNER = /^(?:IN|TXT|\d+)?$/i;
const PIN = /^pin=(sha256\/[A-Za-z0-9+/]{43}=)$/;

/**
 * The line of a zone file for this host.
 * @example
 * channelRecord('api.example.com', pin); // '_gatehouse-channel.api.example.com. IN TXT "v=…; pin=sha256/…"'
 */
export function channelRecord(host: string, pin: string): string {
  return `${LABEL}.${host}. IN TXT "${VERSION}; pin=${pin}"`;
}

/**
 * The pins for `host` in these records. A record without a name counts for every host. An IP address and
 * `localhost` have no records, so for them every record counts.
 * @example
 * const pins = pinsInRecords(await readFile('records.txt', 'utf8'), 'api.example.com');
 */
export function pinsInRecords(text: string, host: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const start = line.indexOf(VERSION);
    if (start === -1 || /^\s*;/.test(line)) return [];
    const [owner = ''] = line
      .slice(0, start)
      .trim()
      .split(/[\s"]+/);
    return isFor(owner, host) ? pinsOf(line.slice(start)) : [];
  });
}

function isFor(owner: string, host: string): boolean {
  const hasNoRecords = isIP(host.replaceAll(/[[\]]/g, '')) !== 0 || host === 'localhost';
  if (hasNoRecords || NO_OWNER.test(owner)) return true;
  return owner.replace(/\.$/, '').toLowerCase() === `${LABEL}.${host.toLowerCase()}`;
}

/** A long record comes in several texts, each in quotes (RFC 1035 §5.1). */
function pinsOf(content: string): string[] {
  const fields = content.replaceAll(/"\s*"/g, '').replace(/".*$/, '').split(';');
  return fields.flatMap((field) => PIN.exec(field.trim())?.[1] ?? []);
}
