// Which client may introspect which token (RFC 7662 §4). For any other token, the answer is the same as for a
// token that does not exist: `{"active": false}`.
import type { Client } from 'oidc-provider';
import type { Resources } from '../token/resources.ts';
import { SERVICE } from './client-metadata.ts';

/** A token as oidc-provider has found it. */
interface FoundToken {
  kind: string;
  clientId?: string | undefined;
  aud?: unknown;
}

/**
 * A client may introspect its own tokens. A client that acts as a service may be a resource server behind the
 * gateway, so it may also introspect access tokens for the gateway. An app that only signs people in, and a
 * client that registered itself, may not: no token but its own is meant for it.
 */
export function mayIntrospect(
  client: Pick<Client, 'clientId' | 'clientAuthMethod'> & { [SERVICE]?: unknown },
  token: FoundToken,
  { default: gateway }: Pick<Resources, 'default'>,
): boolean {
  if (client.clientAuthMethod === 'none') return false;
  if (token.clientId === client.clientId) return true;
  const isService = typeof client[SERVICE] === 'string';
  return isService && token.kind !== 'RefreshToken' && audiencesOf(token).includes(gateway);
}

function audiencesOf({ aud }: FoundToken): unknown[] {
  return Array.isArray(aud) ? aud : [aud];
}
