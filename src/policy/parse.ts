import { readDocument } from './document-source.ts';
import { Loader } from './extends.ts';
import type { PolicyResolver } from './extends.ts';
import { checkTogether } from './check-together.ts';
import { complete } from './complete.ts';
import { ProblemList } from './problem-list.ts';
import type { Source } from './source.ts';
import { readText } from './text-source.ts';
import type { Policy } from './types.ts';

export interface PolicyOptions {
  /** Names the policy in errors; `extends` by path counts from it. */
  readonly file?: string;
  /** Finds what `extends` names besides presets; without it, only presets can be extended. */
  readonly resolve?: PolicyResolver;
}

/**
 * Reads a policy from JSON text, in which comments and trailing commas are allowed.
 *
 * @param text at most 1 MiB of UTF-8, at most 64 levels deep
 * @returns the effective policy in its normal form, with everything that it extends
 * @throws PolicyError (`BW_POLICY_INVALID`) with every problem at once, each with its line and column
 */
export function parsePolicy(text: string, options: PolicyOptions = {}): Policy {
  return load(readText(text, options.file), options);
}

/**
 * Reads a policy that is an object. Checks the same as {@link parsePolicy}; problems have a JSON pointer in place of lines
 * and columns. What it gives is a normal form, and given that again, it gives the same one back.
 *
 * @param document a {@link PolicyDocument}, {@link Policy}, or anything of unknown origin; it is copied, not kept
 * @throws PolicyError (`BW_POLICY_INVALID`) with every problem at once
 */
export function normalizePolicy(document: unknown, options: PolicyOptions = {}): Policy {
  if (isNormal(document)) return document;
  return load(readDocument(document, options.file), options);
}

/** Normal forms are frozen, so that having made one is proof enough. */
const normalForms = new WeakSet();

function isNormal(document: unknown): document is Policy {
  return typeof document === 'object' && document !== null && normalForms.has(document);
}

function load(source: Source, options: PolicyOptions): Policy {
  const problems = new ProblemList();
  const layer = new Loader(options.resolve, problems).load(source);
  checkTogether(layer.rules, problems);
  problems.throwIfAny();
  const policy = complete(layer);
  normalForms.add(policy);
  return policy;
}
