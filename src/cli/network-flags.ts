import { UsageError } from '../errors.ts';
import { parseCidr, parseEndpoint, parseHostPattern, parseUrlPattern } from '../policy/index.ts';

/** Flags of `run` and `serve` that grant the network, and say how it is reached. */
export const NETWORK_OPTIONS: Readonly<
  Record<NetworkFlag, { readonly type: 'string'; readonly multiple: true }>
> = {
  http: { type: 'string', multiple: true },
  connect: { type: 'string', multiple: true },
  listen: { type: 'string', multiple: true },
  tcplisten: { type: 'string', multiple: true },
  lookup: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  dns: { type: 'string', multiple: true },
};

export type NetworkFlag = 'http' | 'connect' | 'listen' | 'tcplisten' | 'lookup' | 'secret' | 'dns';
export type NetworkFlagValues = { readonly [Flag in NetworkFlag]?: string[] | undefined };

/** What the flags say: rules of a policy, and bindings. */
export interface NetworkFlags {
  readonly http: readonly object[];
  readonly sockets: readonly object[];
  readonly dns: readonly object[];
  readonly secrets: readonly SecretFlag[];
  readonly nameServers: readonly string[];
  /** Sockets that the program starts with. */
  readonly listeners: readonly string[];
}

export interface SecretFlag {
  readonly name: string;
  /** undefined: the variable of that name. */
  readonly value: string | undefined;
}

/** Of `--http` without methods: those of RFC 9110 and RFC 5789 that reach what the URL names. */
const USUAL_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** @throws UsageError */
export function parseNetworkFlags(values: NetworkFlagValues): NetworkFlags {
  const listeners = values.tcplisten ?? [];
  return {
    http: (values.http ?? []).map((flag, index) => ({ id: `http-${index}`, ...parseHttp(flag) })),
    sockets: [
      ...(values.connect ?? []).map((flag, index) => ({ id: `connect-${index}`, ...parseConnect(flag) })),
      ...[...(values.listen ?? []), ...listeners].map((flag, index) => ({
        id: `listen-${index}`,
        ...parseListen(flag),
      })),
    ],
    dns: (values.lookup ?? []).map((flag, index) => ({ id: `lookup-${index}`, names: [parseName(flag)] })),
    secrets: (values.secret ?? []).map(parseSecret),
    nameServers: values.dns ?? [],
    listeners,
  };
}

/** `[METHOD,…] URL [CIDR,…]` */
function parseHttp(flag: string): object {
  const words = flag.split(' ');
  const methods = isUrl(words[0]) ? USUAL_METHODS : (words.shift() ?? '').split(',');
  const [url = '', addresses, ...rest] = words;
  if (rest.length > 0 || parseUrlPattern(url) === undefined) {
    throw wrong('--http', flag, '[METHODS] URL [ADDRESSES]', 'GET,POST https://api.example.com/rates/**');
  }
  return { methods, url, ...parseAddresses('--http', flag, addresses) };
}

function isUrl(word: string | undefined): boolean {
  return word?.includes('://') === true;
}

/** `[PROTOCOL:]HOST:PORT [CIDR,…]` */
function parseConnect(flag: string): object {
  const [endpoint = '', addresses, ...rest] = flag.split(' ');
  const { protocol, text } = protocolOf(endpoint);
  if (rest.length > 0 || parseEndpoint(text) === undefined)
    throw wrong('--connect', flag, '[tcp:|udp:]HOST:PORT [ADDRESSES]', 'db.internal:5432 10.0.0.0/8');
  return { protocol, connect: text, ...parseAddresses('--connect', flag, addresses) };
}

function parseListen(flag: string): object {
  const { protocol, text } = protocolOf(flag);
  const kind = parseEndpoint(text)?.host.kind;
  if (kind !== 'address' && kind !== 'block')
    throw wrong('--listen', flag, '[tcp:|udp:]ADDRESS:PORT', '127.0.0.1:8080-8089');
  return { protocol, listen: text };
}

function protocolOf(flag: string): { readonly protocol: 'tcp' | 'udp'; readonly text: string } {
  const found = /^(tcp|udp):/.exec(flag);
  if (found === null) return { protocol: 'tcp', text: flag };
  return { protocol: found[1] as 'tcp' | 'udp', text: flag.slice(4) };
}

function parseAddresses(name: string, flag: string, text: string | undefined): { addresses?: string[] } {
  if (text === undefined) return {};
  const addresses = text.split(',');
  if (addresses.some((address) => parseCidr(address) === undefined))
    throw wrong(name, flag, 'CIDR blocks as ADDRESSES', '10.0.0.0/8,fd00::/8');
  return { addresses };
}

function parseName(flag: string): string {
  const kind = parseHostPattern(flag)?.kind;
  if (kind !== 'name' && kind !== 'subdomains')
    throw wrong('--lookup', flag, 'a name, or `*.` and a name', '*.example.com');
  return flag;
}

/** The flag is not quoted: it may hold the secret. */
function parseSecret(flag: string): SecretFlag {
  const at = flag.indexOf('=');
  const name = at === -1 ? flag : flag.slice(0, at);
  if (name === '')
    throw new UsageError('BW_USAGE', '--secret is not understood: expected NAME or NAME=VALUE.');
  return { name, value: at === -1 ? undefined : flag.slice(at + 1) };
}

function wrong(name: string, flag: string, expected: string, example: string): UsageError {
  return new UsageError(
    'BW_USAGE',
    `${name} ${JSON.stringify(flag)} is not understood: expected ${expected}.`,
    {
      hint: `For example ${name} '${example}'`,
    },
  );
}
