// Bounds that hold for every instance and that several files share. A policy cannot change them; README.md has them all.

/**
 * Bytes of one read or write of a file that is beside the thread; longer ones go in several. Copying so many to or from the
 * guest holds the thread for a fraction of a millisecond.
 */
export const MAX_PART: number = 1 << 20;

/**
 * Entries that all listings in progress of an instance hold together; a single one may be longer. Handles are bounded too, but
 * each can stand for a whole directory.
 */
export const MAX_LISTED_ENTRIES = 65_536;
