// `--fail-on`: conditions that make the exit status 1 although the certificate is trusted. For scripts that
// monitor servers.
import { parseDuration } from '../../input/duration.ts';
import type { Report } from './report.ts';

/** One condition. */
export type Condition =
  | { kind: 'weak' | 'unknown' | 'warning' }
  | { kind: 'expiring'; withinSeconds: number };

/** `weak,expiring=14d`. Throws `TypeError`. */
export function parseConditions(text: string): Condition[] {
  return text.split(',').map((word) => {
    const [kind, duration] = word.split('=');
    if ((kind === 'weak' || kind === 'unknown' || kind === 'warning') && duration === undefined)
      return { kind };
    if (kind === 'expiring' && duration !== undefined)
      return { kind, withinSeconds: parseDuration(duration) };
    throw new TypeError('expected weak, unknown, warning and expiring=14d, joined by commas');
  });
}

/** The conditions that are true, as the user wrote them. */
export function failed(conditions: readonly Condition[], report: Report, now: Date): string[] {
  return conditions.filter((condition) => holds(condition, report, now)).map(({ kind }) => kind);
}

function holds(condition: Condition, { problems, chain, revocation }: Report, now: Date): boolean {
  switch (condition.kind) {
    case 'weak':
      return problems.some(({ code }) => code.startsWith('weak_'));
    case 'warning':
      return problems.length > 0;
    case 'unknown':
      return revocation.verdict === 'unknown';
    case 'expiring': {
      const limit = now.getTime() + condition.withinSeconds * 1000;
      return chain.some(({ trusted, notAfter }) => !trusted && Date.parse(notAfter) < limit);
    }
  }
}
