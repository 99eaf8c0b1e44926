// Selects the fields that pass from one side to the other, once for repeated requests and answers.
import { FieldBlock } from '../http1/field-block.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import type { Client, ClientRequest } from './client-stream.ts';
import type { AnsweringFacts } from './header-fields.ts';
import { hasLocation, originFields, requestFields, responseFields } from './header-fields.ts';

/** The fields of a client. `isOwnCredential` changes with the keys that sign tokens. */
export function passedRequest(
  request: ClientRequest,
  isOwnCredential: (value: string) => boolean,
): FieldBlock {
  const known = request.passed;
  if (known?.isOwnCredential === isOwnCredential) return known.block;
  const block = new FieldBlock(requestFields(request.fields, isOwnCredential));
  request.passed = { block, isOwnCredential };
  return block;
}

/** The fields about the origin of a request. They are nearly always the same for a whole connection. */
export function originBlock(client: Client, host: string, httpVersion: string): FieldBlock {
  const known = client.origin;
  if (known?.host === host && known.httpVersion === httpVersion) return known.block;
  const block = new FieldBlock(originFields({ address: client.address, host, httpVersion }));
  client.origin = { host, httpVersion, block };
  return block;
}

/** The fields of an upstream. With a Location or a rule for CORS, they also depend on the request. */
export function passedAnswer(answer: UpstreamAnswer, facts: Omit<AnsweringFacts, 'status'>): FieldBlock {
  if (answer.passed && !facts.replaced) return answer.passed;
  const { status, fields } = answer;
  const passed = new FieldBlock(responseFields(fields, { status, ...facts }));
  if (!facts.replaced && !hasLocation(fields)) answer.passed = passed;
  return passed;
}
