// The request that the upstream gets for an admitted one.
import type { UpstreamRequest } from '../upstream/call.ts';
import type { AdmissionState, Admitted } from './admission.ts';
import { callerFields } from './header-fields.ts';
import { originBlock, passedRequest } from './passed-fields.ts';
import { tooLarge } from './reasons.ts';

/** Throws `content_too_large` for a body that announces too much. */
export function forwardedRequest(state: AdmissionState, admitted: Admitted): UpstreamRequest {
  const { request, client, host, requestId } = state;
  const { method, contentLength, isWebSocket } = request;
  const { maxBodyBytes } = admitted.route;
  if (contentLength !== undefined && contentLength > maxBodyBytes) throw tooLarge(maxBodyBytes);
  return {
    method,
    path: admitted.path,
    passed: passedRequest(request, admitted.isOwnCredential),
    origin: originBlock(client, host, request.version),
    fields: callerFields(requestId, admitted.assertion),
    body: contentLength === undefined ? 'unknown' : contentLength === 0 ? 'none' : 'known',
    isWebSocket,
  };
}
