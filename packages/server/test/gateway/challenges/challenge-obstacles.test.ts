// Challenges of `gateway.acme` that a server cannot answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alpnObstacle, requireAnswers } from '../../../src/gateway/challenges/challenge-obstacles.ts';
import { refusal } from '../../support/errors.ts';

const order = (challenge: 'http-01' | 'tls-alpn-01' | 'dns-01') => ({ challenge, names: ['a.example'] });
const bun = [{ runtime: 'Node 26.1.0' }, { runtime: 'Bun 1.4.5' }];

test('http-01 needs the listener for plain HTTP', () => {
  const acme = [order('dns-01'), order('http-01')];
  requireAnswers({ acme, httpListen: { host: '0.0.0.0', port: 80 } }, undefined);
  assert.throws(
    () => requireAnswers({ acme }, undefined),
    refusal(
      'config_invalid',
      /^Setting gateway\.acme\[1\]\.challenge is not valid: it is http-01, .*set gateway\.httpListen, such as ":80"/,
    ),
  );
});

test('tls-alpn-01 cannot begin while the workers run on Bun', () => {
  assert.equal(alpnObstacle([], 'auto'), undefined);
  assert.equal(alpnObstacle([{ runtime: 'Node 26.1.0' }], 'auto'), undefined);
  assert.match(alpnObstacle(bun, 'auto') ?? '', /they run on Bun: restart Gatehouse$/);
  assert.match(alpnObstacle(bun, 'bun') ?? '', /set gateway\.transport to auto, and restart Gatehouse$/);
  requireAnswers({ acme: [order('dns-01')] }, alpnObstacle(bun, 'auto'));
  assert.throws(
    () => requireAnswers({ acme: [order('tls-alpn-01')] }, alpnObstacle(bun, 'auto')),
    refusal(
      'config_invalid',
      /gateway\.acme\[0\]\.challenge is not valid: it is tls-alpn-01, which the running workers cannot answer/,
    ),
  );
});
