import type { S3Failure } from './failure.ts';
import type { Fault } from './fault.ts';
import { endpointText, locationText, type S3Place } from './place.ts';

/** What Node calls a connection that did not come about or broke, and what it means. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  EADDRNOTAVAIL: 'there is no such address',
  EPROTO: 'it does not speak TLS as expected',
};

const tlsCode =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** A request that got no answer: unreachable, or silent for too long. */
export function networkFault(failure: S3Failure, place: S3Place): Fault | null {
  if (failure.status !== null)
    return failure.code === 'RequestTimeout' ? silent(failure, place) : null;
  const { code, message } = failure;
  if (tlsCode.test(code)) {
    return unreachable(failure, place, `TLS: ${message}`, tlsHint);
  }
  if (code.startsWith('HPE_')) {
    return unreachable(failure, place, 'it does not speak HTTP', endpointHint(place));
  }
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (reason !== undefined) {
    const hint = code === 'EPROTO' ? tlsHint : endpointHint(place);
    return unreachable(failure, place, reason, hint);
  }
  if (code !== 'TimeoutError' && code !== 'ETIMEDOUT') return null;
  // The SDK's handler and the kernel give up on a connection; anything else was silence.
  if (code === 'ETIMEDOUT' || message.includes('did not establish a connection')) {
    return unreachable(failure, place, 'no connection in time', endpointHint(place));
  }
  return silent(failure, place);
}

const tlsHint =
  'Where a company signs its own certificates, point NODE_EXTRA_CA_CERTS at its CA file; where the endpoint has no TLS, write http://.';

function endpointHint({ target }: S3Place): string {
  return target.endpoint === null
    ? 'Check the region, the network and the proxy of this machine.'
    : 'Check the endpoint (--endpoint-url, endpoint: in the contract, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) and that it runs.';
}

function unreachable(failure: S3Failure, place: S3Place, why: string, hint: string): Fault {
  return {
    code: 'STORE_UNREACHABLE',
    message: `${endpointText(place.target)} cannot be reached for ${locationText(place.location)}: ${why} (${failure.code}${times(failure)}).`,
    hint,
  };
}

function silent(failure: S3Failure, place: S3Place): Fault {
  return {
    code: 'STORE_TIMEOUT',
    message: `${endpointText(place.target)} went silent over ${locationText(place.location)}${times(failure)}.`,
    hint: 'Try again; if it stays, see whether the network or a proxy in between is overloaded.',
  };
}

function times({ attempts }: S3Failure): string {
  return attempts > 1 ? `, ${attempts} attempts` : '';
}
