import { BindingError } from '../errors.ts';
import { isLiteralHostPath, type Policy } from '../policy/index.ts';

/**
 * The embedder's half of a grant: a policy only names directories and variables, the embedder says what they are.
 */
export interface Bindings {
  /** Host directories by the name that the policy's `host` gives. */
  readonly directories?: Readonly<Record<string, string>>;
  /** Values of variables that the policy takes `{ "from": "host" }`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Allows literal host paths in the policy; relative ones start here. Without it they are refused. */
  readonly hostPaths?: { readonly relativeTo: string };
}

/** Host directory of each mount that has one, and the value of each variable from the host. */
export interface ResolvedBindings {
  readonly directories: ReadonlyMap<string, string>;
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * Resolves every name of the policy that the embedder must bind.
 *
 * @throws BindingError BW_BINDING_MISSING that lists all names without a binding
 */
export function resolveBindings(
  policy: Policy,
  bindings: Bindings,
  joinPath: (base: string, path: string) => string,
): ResolvedBindings {
  const problems: string[] = [];
  const directories = new Map<string, string>();
  policy.filesystem.forEach((rule, index) => {
    if (rule.host === undefined) return;
    const where = `/filesystem/${index}/host`;
    if (isLiteralHostPath(rule.host)) {
      if (bindings.hostPaths === undefined) {
        problems.push(
          `${where}: the literal path ${JSON.stringify(rule.host)} is not allowed here (bindings.hostPaths)`,
        );
      } else {
        directories.set(rule.id, joinPath(bindings.hostPaths.relativeTo, rule.host));
      }
    } else if (bindings.directories !== undefined && Object.hasOwn(bindings.directories, rule.host)) {
      directories.set(rule.id, bindings.directories[rule.host] as string);
    } else {
      problems.push(
        `${where}: the directory ${JSON.stringify(rule.host)} is not bound (bindings.directories)`,
      );
    }
  });
  const environment = resolveEnvironment(policy, bindings, problems);
  if (problems.length > 0) throw missing(problems);
  return { directories, environment };
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

function missing(problems: readonly string[]): BindingError {
  return new BindingError(
    'BW_BINDING_MISSING',
    `The policy names what the embedder did not bind:\n  ${problems.join('\n  ')}`,
    {
      hint: 'Pass `bindings` to instantiate(), for example { directories: { templates: "/srv/templates" } }.',
    },
  );
}
