/**
 * Every error that Bailiwick throws at an embedder carries a stable `code` (`BW_…`), says what was found and what
 * was expected, and has at most one hint. Host paths and secrets never enter a message.
 *
 * A guest's error, a trap, a denial and a passed limit are not errors of this kind: they are values of `Outcome`.
 */
export class BailiwickError extends Error {
  /** Stable across releases; the part of an error that programs may test. */
  readonly code: BailiwickErrorCode;
  /** One sentence about what to do, when there is one. */
  readonly hint: string | undefined;

  constructor(code: BailiwickErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

type BailiwickErrorCode = `BW_${string}`;

export interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The bytes are not a program that can run here: wrong format, broken, or of an unsupported WASI version. */
export class ProgramError extends BailiwickError {}

/** An import that nobody provides, or an interface that does not have the needed functions. */
export class LinkError extends BailiwickError {
  /** Every import that is missing, as `module` or `module.name`. */
  readonly missing: readonly string[];

  constructor(message: string, missing: readonly string[], options?: ErrorDetails) {
    super('BW_LINK_MISSING_IMPORTS', message, options);
    this.missing = missing;
  }
}

/** A name in the policy that the embedder bound to nothing, or a binding that cannot be used. */
export class BindingError extends BailiwickError {}

/** A volume could not be read or changed as a whole: exported, compared, or given the changes of an overlay. */
export class VolumeError extends BailiwickError {}

/** The instance cannot do what was asked of it: closed, trapped, running already, or without such an export. */
export class InstanceError extends BailiwickError {}

/** The log could not take a record. The guard answers it by denying. */
export class AuditError extends BailiwickError {}

/** Wrong flags or arguments of the command. */
export class UsageError extends BailiwickError {}
