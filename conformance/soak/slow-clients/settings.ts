// The server in front of slow clients: limits that disconnect each kind within seconds.

/** Seconds that the gateway allows, by the name of the setting in `gateway.timeouts`. */
export type Limits = Readonly<Record<'handshake' | 'headers' | 'body' | 'idle' | 'stall', number>>;

export function slowSettings(limits: Limits): string[] {
  return [
    'gateway.routes=[{"path":"/*","access":"public"}]',
    ...Object.entries(limits).map(([name, seconds]) => `gateway.timeouts.${name}=${seconds}s`),
    'gateway.minBodyBytesPerSecond=1000',
  ];
}
