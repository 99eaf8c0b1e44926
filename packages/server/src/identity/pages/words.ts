// The words of the pages for times and browsers.

/** To the minute, in UTC: the server does not know the reader's time zone. */
export function momentOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

// The first match is used, because browsers also name other browsers.
const BROWSERS: readonly [mark: RegExp, name: string][] = [
  [/\bFirefox\//, 'Firefox'],
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Headless)?Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [mark: RegExp, name: string][] = [
  [/\biPhone|\biPad/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bLinux\b/, 'Linux'],
];
const PROGRAM_LENGTH = 40;

/** A few words such as "Firefox on Linux", from User-Agent. */
export function browserName(userAgent: string): string {
  const named = (list: typeof BROWSERS) => list.find(([mark]) => mark.test(userAgent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser === undefined) return userAgent.slice(0, PROGRAM_LENGTH) || 'an unnamed program';
  return system === undefined ? browser : `${browser} on ${system}`;
}
