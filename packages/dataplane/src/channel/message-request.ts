// The request in which an upstream gets a decrypted message. It has the client's fields, except those about
// the content and the answer, because they describe the encrypted message.
import type { AdmissionState, Admitted } from '../exchange/admission.ts';
import { callerFields, requestFields } from '../exchange/header-fields.ts';
import { originBlock } from '../exchange/passed-fields.ts';
import { FieldBlock } from '../http1/field-block.ts';
import type { UpstreamRequest } from '../upstream/call.ts';
import { RequestTemplate } from '../upstream/request-template.ts';

const OF_THE_ENVELOPE = /^(?:content-|accept|if-|range$|digest$|repr-digest$|signature|want-|prefer$)/;

/** `length`: of the message in bytes. */
export function messageRequest(
  state: AdmissionState,
  { route, upstream, path, assertion, isOwnCredential }: Admitted,
  length: number,
): UpstreamRequest {
  const { request, client, host, requestId } = state;
  const contentType = route.channel?.contentType ?? 'application/octet-stream';
  const sent = requestFields(request.fields, isOwnCredential);
  const passed = sent.filter((_, index) => !OF_THE_ENVELOPE.test(nameAt(sent, index)));
  const content = ['Content-Type', contentType, 'Content-Length', String(length)];
  const template = new RequestTemplate({
    method: 'POST',
    path,
    host: upstream.host,
    passed: new FieldBlock(passed),
    origin: originBlock(client, host, request.version),
    fields: [...callerFields(assertion), ...content],
    body: length === 0 ? 'none' : 'known',
    isWebSocket: false,
  });
  return { id: requestId, template };
}

/** The name that the name or value at `index` belongs to, in lower case. */
function nameAt(fields: readonly string[], index: number): string {
  return (fields[index - (index % 2)] as string).toLowerCase();
}
