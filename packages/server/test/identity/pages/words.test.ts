// The words of pages for times and browsers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserName, momentOf } from '../../../src/identity/pages/words.ts';

test('a time is to the minute, in UTC', () => {
  assert.equal(momentOf(Date.UTC(2026, 10, 30, 18, 5, 59)), '2026-11-30 18:05 UTC');
});

const NAMES: [userAgent: string, name: string][] = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15', 'Safari on macOS'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Safari/604.1', 'Safari on iOS'],
  ['curl/7.88.1', 'curl/7.88.1'],
  ['', 'an unnamed program'],
];

test('a browser has the name that its user knows, and a program has its own name', () => {
  for (const [userAgent, name] of NAMES) assert.equal(browserName(userAgent), name);
});
