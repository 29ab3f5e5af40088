// OrreryEngine keeps items: one ordered log per physical partition, and what is derived from it.
//
//   Store      one data directory: its lock, the catalog, the partitions opened so far, the committers
//   Partition  one range of effective partition keys: commit, read, scan
//   Log/       the truth: versions in order, in segments
//   Delta/     the index of what is not flushed yet, in memory
//   Runs/      the index of what is flushed: immutable files, merged tier by tier
//
// It knows nothing of SQL or HTTP, and of JSON only where in a text the system properties stand.
