import { BlockList, isIP } from 'node:net';
import { KeydriftError, type S3Location, type Environment } from '../../model/index.ts';

/** What a location and the environment say about how to reach S3. Null: the SDK's own chain. */
export interface AccessSettings {
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  readonly signing: 'signed' | 'anonymous';
  /** An access point is named by an ARN, which path style cannot carry. */
  readonly bucketName: 'plain' | 'arn';
  /** Keys of the environment; null where a profile is asked for, which outranks them. */
  readonly keys: AccessKeys | null;
  /** Left out: nobody else is spoken for. */
  readonly role?: AssumedRole;
}

/** A role whose temporary credentials are used. */
export interface AssumedRole {
  readonly arn: string;
  readonly externalId: string | null;
  /** Of STS; null: AWS's own in the region. */
  readonly endpoint: string | null;
}

interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Location > environment > the SDK's own chain (shared files, metadata services).
 * Throws `LOCATION_INVALID` for an endpoint that is no URL.
 */
export function resolveAccess(location: S3Location, environment: Environment): AccessSettings {
  const { access, bucket } = location;
  const profile = access.profile ?? variable(environment, 'AWS_PROFILE');
  return {
    endpoint: checkedEndpoint(access.endpoint ?? environmentEndpoint(environment), location),
    region:
      access.region ??
      variable(environment, 'AWS_REGION') ??
      variable(environment, 'AWS_DEFAULT_REGION'),
    profile,
    signing: access.anonymous ? 'anonymous' : 'signed',
    bucketName: bucket.startsWith('arn:') ? 'arn' : 'plain',
    keys: profile === null ? environmentKeys(environment) : null,
    ...roleOf(location, environment),
  };
}

function roleOf(
  { access, bucket }: S3Location,
  environment: Environment,
): Pick<AccessSettings, 'role'> {
  const { roleArn: arn, externalId = null, anonymous } = access;
  if (arn === undefined) return {};
  if (anonymous) {
    throw new KeydriftError(
      'LOCATION_INVALID',
      `s3://${bucket}: nobody assumes a role without a signature`,
      {
        hint: 'Leave out roleArn, or anonymous (--no-sign-request).',
      },
    );
  }
  const isIgnored = variable(environment, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') === 'true';
  const named =
    variable(environment, 'AWS_ENDPOINT_URL_STS') ?? variable(environment, 'AWS_ENDPOINT_URL');
  return { role: { arn, externalId, endpoint: isIgnored ? null : named } };
}

/**
 * How often a request is sent; null where neither the caller nor the environment says it. What is
 * no number counts as the SDK's own default: the SDK would refuse to work.
 */
export function maxAttempts(attempts: number | undefined, environment: Environment): number | null {
  const written = variable(environment, 'AWS_MAX_ATTEMPTS');
  if (attempts !== undefined || written === null) return attempts ?? null;
  return /^[1-9]\d{0,2}$/.test(written) ? Number(written) : 3;
}

/** An empty variable is an unset one, as in every AWS tool. */
function variable(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}

function environmentEndpoint(environment: Environment): string | null {
  if (variable(environment, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') === 'true') return null;
  return variable(environment, 'AWS_ENDPOINT_URL_S3') ?? variable(environment, 'AWS_ENDPOINT_URL');
}

/** File of certificate authorities that the environment names, or null. */
export function caBundleOf(environment: Environment): string | null {
  return variable(environment, 'AWS_CA_BUNDLE');
}

/**
 * The proxy for a URL by the variables, as curl, Python and the AWS CLI read them: `https_proxy` or
 * `http_proxy` by the URL's scheme, the small spelling first, but not for what `no_proxy` names.
 */
export function proxyFor(url: URL, environment: Environment): string | null {
  const named = (name: string): string | null =>
    variable(environment, name) ?? variable(environment, name.toUpperCase());
  const proxy = named(`${url.protocol.slice(0, -1)}_proxy`);
  if (proxy === null || isExempt(url, named('no_proxy') ?? '')) return null;
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  if (/^https?:/i.test(written) && URL.canParse(written)) return written;
  throw new KeydriftError(
    'LOCATION_INVALID',
    `The proxy for ${url.protocol}//${url.host} is no http://HOST:PORT or https://HOST:PORT.`,
    { hint: 'It comes from HTTPS_PROXY or HTTP_PROXY; NO_PROXY exempts hosts.' },
  );
}

/** Whether a list of `host`, `.suffix`, `host:port`, `10.0.0.0/8` and `*` names a URL's host. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const own = hostname.replaceAll(/[[\]]/g, '');
  const full = `${own}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    if (entry.includes('/')) return isInSubnet(own, entry);
    const name = entry
      .toLowerCase()
      .replace(/^\*?\./, '')
      .replaceAll(/[[\]]/g, '');
    if (name === '') return false;
    return [own, full].some((one) => one === name || one.endsWith(`.${name}`));
  });
}

/** Whether an address lies in a network, `10.0.0.0/8` or `fd00::/8`. */
function isInSubnet(address: string, network: string): boolean {
  const [base = '', length = ''] = network.replaceAll(/[[\]]/g, '').split('/');
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (isIP(base) === 0 || !(bits <= (family === 'ipv6' ? 128 : 32))) return false;
  if (isIP(address) !== isIP(base)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(base, bits, family);
  return subnet.check(address, family);
}

function environmentKeys(environment: Environment): AccessKeys | null {
  const accessKeyId = variable(environment, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable(environment, 'AWS_SECRET_ACCESS_KEY');
  const sessionToken = variable(environment, 'AWS_SESSION_TOKEN');
  if (accessKeyId === null || secretAccessKey === null) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) };
}

function checkedEndpoint(endpoint: string | null, location: S3Location): string | null {
  if (endpoint === null) return null;
  if (/^https?:\/\/[^/]/i.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  // A password before the host is nobody's business.
  const shown = endpoint.replace(/^([a-z]*:\/\/)?[^/@]*@/i, '$1');
  throw new KeydriftError(
    'LOCATION_INVALID',
    `The endpoint for s3://${location.bucket}/${location.key} is "${shown}", expected http://HOST or https://HOST.`,
    {
      hint: 'It comes from the contract, --endpoint-url, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.',
    },
  );
}
