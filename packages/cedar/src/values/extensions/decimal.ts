// Cedar's `decimal`: a number with up to four digits after the point, in 64 bits.
import { EvaluationError } from '../../evaluation-error.ts';
import type { Long } from '../long.ts';
import { longFrom } from '../long.ts';

export interface Decimal {
  readonly kind: 'decimal';
  readonly tenThousandths: Long;
}

const FORM = /^-?[0-9]+\.[0-9]{1,4}$/;

/**
 * Throws an `EvaluationError`.
 * @example
 * decimal('12.5').tenThousandths; // 125000
 */
export function decimal(text: string): Decimal {
  if (!FORM.test(text)) {
    throw new EvaluationError(`"${text}" is not a decimal: write digits, a point, and one to four digits.`);
  }
  const [whole, fraction] = text.split('.') as [string, string];
  return { kind: 'decimal', tenThousandths: longFrom(BigInt(whole + fraction.padEnd(4, '0'))) };
}
