// Questions about sessions over the link: answered in any order, and refused if the control plane is silent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GatehouseError } from '@gatehouse/access';
import { createEncryptedSessions } from '@gatehouse/protocol';
import { decodeMessage, encodeMessage } from '../../src/link/octets.ts';
import {
  answerSessionQuestion,
  createLinkSessions,
  type SessionAnswers,
  type SessionQuestions,
} from '../../src/link/sessions.ts';

const KEY = new Uint8Array(32).fill(9);
const agreement = (clientId: string) => ({
  clientId,
  publicKey: KEY,
  offerEndsAt: Date.now() + 60_000,
  address: 'here',
  owner: '',
});
const unavailable = (error: unknown) => error instanceof GatehouseError && error.code === 'unavailable';

test('sessions work the same through the link, and simultaneous questions are sent in one message', async () => {
  const control = createEncryptedSessions(Date.now);
  const sent: SessionQuestions[] = [];
  const sessions = createLinkSessions((questions) => {
    const arrived = decodeMessage(encodeMessage(questions)) as SessionQuestions;
    sent.push(arrived);
    void answer(arrived);
  });
  async function answer({ questions }: SessionQuestions) {
    const answers = await Promise.all(
      questions.map(async ({ id, question }) => ({
        id,
        answer: await answerSessionQuestion(control, question),
      })),
    );
    sessions.settle(decodeMessage(encodeMessage({ type: 'sessionAnswers', answers })) as SessionAnswers);
  }
  assert.deepEqual(await Promise.all([sessions.agree(agreement('a')), sessions.agree(agreement('a'))]), [
    'agreed',
    'repeated',
  ]);
  assert.equal(sent.length, 1);
  assert.deepEqual(await sessions.publicKeyOf('a'), KEY);
  assert.equal(await sessions.publicKeyOf('b'), undefined);
  const token = { clientId: 'a', owner: '', time: Math.floor(Date.now() / 1000), id: 2 ** 48 - 1 };
  assert.deepEqual([await sessions.use(token), await sessions.use(token)], ['first', 'again']);
});

test('without an answer of the control plane in time, the request is refused, and a late answer changes nothing', async () => {
  const sent: SessionQuestions[] = [];
  const sessions = createLinkSessions((questions) => sent.push(questions), 1);
  await assert.rejects(Promise.resolve(sessions.publicKeyOf('a')), unavailable);
  const id = Number(sent[0]?.questions[0]?.id);
  sessions.settle({ type: 'sessionAnswers', answers: [{ id, answer: null }] });
});

test('if 2,000 questions wait, more are refused at once', async () => {
  const sent: SessionQuestions[] = [];
  const sessions = createLinkSessions((questions) => sent.push(questions), 1);
  const waiting = Array.from({ length: 2000 }, () => Promise.resolve(sessions.publicKeyOf('a')));
  await assert.rejects(Promise.resolve(sessions.publicKeyOf('b')), unavailable);
  await setImmediate();
  assert.equal(sent[0]?.questions.length, 2000);
  await Promise.allSettled(waiting);
});
