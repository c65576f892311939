// Everything that the sources import but git does not hold: the policy validator, the presets, and jco's generator.
import { generatePresets } from './generate-presets.ts';
import { generateValidator } from './generate-validator.ts';
import { vendorGenerator } from './vendor-generator.ts';

await Promise.all([generatePresets(), generateValidator(), vendorGenerator()]);
