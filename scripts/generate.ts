// Everything that the sources import but git does not hold: the policy validator and jco's generator.
import { generateValidator } from './generate-validator.ts';
import { vendorGenerator } from './vendor-generator.ts';

await Promise.all([generateValidator(), vendorGenerator()]);
