import type { Concurrency } from '../../kernel/byte-budget.ts';
import type { Permit } from '../../kernel/permit.ts';
import type { Operation } from '../../kernel/request.ts';
import { type IpAddress, sameAddress } from '../../policy/address/ip-address.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { NetworkContext } from './instance-network.ts';
import { type NetworkError, NetworkFailure } from './network-error.ts';
import { permitFirst } from './permit-first.ts';
import type { RememberedNames } from './remembered-names.ts';
import { formatSocketAddress, type SocketAddress } from './socket-address.ts';
import type { NetworkStack } from './stack.ts';
import { isUnspecified } from './valid-address.ts';

export type Protocol = SocketEgressRule['protocol'];

/** The rules that are for a request. Which of them allows it is for the guard to say. */
export interface Candidates {
  readonly rules: readonly SocketEgressRule[];
  /** A rule for a name with this address, whose answer has an address that the rule does not allow. */
  readonly forbidden?: SocketEgressRule | undefined;
}

/** One of {@link Candidates}, and the proof that it allows the request. */
export interface Allowed {
  readonly rule: SocketEgressRule;
  readonly permit: Permit;
}

const NOBODY: Candidates = { rules: [] };

/** Finds the rules for what the sockets of an instance ask, and asks the guard. */
export class SocketDecisions {
  readonly #context: NetworkContext;
  readonly #names: RememberedNames;

  constructor(context: NetworkContext, names: RememberedNames) {
    this.#context = context;
    this.#names = names;
  }

  /** Whether the policy has any rule for the protocol. */
  hasRules(protocol: Protocol): boolean {
    return this.#context.rules.sockets.some((rule) => rule.protocol === protocol);
  }

  /** As the log names it: `tcp 10.0.0.1:5432`. */
  subjectOf(protocol: Protocol, endpoint: SocketAddress): string {
    return `${protocol} ${formatSocketAddress(endpoint)}`;
  }

  /**
   * The rules to connect or send to an address, where that can be said without asking a resolver: a rule that has the address
   * itself settles it, and so does it when no rule is for a name that may have the address.
   */
  remoteRulesNow(protocol: Protocol, remote: SocketAddress): Candidates | undefined {
    // A zone picks an interface of the host; there is no way to grant one.
    if ((remote.scopeId ?? 0) !== 0) return NOBODY;
    const rules = this.#connectRules(protocol, remote.port);
    const direct = rules.filter(({ matcher }) => matcher.allowsLiteral(remote.address));
    if (direct.some(({ grant }) => !grant.revoked)) return { rules: direct };
    return rules.some((rule) => this.#isOfName(rule, remote.address)) ? undefined : { rules: direct };
  }

  /**
   * The same, with the rules that are for names; every name is resolved anew.
   *
   * @throws NetworkFailure when no rule is found and a name could not be resolved, other than because there is none
   */
  async remoteRules(protocol: Protocol, remote: SocketAddress, signal: AbortSignal): Promise<Candidates> {
    const now = this.remoteRulesNow(protocol, remote);
    if (now !== undefined) return now;
    const stack = await this.#context.stack();
    const rules: SocketEgressRule[] = [];
    let forbidden: SocketEgressRule | undefined;
    let failure: NetworkFailure | undefined;
    // All names at one time: a resolver that is slow for one of them does not hold up the others.
    const answered = this.#connectRules(protocol, remote.port).map(async (rule) => {
      if (rule.matcher.allowsLiteral(remote.address)) return { rule, wasRevoked: false, answers: undefined };
      const wasRevoked = rule.grant.revoked;
      const answers = await this.#answersWith(rule, remote.address, stack, signal);
      if (!(answers instanceof NetworkFailure)) return { rule, wasRevoked, answers };
      failure ??= answers;
      return { rule, wasRevoked, answers: [] };
    });
    for (const { rule, wasRevoked, answers } of await Promise.all(answered)) {
      // Taken back, before or meanwhile: it is this rule that denies the request, where it is known to be for it.
      if (rule.grant.revoked && !wasRevoked) rules.push(rule);
      if (rule.grant.revoked || answers?.length === 0) continue;
      const isAllowed = answers?.every((answer) => answer.every((one) => rule.matcher.allowsAnswer(one)));
      if (isAllowed !== false || stack.isVirtual) rules.push(rule);
      else forbidden ??= rule;
    }
    // A resolver that does not work is no denial: which rules are for the address cannot be said.
    if (failure !== undefined && rules.length === 0 && forbidden === undefined) throw failure;
    return { rules, forbidden };
  }

  /** The rules under which a local address may be listened on. Port 0: any port of theirs. */
  listenRules(
    protocol: Protocol,
    { address, port, scopeId = 0 }: SocketAddress,
  ): readonly SocketEgressRule[] {
    if (scopeId !== 0) return [];
    return this.#context.rules.sockets.filter(
      (rule) =>
        rule.protocol === protocol &&
        rule.direction === 'listen' &&
        rule.matcher.allowsLiteral(address) &&
        (port === 0 || rule.matcher.hasPort(port)),
    );
  }

  /**
   * The rules under which a local address may be taken. Whoever leaves both address and port to the host takes nothing from
   * anybody: any rule of the protocol does for that.
   */
  bindRules(protocol: Protocol, local: SocketAddress): readonly SocketEgressRule[] {
    const listen = this.listenRules(protocol, local);
    if (local.port !== 0 || (local.scopeId ?? 0) !== 0 || !isUnspecified(local.address)) return listen;
    const all = this.#context.rules.sockets.filter((rule) => rule.protocol === protocol);
    // TCP binds first mostly in order to listen; a UDP socket that only sends is bound as well.
    const first =
      protocol === 'tcp'
        ? listen
        : all.filter(({ direction, grant }) => direction === 'connect' && !grant.revoked);
    if (first.some(({ grant }) => !grant.revoked)) return first;
    return listen.some(({ grant }) => !grant.revoked) ? listen : all;
  }

  /**
   * Asks the guard. Whatever the answer, it is on record.
   *
   * @param limitError what a guest is told when what would allow it is used up
   */
  permit(
    { rules, forbidden }: Candidates,
    operation: Operation,
    subject: string,
    limitError: NetworkError,
  ): Allowed | NetworkError {
    const { guard } = this.#context;
    if (forbidden !== undefined && !rules.some(({ grant }) => !grant.revoked)) {
      guard.refuseAddress(forbidden.grant, operation, subject);
      return 'access-denied';
    }
    const allowed = permitFirst(guard, rules, operation, subject);
    if (allowed !== undefined) return allowed;
    const isSpent = rules.some(({ grant }) => !grant.revoked && grant.spent !== undefined);
    return isSpent ? limitError : 'access-denied';
  }

  /**
   * Like {@link permit}, for something of which a rule allows only so many at one time: one of them is taken, and is to be
   * given back by `rule.concurrent.give`.
   */
  permitOne(candidates: Candidates, operation: Operation, subject: string): Allowed | NetworkError {
    const { rules, forbidden } = candidates;
    const roomy = rules.filter(({ grant, concurrent }) => grant.revoked || hasRoom(concurrent));
    const full = rules.find((rule) => !roomy.includes(rule));
    if (full?.concurrent !== undefined && !roomy.some(({ grant }) => !grant.revoked)) {
      const { name, limit } = full.concurrent;
      this.#context.guard.limited(name, limit, operation, subject);
      return 'new-socket-limit';
    }
    const allowed = this.permit({ rules: roomy, forbidden }, operation, subject, 'new-socket-limit');
    if (typeof allowed !== 'string') allowed.rule.concurrent?.take();
    return allowed;
  }

  /** Takes one of the few that the rule allows at one time. @returns false when there are as many; it is on record then */
  takeOne({ concurrent }: SocketEgressRule, operation: Operation, subject: string): boolean {
    if (concurrent === undefined || concurrent.take()) return true;
    this.#context.guard.limited(concurrent.name, concurrent.limit, operation, subject);
    return false;
  }

  #connectRules(protocol: Protocol, port: number): readonly SocketEgressRule[] {
    return this.#context.rules.sockets.filter(
      (rule) => rule.protocol === protocol && rule.direction === 'connect' && rule.matcher.hasPort(port),
    );
  }

  #isOfName({ matcher }: SocketEgressRule, address: IpAddress): boolean {
    if (matcher.name !== undefined) return true;
    return this.#names.answersWith(address, (name) => matcher.matchesName(name)).length > 0;
  }

  /** The answers for names of the rule in which the address is: today's, and those that the guest was given lately. */
  async #answersWith(
    { grant, matcher }: SocketEgressRule,
    address: IpAddress,
    stack: NetworkStack,
    signal: AbortSignal,
  ): Promise<readonly (readonly IpAddress[])[] | NetworkFailure> {
    const permit = this.#context.guard.permitLookup(grant);
    if (permit === undefined) return [];
    const answers = this.#names.answersWith(address, (name) => matcher.matchesName(name));
    if (matcher.name === undefined) return answers;
    const revoked = new AbortController();
    // A resolver may be silent for long, and nobody waits for a rule that is gone.
    const unwatch = grant.watch(() => revoked.abort());
    const either = AbortSignal.any([signal, revoked.signal]);
    const fresh = await resolve(stack, permit, matcher.name, either).finally(unwatch);
    if (fresh instanceof NetworkFailure) return answers.length > 0 ? answers : fresh;
    // With a name that alternates between answers, today's counts as well: none of its addresses may be forbidden.
    if (answers.length > 0 || fresh.some((one) => sameAddress(one, address))) answers.push(fresh);
    return answers;
  }
}

/** A name that there is not has no addresses, so no rule for it covers any. */
async function resolve(
  stack: NetworkStack,
  permit: Permit,
  name: string,
  signal: AbortSignal,
): Promise<readonly IpAddress[] | NetworkFailure> {
  try {
    return await stack.resolve(permit, name, signal);
  } catch (error) {
    if (!(error instanceof NetworkFailure)) throw error;
    return error.code === 'name-unresolvable' ? [] : error;
  }
}

/** Whether the rule allows one more at this time. */
export function hasRoom(concurrent: Concurrency | undefined): boolean {
  if (concurrent === undefined) return true;
  if (!concurrent.take()) return false;
  concurrent.give();
  return true;
}
