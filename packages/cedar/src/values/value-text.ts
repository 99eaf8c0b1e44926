// Values as text for an explanation, in Cedar's syntax if it has one.
import { stringText } from './string-text.ts';
import type { ExtensionValue, Value } from './values.ts';
import { membersOf } from './values.ts';

/**
 * @example
 * valueText(entityUid('User', 'alice')); // 'User::"alice"'
 */
export function valueText(value: Value): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'object') return String(value);
  switch (value.kind) {
    case 'entity':
      return `${value.type}::${stringText(value.id)}`;
    case 'set':
      return `[${membersOf(value).map(valueText).join(', ')}]`;
    case 'record': {
      const members = [...value.fields.keys()].map(
        (name) => `${name}: ${valueText(value.fields.get(name) as Value)}`,
      );
      return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
    }
    default:
      return extensionText(value);
  }
}

function extensionText(value: ExtensionValue): string {
  switch (value.kind) {
    case 'decimal':
      return `decimal("${decimalText(BigInt(value.tenThousandths))}")`;
    case 'ip':
      return `ip("${value.version === 4 ? text4(Number(value.address)) : text6(BigInt(value.address))}/${value.prefix}")`;
    case 'duration':
      return `duration("${durationText(BigInt(value.milliseconds))}")`;
    case 'datetime':
      return `datetime("${datetimeText(Number(value.milliseconds))}")`;
  }
}

const UNITS: readonly [name: string, milliseconds: bigint][] = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
];

/** `1d2h`: the units that are not zero. */
function durationText(milliseconds: bigint): string {
  let rest = milliseconds < 0n ? -milliseconds : milliseconds;
  const parts = UNITS.flatMap(([name, size]) => {
    const amount = rest / size;
    rest -= amount * size;
    return amount === 0n ? [] : `${amount}${name}`;
  });
  return parts.length === 0 ? '0ms' : `${milliseconds < 0n ? '-' : ''}${parts.join('')}`;
}

function decimalText(tenThousandths: bigint): string {
  const digits = String(tenThousandths).replace('-', '').padStart(5, '0');
  const sign = tenThousandths < 0n ? '-' : '';
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

function text4(address: number): string {
  return [24, 16, 8, 0].map((bits) => (address >>> bits) & 0xff).join('.');
}

function text6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (address >> BigInt(16 * (7 - index))) & 0xffffn);
  return groups.map((group) => group.toString(16)).join(':');
}

function datetimeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms since 1970` : date.toISOString();
}
