// `gatehouse session …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, value, withExamples } from '../../flags.ts';

const listBrief = 'List the sessions of people who are signed in with a browser';

const sessionList = buildCommand({
  loader: async () => (await import('./list.ts')).sessionList,
  parameters: { flags: { user: value('Only the sessions of this user', 'NAME'), ...management } },
  docs: {
    brief: listBrief,
    fullDescription: withExamples(listBrief, 'gatehouse session list', 'gatehouse session list --user alice'),
  },
});

const revokeBrief = 'End a session, and the sessions of the gateway that came from it, at once';

const sessionRevoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).sessionRevoke,
  parameters: {
    flags: management,
    positional: {
      kind: 'tuple',
      parameters: [argument("Id of the session: see 'gatehouse session list'", 'ID')],
    },
  },
  docs: {
    brief: revokeBrief,
    fullDescription: withExamples(revokeBrief, 'gatehouse session revoke 4qtfz7ma3hcyq6xkzj2wb5dnre7u2yvo'),
  },
});

export const session = buildRouteMap({
  routes: { list: sessionList, revoke: sessionRevoke },
  docs: { brief: 'Sessions of people who are signed in with a browser' },
});
