// The part of an upstream's answer that the client gets.
import type { FieldList } from '../http1/messages.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import type { AdmissionState, Admitted } from './admission.ts';
import type { AnswerHead } from './client-stream.ts';
import type { AnsweringFacts } from './header-fields.ts';
import { responseFields } from './header-fields.ts';
import { passedAnswer } from './passed-fields.ts';

const SWITCHING_PROTOCOLS = 101;

/** Of a final answer, or of a 101. */
export function forwardedAnswer(
  state: AdmissionState,
  admitted: Admitted,
  answer: UpstreamAnswer,
): AnswerHead {
  const { status, reason, body } = answer;
  const passed = passedAnswer(answer, answeringFacts(state, admitted));
  const fields = ['X-Request-Id', state.requestId];
  if (state.answerFields && status >= 200) fields.push(...state.answerFields);
  if (status === SWITCHING_PROTOCOLS) fields.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  // A client whose upgrade was declined may already have sent octets for the tunnel.
  return { status, reason, passed, fields, body, last: state.request.isWebSocket };
}

/** The fields of a 1xx answer. */
export function forwardedInformation(
  state: AdmissionState,
  admitted: Admitted,
  { status, fields }: { status: number; fields: FieldList },
): FieldList {
  const passed = responseFields(fields, { status, ...answeringFacts(state, admitted) });
  return [...passed, 'X-Request-Id', state.requestId];
}

function answeringFacts(
  { host, replacedFields: replaced }: AdmissionState,
  { upstream, clientPath }: Admitted,
): Omit<AnsweringFacts, 'status'> {
  return { upstreamOrigin: upstream.origin, host, clientPath, replaced };
}
