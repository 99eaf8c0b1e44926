import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelRecord, pinsInRecords } from '../../src/channel/index.ts';

const PIN = 'sha256/znoO0B+BT39NM5F1KTubqFbIf27CyKKIfY6DQlYGbYc=';
const OTHER = `sha256/${'A'.repeat(43)}=`;
const HOST = 'api.example.com';

test('reads its own record, the output of dig, and the bare text', () => {
  const record = channelRecord(HOST, PIN);
  const bare = `v=gatehouse-channel1; pin=${PIN}`;
  const [head, tail] = [bare.slice(0, 30), bare.slice(30)];
  const forms = [
    record,
    record.toUpperCase().replace(/".*/, `"${bare}"`),
    `_gatehouse-channel.${HOST}. 300 IN TXT "${bare}"`,
    `"${bare}"`,
    `"${head}" "${tail}"`,
    bare,
    `; a comment\r\n${record}\r\n`,
    `  IN TXT "${bare}"`,
    `"${bare}; note=x"`,
  ];
  for (const text of forms) assert.deepEqual(pinsInRecords(text, HOST), [PIN], text);
});

test('reads all records of the host, and none of other hosts', () => {
  const records = [channelRecord(HOST, PIN), channelRecord('example.com', OTHER), channelRecord(HOST, OTHER)];
  assert.deepEqual(pinsInRecords(records.join('\n'), HOST), [PIN, OTHER]);
  assert.deepEqual(pinsInRecords(channelRecord('example.com', PIN), HOST), []);
});

test('an address and localhost cannot have records, so every record counts', () => {
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    assert.deepEqual(pinsInRecords(channelRecord(HOST, PIN), host), [PIN]);
  }
});

test('ignores comments, other versions, and malformed pins', () => {
  for (const text of [
    `; ${channelRecord(HOST, PIN)}`,
    `v=gatehouse-channel2; pin=${PIN}`,
    'v=gatehouse-channel1; pin=sha256/short',
    `v=gatehouse-channel1 pin=${PIN}`,
    '',
  ]) {
    assert.deepEqual(pinsInRecords(text, HOST), [], text);
  }
});
