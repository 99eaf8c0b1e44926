// The request to the upstream, for an admitted request.
import type { UpstreamRequest } from '../upstream/call.ts';
import { RequestTemplate } from '../upstream/request-template.ts';
import type { AdmissionState, Admitted } from './admission.ts';
import { callerFields } from './header-fields.ts';
import { originBlock, passedRequest } from './passed-fields.ts';
import { tooLarge } from './reasons.ts';

/** Throws `content_too_large` if the announced length is too large. */
export function forwardedRequest(state: AdmissionState, admitted: Admitted): UpstreamRequest {
  admitted.template ??= templateOf(state, admitted);
  return { id: state.requestId, template: admitted.template };
}

function templateOf({ request, client, host }: AdmissionState, admitted: Admitted): RequestTemplate {
  const { method, version, contentLength, isWebSocket } = request;
  const { path, route, upstream, assertion, isOwnCredential } = admitted;
  if (contentLength !== undefined && contentLength > route.maxBodyBytes) throw tooLarge(route.maxBodyBytes);
  return new RequestTemplate({
    method,
    path,
    host: upstream.host,
    passed: passedRequest(request, isOwnCredential),
    origin: originBlock(client, host, version),
    fields: callerFields(assertion),
    body: contentLength === undefined ? 'unknown' : contentLength === 0 ? 'none' : 'known',
    isWebSocket,
  });
}
