// Durations: `30s`, `15m`, `12h`, `90d`. Refuses numbers without a unit, and zero.

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds, a positive whole number. Throws `TypeError`. */
export function parseDuration(text: string): number {
  const match = /^(?<count>[1-9]\d{0,8})(?<unit>[smhd])$/.exec(text);
  if (match?.groups === undefined) throw new TypeError('expected a duration such as 30s, 15m, 12h or 90d');
  const { count, unit } = match.groups as { count: string; unit: keyof typeof secondsPerUnit };
  return Number(count) * secondsPerUnit[unit];
}
