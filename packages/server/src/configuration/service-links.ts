// Recognises variables of the platform that only look like settings. In a pod, Kubernetes describes every
// service of the namespace ("service links"). Docker does the same for a container that is linked under the
// name gatehouse, and adds its name, its ranges of ports, and its own variables.
import { isIP } from 'node:net';

// The service is called gatehouse, or gatehouse-SOMETHING.
const SERVICE = 'GATEHOUSE(?:_[A-Z0-9_]+)?';
const PORT_AND_PROTOCOL = 'PORT_\\d{1,5}_(?:TCP|UDP|SCTP)';

const FORMS: [name: RegExp, isValue: (value: string) => boolean][] = [
  [form('SERVICE_HOST'), isAddress],
  [form('SERVICE_PORT(?:_[A-Z0-9_]+)?'), isPort],
  [form('PORT'), isEndpoint],
  [form(PORT_AND_PROTOCOL), isEndpoint],
  [form(`${PORT_AND_PROTOCOL}_PROTO`), (value) => /^(?:tcp|udp|sctp)$/.test(value)],
  [form(`${PORT_AND_PROTOCOL}_PORT`), isPort],
  [form(`${PORT_AND_PROTOCOL}_ADDR`), isAddress],
  [form(`${PORT_AND_PROTOCOL}_(?:START|END)`), isEndpoint],
  [form(`${PORT_AND_PROTOCOL}_PORT_(?:START|END)`), isPort],
  [form('NAME'), (value) => /^\/[\w.-]+\/[\w.-]+$/.test(value)],
  [form('ENV_\\w+'), () => true],
];

/**
 * Whether a variable is part of a service link. Both name and value must have the right form:
 * `GATEHOUSE_CONTROL_PORT` is a service link with `tcp://10.0.0.1:9443`, and a mistake with `9443`.
 */
export function isServiceLink(name: string, value: string): boolean {
  return FORMS.some(([pattern, isValue]) => pattern.test(name) && isValue(value));
}

function form(rest: string): RegExp {
  return new RegExp(`^${SERVICE}_${rest}$`);
}

function isAddress(value: string): boolean {
  return isIP(value) !== 0;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

/** `tcp://10.0.0.1:8443`, `udp://[fd00::1]:53`. */
function isEndpoint(value: string): boolean {
  const [, bracketed, plain, port = ''] =
    /^(?:tcp|udp|sctp):\/\/(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(value) ?? [];
  return isAddress(bracketed ?? plain ?? '') && isPort(port);
}
