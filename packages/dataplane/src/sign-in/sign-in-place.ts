// The place where people sign in, from the sections in force. It is computed again only when these sections
// changed.
import type { GatewaySections, SectionCopies } from '@gatehouse/access';
import { signInHosts, tokenTrust } from '@gatehouse/access';
import type { SignInPlace } from './sign-in.ts';

export function createSignInPlace({ sections }: Pick<SectionCopies, 'sections'>): () => SignInPlace {
  let from: Pick<GatewaySections, 'routes' | 'trust'> | undefined;
  let place: SignInPlace | undefined;
  return () => {
    const { routes, trust } = sections;
    if (place && from?.routes === routes && from.trust === trust) return place;
    const { issuer, audience } = tokenTrust(sections);
    from = { routes, trust };
    place = { control: issuer, hosts: signInHosts(routes.values(), audience) };
    return place;
  };
}
