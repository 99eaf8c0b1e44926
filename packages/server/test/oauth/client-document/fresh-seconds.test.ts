// How long a document may be used (RFC 9111 §4.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshSeconds } from '../../../src/oauth/client-document/fresh-seconds.ts';

test('a document is fresh as long as its server says, but at least a minute and at most a day', () => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT';
  const cases: [Parameters<typeof freshSeconds>[0], number][] = [
    [{}, 900],
    [{ 'cache-control': 'public, max-age=3600' }, 3600],
    [{ 'cache-control': 'max-age="600"' }, 600],
    [{ 'cache-control': 'max-age=3600', age: '3000' }, 600],
    [{ 'cache-control': 'no-store' }, 60],
    [{ 'cache-control': 'no-cache, max-age=3600' }, 60],
    [{ 'cache-control': 'max-age=0' }, 60],
    [{ 'cache-control': 'max-age=31536000' }, 86_400],
    [{ expires: 'Mon, 30 Nov 2026 13:00:00 GMT', date }, 3600],
    [{ expires: '0', date }, 60],
    [{ age: 'old' }, 60],
  ];
  for (const [headers, seconds] of cases)
    assert.equal(freshSeconds(headers), seconds, JSON.stringify(headers));
});
