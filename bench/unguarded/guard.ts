import type { Grant } from '../../src/kernel/grant.ts';
import type { Guard as RealGuard } from '../../src/kernel/guard.ts';
import { Permit } from '../../src/kernel/permit.ts';

const issuePermit = Permit.claimIssuer();

type Face = { [Name in keyof RealGuard]: RealGuard[Name] };

/** Takes the place of src/kernel/guard.ts in a build that only the benchmark sees: asks nobody, records nothing. */
export class Guard implements Face {
  admit(): boolean {
    return true;
  }

  permit(grant: Grant): Permit {
    return (grant.permit ??= issuePermit(grant.id));
  }

  permitLookup(grant: Grant): Permit {
    return this.permit(grant);
  }

  refuse(): void {}

  refusePath(): void {}

  refuseAddress(): void {}

  limited(): void {}

  permitOwner(grant: Grant): Permit {
    return this.permit(grant);
  }

  revoke(): void {}
}
