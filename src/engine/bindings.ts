import { BindingError } from '../errors.ts';
import { isLiteralHostPath, type Policy } from '../policy/index.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import type { ClientCertificate, Confinement, NetworkOptions } from '../virtual/machine.ts';
import type { VirtualHost } from '../virtual/network/virtual-network.ts';
import type { BoundSource, CompiledPolicy } from './compiled-policy.ts';

/**
 * The embedder's half of a grant: a policy only names directories, images and variables, the embedder says what they are.
 */
export interface Bindings {
  /** Host directories by the name that the policy's `host` gives. */
  readonly directories?: Readonly<Record<string, string>>;
  /** Images by the name that the policy's `image` gives; `loadImage` makes them, and all instances may share one. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Values of variables that the policy takes `{ "from": "host" }`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Allows literal host paths in the policy; relative ones start here. Without it they are refused. */
  readonly hostPaths?: { readonly relativeTo: string };
  /**
   * How host directories are confined. `race-free`, the default, needs Linux with `/proc`. `checked-paths` works
   * everywhere and is weaker: a process of the host that swaps directories and symbolic links at the right moment can
   * lead the guest out.
   */
  readonly confinement?: Confinement;
  /** Values of the secrets that `headers` of http rules name. No guest, error or log ever has one. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How the machine's network is reached: resolver, certificates, proxy. */
  readonly network?: NetworkBindings;
  /**
   * Listening TCP sockets that the program starts with, for programs of WASI 0.1, which cannot make any: `127.0.0.1:8080`.
   * Descriptors from 3 on, after the directories. Each needs a rule that lets the program listen there.
   */
  readonly listeners?: readonly string[];
  /** The host on a network in memory that a policy with `"network": "virtual"` is about: `network.host('billing')`. */
  readonly virtualNetwork?: VirtualHost;
}

/** How the machine's network is reached. Connections and TLS sessions are an instance's own whatever stands here. */
export interface NetworkBindings extends Omit<NetworkOptions, 'clientCertificates'> {
  /** Client certificates by the host that they are shown to; exact names. */
  readonly clientCertificates?: Readonly<Record<string, ClientCertificate>>;
}

/** What each name and each literal path of a policy stands for. */
export interface ResolvedBindings {
  /** Host directories, by what `host` says. */
  readonly directories: ReadonlyMap<string, string>;
  /** Images, by what `image` says; a path is one that has to be loaded first. */
  readonly images: ReadonlyMap<string, Image | string>;
  readonly environment: ReadonlyMap<string, string>;
  readonly confinement: Confinement;
  readonly secrets: ReadonlyMap<string, string>;
  readonly network: NetworkOptions;
  readonly listeners: readonly string[];
  readonly virtualNetwork: VirtualHost | undefined;
}

/**
 * Resolves every name of the policy that the embedder must bind.
 *
 * @throws BindingError BW_BINDING_MISSING that lists all names without a binding
 */
export function resolveBindings(
  { policy, sources }: Pick<CompiledPolicy, 'policy' | 'sources'>,
  bindings: Bindings,
  joinPath: (base: string, path: string) => string,
): ResolvedBindings {
  const problems: string[] = [];
  const directories = new Map<string, string>();
  const images = new Map<string, Image | string>();
  for (const source of sources) {
    const { kind, name } = source;
    if (isLiteralHostPath(name)) {
      if (bindings.hostPaths === undefined) problems.push(literalProblem(source));
      else (kind === 'host' ? directories : images).set(name, joinPath(bindings.hostPaths.relativeTo, name));
    } else if (kind === 'host') bind(source, bindings.directories, directories, problems);
    else bind(source, bindings.images, images, problems);
  }
  const environment = resolveEnvironment(policy, bindings, problems);
  const secrets = resolveSecrets(policy, bindings, problems);
  if (policy.network === 'virtual' && bindings.virtualNetwork === undefined)
    problems.push('/network: no virtual network is bound (bindings.virtualNetwork)');
  if (problems.length > 0) throw missing(problems);
  return {
    directories,
    images,
    environment,
    confinement: bindings.confinement ?? 'race-free',
    secrets,
    network: toNetworkOptions(bindings.network ?? {}),
    listeners: bindings.listeners ?? [],
    virtualNetwork: bindings.virtualNetwork,
  };
}

function toNetworkOptions({ clientCertificates, ...network }: NetworkBindings): NetworkOptions {
  return clientCertificates === undefined
    ? network
    : { ...network, clientCertificates: new Map(Object.entries(clientCertificates)) };
}

function bind<T>(
  { kind, name, where }: BoundSource,
  bound: Readonly<Record<string, T>> | undefined,
  into: Map<string, T>,
  problems: string[],
): void {
  if (bound !== undefined && Object.hasOwn(bound, name)) {
    into.set(name, bound[name] as T);
    return;
  }
  const [what, list] = kind === 'host' ? ['directory', 'directories'] : ['image', 'images'];
  problems.push(`${where}: the ${what} ${JSON.stringify(name)} is not bound (bindings.${list})`);
}

function literalProblem({ where, name }: BoundSource): string {
  return `${where}: the literal path ${JSON.stringify(name)} is not allowed here (bindings.hostPaths)`;
}

function resolveEnvironment(policy: Policy, bindings: Bindings, problems: string[]): Map<string, string> {
  const environment = new Map<string, string>();
  for (const [name, grant] of Object.entries(policy.environment)) {
    if (typeof grant === 'string') {
      environment.set(name, grant);
    } else if (bindings.environment !== undefined && Object.hasOwn(bindings.environment, name)) {
      const value = bindings.environment[name];
      // A variable that the host does not have is one that the guest does not have.
      if (value !== undefined) environment.set(name, value);
    } else {
      problems.push(`/environment/${name}: a value from the host is not allowed here (bindings.environment)`);
    }
  }
  return environment;
}

function resolveSecrets(policy: Policy, bindings: Bindings, problems: string[]): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const [index, { headers = {} }] of policy.http.entries()) {
    for (const [header, { secret }] of Object.entries(headers)) {
      const where = `/http/${index}/headers/${header}/secret`;
      const bound = bindings.secrets;
      if (bound === undefined || !Object.hasOwn(bound, secret)) {
        problems.push(`${where}: the secret ${JSON.stringify(secret)} is not bound (bindings.secrets)`);
      } else {
        const value: unknown = bound[secret];
        // An embedder's variable that is not set, for one, would be sent as the word `undefined`.
        if (typeof value !== 'string' || !FIELD_VALUE.test(value)) throw unusable(where, secret);
        secrets.set(secret, value);
      }
    }
  }
  return secrets;
}

/** RFC 9110, 5.5, without what a server might take off: a line break would start a field of its own. */
const FIELD_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Says nothing of the value. */
function unusable(where: string, secret: string): BindingError {
  return new BindingError(
    'BW_BINDING_SECRET',
    `${where}: the value of the secret ${JSON.stringify(secret)} cannot stand in a header field: expected 1 or more printable ASCII characters without spaces around them.`,
    { hint: 'A line break at the end is easily read from a file: trim it.' },
  );
}

function missing(problems: readonly string[]): BindingError {
  return new BindingError(
    'BW_BINDING_MISSING',
    `The policy names what the embedder did not bind:\n  ${problems.join('\n  ')}`,
    {
      hint: 'Pass `bindings` to instantiate(), for example { directories: { templates: "/srv/templates" } }.',
    },
  );
}
