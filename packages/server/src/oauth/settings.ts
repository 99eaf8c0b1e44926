// The settings under `oauth`.
import { isNetwork } from '@gatehouse/access';
import { z } from 'zod';
import { duration, list, toggle } from '../platform/settings/setting-types.ts';
import { isApprovalPattern } from './client-document/document-url.ts';

export const oauthSettings = z
  .strictObject({
    refreshTokenLifetime: duration('14d', { min: 60 }).describe(
      'How long a refresh token is accepted; each use replaces it with a new one',
    ),
    codeLifetime: duration('60s', { min: 5, max: 600 }).describe(
      'How long an authorization code is accepted',
    ),
    deviceCodeLifetime: duration('10m', { min: 60, max: 3600 }).describe(
      'How long a device code waits for the approval of a person',
    ),
    requireDpopNonce: toggle().describe(
      'Whether DPoP proofs at the token endpoint must have a nonce from this server',
    ),
    registration: toggle().describe(
      'Whether clients may register themselves (RFC 7591); they wait for approval by an administrator',
    ),
    backChannelCa: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File of more authorities (PEM) for messages to clients about sign-outs, besides those of the system and our own',
      ),
    clientIdMetadataDocuments: z
      .strictObject({
        enabled: toggle().describe(
          'Whether a client id may be the URL of a document about the client; without approval, it waits for an administrator',
        ),
        approved: list()
          .refine((patterns) => patterns.every(isApprovalPattern), {
            error: 'must be hosts, such as app.example or *.example.com, or https URLs, which may end in *',
          })
          .prefault([])
          .describe('Documents that need no approval: hosts, `*.example.com`, URLs, or URLs that end in `*`'),
        networks: list()
          .refine((networks) => networks.every(isNetwork), {
            error: 'must be networks such as 10.0.0.0/8 or fd00::/8, or addresses',
          })
          .prefault([])
          .describe('Networks that are not public, but from which documents may be fetched'),
        ca: z
          .string()
          .optional()
          .describe('File of the authorities (PEM) for the servers of documents; default: those of Node'),
      })
      .prefault({}),
  })
  .prefault({});

export type OauthSettings = z.output<typeof oauthSettings>;
