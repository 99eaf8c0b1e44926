// The encrypted endpoints of routes (docs/wire/encrypted-endpoint.md): the gateway is the endpoint, and the
// upstream gets the decrypted messages. For an exchange, a channel is an upstream.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, sign } from 'node:crypto';
import type { ChannelSource, EventLog } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import {
  createEncryptedEndpoint,
  type EncryptedEndpoint,
  type EncryptedSessions,
  type OfferSigner,
} from '@gatehouse/protocol';
import type { Counts } from '../counts/counts.ts';
import type { AdmissionState, Admitted } from '../exchange/admission.ts';
import type { Call, UpstreamEvents } from '../upstream/call.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { createBuffers } from './buffers.ts';
import { ChannelCall } from './channel-call.ts';

export interface Channels {
  /** Answers the request itself. The events follow after the return. */
  send(state: AdmissionState, admitted: Admitted, events: UpstreamEvents): Call;
}

export interface ChannelsDeps {
  upstreams: Pick<Upstreams, 'send'>;
  log: EventLog;
  /** The entry of the section `channels`. */
  source(): ChannelSource | undefined;
  /** The sessions of all workers. */
  sessions: EncryptedSessions;
  counts: Pick<Counts, 'outcome'>;
}

/** For one process: enough for 64 simultaneous messages of 1 MiB. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

export function createChannels(
  { upstreams, log, source, sessions, counts }: ChannelsDeps,
  maxBufferedBytes = MAX_BUFFERED_BYTES,
): Channels {
  let known: { limits: string; endpoint: EncryptedEndpoint } | undefined;
  const signer = createSigner();
  const buffers = createBuffers(maxBufferedBytes);
  const current = (): ChannelSource => {
    const found = source();
    if (found) return found;
    throw new GatehouseError('unavailable', 'The keys of encrypted endpoints have not arrived yet.');
  };

  /** A new endpoint if its limits changed. Sessions continue. */
  function endpointOf({ tokenSeconds, maxSessions, maxMessageBytes }: ChannelSource): EncryptedEndpoint {
    const limits = `${tokenSeconds} ${maxSessions} ${maxMessageBytes}`;
    if (known?.limits === limits) return known.endpoint;
    const endpoint = createEncryptedEndpoint({
      tokenSeconds,
      maxSessions,
      maxBodyBytes: maxMessageBytes,
      secrets: () => current().secrets,
      signer: () => signer(current().signing),
      sessions,
    });
    known = { limits, endpoint };
    return endpoint;
  }

  return {
    send(state, admitted, events) {
      const endpoint = endpointOf(current());
      const maxBytes = Math.min(endpoint.maxBodyBytes, admitted.route.maxBodyBytes);
      const call = { endpoint, upstreams, log, counts, buffers, maxBytes };
      return new ChannelCall({ state, admitted, events }, call);
    },
  };
}

type Signing = ChannelSource['signing'];

/** The same signer for the same key and certificate. */
function createSigner(): (signing: Signing) => OfferSigner {
  let known: { signing: Signing; signer: OfferSigner } | undefined;
  return (signing) => {
    if (known?.signing !== signing) {
      const privateKey = createPrivateKey(signing.privateKey);
      known = { signing, signer: signerOf(signing, privateKey) };
    }
    return known.signer;
  };
}

function signerOf({ chain, fingerprint }: Signing, privateKey: KeyObject): OfferSigner {
  return { chain, fingerprint, sign: (message) => sign('sha256', message, privateKey) };
}
