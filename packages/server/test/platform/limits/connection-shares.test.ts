// The connection that is closed at a limit. Connections have letters as names here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConnectionLimits, OpenConnection } from '../../../src/platform/limits/connection-shares.ts';
import { connectionLimits, createConnectionShares } from '../../../src/platform/limits/connection-shares.ts';

const LIMITS = { total: 6, ofOne: 4, handshakesOfOne: 2 };
const [A, B, C, D] = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];

function setUp(limits: ConnectionLimits = LIMITS) {
  const reports: string[] = [];
  const cut: string[] = [];
  const connections = new Map<string, OpenConnection>();
  const shares = createConnectionShares(limits, (kind, share) => void reports.push(`${kind} ${share}`));
  const open = (address: string | undefined, name: string, phase: 'handshake' | 'secure' = 'secure') => {
    const connection = shares.open(address ?? '', phase, () => void cut.push(name));
    if (connection) connections.set(name, connection);
    return connection !== undefined;
  };
  const openEach = (address: string | undefined, names: string) => {
    for (const name of names) assert.ok(open(address, name), `${name} is refused`);
  };
  const the = (name: string) => connections.get(name) ?? assert.fail(`there is no ${name}`);
  return { shares, reports, cut, open, openEach, the };
}

test('one address has only its share: its longest idle connection is closed for a new one', () => {
  const { openEach, the, cut, reports } = setUp();
  openEach(A, 'abcd');
  the('a').requestBegun();
  the('a').requestEnded();
  openEach(A, 'ef');
  assert.deepEqual(cut, ['b', 'c']);
  assert.deepEqual(reports, [`closed ${A}`, `closed ${A}`]);
});

test('refuses an address whose whole share answers requests, until one of them ends', () => {
  const { open, openEach, the, cut, reports } = setUp();
  openEach(A, 'abcd');
  for (const name of 'abcd') the(name).requestBegun();
  assert.equal(open(A, 'e'), false);
  assert.deepEqual([cut, reports], [[], [`refused ${A}`]]);
  the('c').closed();
  assert.equal(open(A, 'e'), true);
  the('b').requestEnded();
  the('e').requestBegun();
  assert.equal(open(A, 'f'), true);
  assert.deepEqual(cut, ['b']);
});

test('a connection with pipelined requests is not idle until the last one is answered', () => {
  const { open, openEach, the } = setUp({ ...LIMITS, ofOne: 1 });
  openEach(A, 'a');
  the('a').requestBegun();
  the('a').requestBegun();
  the('a').requestEnded();
  assert.equal(open(A, 'b'), false);
  the('a').requestEnded();
  assert.equal(open(A, 'b'), true);
});

test('if the listener is full, an idle connection of the address with the most connections is closed', () => {
  const { openEach, the, cut } = setUp();
  openEach(B, 'ab');
  openEach(A, 'cdef');
  the('c').requestBegun();
  openEach(C, 'g');
  assert.deepEqual(cut, ['d']);
  openEach(C, 'h');
  assert.deepEqual(cut, ['d', 'e']);
});

test('if the address with the most has no idle connection, one of another address is closed', () => {
  const { openEach, the, cut } = setUp();
  openEach(B, 'ab');
  openEach(A, 'cdef');
  for (const name of 'cdef') the(name).requestBegun();
  openEach(C, 'g');
  assert.deepEqual(cut, ['a']);
});

test('if no connection is idle, the oldest of the address with the most is closed, if it has two more', () => {
  const { open, openEach, the, cut, reports } = setUp({ ...LIMITS, total: 4 });
  openEach(A, 'abc');
  openEach(B, 'd');
  for (const name of 'abcd') the(name).requestBegun();
  openEach(C, 'e');
  the('e').requestBegun();
  assert.deepEqual(cut, ['a']);
  assert.equal(open(C, 'f'), false);
  openEach(D, 'g');
  the('g').requestBegun();
  assert.deepEqual(cut, ['a', 'b']);
  assert.equal(open('192.0.2.5', 'h'), false, 'each has one that answers a request');
  assert.deepEqual(reports.slice(-1), ['refused 192.0.2.5']);
});

test('unfinished handshakes have their own share: the oldest is closed for a new one', () => {
  const { open, the, cut } = setUp();
  for (const name of 'abc') assert.ok(open(A, name, 'handshake'));
  assert.deepEqual(cut, ['a']);
  the('b').handshakeDone();
  assert.ok(open(A, 'd', 'handshake'));
  assert.deepEqual(cut, ['a']);
  assert.ok(open(A, 'e', 'handshake'));
  assert.deepEqual(cut, ['a', 'c']);
});

test('addresses of one IPv6 /64 have one share, and both forms of an IPv4 address, too', () => {
  const { openEach, cut } = setUp({ ...LIMITS, ofOne: 1 });
  openEach('2001:db8::1', 'a');
  openEach('2001:db8:0:1::1', 'b');
  openEach('2001:db8::2', 'c');
  openEach('192.0.2.1', 'd');
  openEach('::ffff:192.0.2.1', 'e');
  assert.deepEqual(cut, ['a', 'd']);
});

test('closes the unfinished handshakes, or all connections', () => {
  const { shares, open, openEach, cut } = setUp();
  openEach(A, 'a');
  assert.ok(open(B, 'b', 'handshake'));
  shares.cutHandshakes();
  assert.deepEqual(cut, ['b']);
  shares.cutAll();
  assert.deepEqual(cut, ['b', 'a']);
});

test('a share is never larger than the whole, and half of it may be in the handshake', () => {
  assert.deepEqual(connectionLimits({ maxConnections: 100, connectionsPerAddress: 500 }), {
    total: 100,
    ofOne: 100,
    handshakesOfOne: 50,
  });
});

// The events of a connection, each with the number of an address or of an existing connection.
const step = fc.record({
  act: fc.constantFrom('open', 'open', 'handshakeDone', 'requestBegun', 'requestEnded', 'closed' as const),
  which: fc.nat(30),
});

test('no limit is exceeded, and a new connection is accepted unless each address has at most one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const open = new Map<OpenConnection, { address: string; requests: number }>();
      const held = (address?: string) =>
        [...open.values()].filter((each) => address === undefined || each.address === address).length;
      const shares = createConnectionShares(LIMITS, () => {});
      for (const { act, which } of steps) {
        const [connection, state] = [...open][which % Math.max(open.size, 1)] ?? [];
        if (act === 'open' || !connection || !state) {
          const address = `192.0.2.${which % 10}`;
          const added = shares.open(address, which % 2 ? 'handshake' : 'secure', () => {
            if (added) open.delete(added);
          });
          const mayBeRefused =
            held(address) > 0 || [...Array(10).keys()].every((n) => held(`192.0.2.${n}`) < 2);
          assert.ok(added || mayBeRefused, 'a newcomer was refused');
          if (added) open.set(added, { address, requests: 0 });
        } else if (act === 'requestEnded') {
          if (state.requests > 0) connection.requestEnded();
          state.requests = Math.max(0, state.requests - 1);
        } else {
          connection[act]();
          if (act === 'requestBegun') state.requests += 1;
          if (act === 'closed') open.delete(connection);
        }
        assert.ok(held() <= LIMITS.total, 'more than in total');
        for (const { address } of open.values())
          assert.ok(held(address) <= LIMITS.ofOne, 'more than a share');
      }
    }),
  );
});
