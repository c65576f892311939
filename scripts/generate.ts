// Everything that the sources import but git does not hold. Each step is skipped when its inputs have not changed.
import { generateValidator } from './generate-validator.ts';

await generateValidator();
