import CLMDB

/// Where the C library takes large pieces of memory from.
///
/// LMDB asks for three megabytes for each environment and uses little of them. Taken straight from the system they are
/// zero and cost nothing until they are touched. The C library begins that way, but after the first such piece is
/// freed it takes the next ones from its heap, where it must clear them: two megabytes of real memory, and several
/// milliseconds, for every environment opened. A fixed threshold keeps it to the first way.
enum LargeAllocations {
    private static let threshold: Int32 = 1 << 20

    /// Whether the threshold is fixed; asking fixes it, once for the process.
    static let comeFromTheSystem = mallopt(M_MMAP_THRESHOLD, threshold) == 1
}
