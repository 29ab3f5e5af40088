internal import CLinux
internal import Glibc
internal import Synchronization

/// A file that is written by one thread at a time, each time behind what was written before, and read through a map by
/// many.
///
/// `@unchecked`: the map's address never changes, and what it shows is only read below the bytes that the file's owner
/// has published.
@safe final class LogFile: @unchecked Sendable {
    let path: String
    /// How far the map reaches; the file must not grow beyond it.
    let mapBytes: Int
    private let descriptor: Int32
    private let map: UnsafeRawPointer
    /// Where the file ends, room included. Changed by the file's one writer alone.
    private let fileEnd: Atomic<Int>

    /// Opens a file.
    /// - Parameter isNew: whether it is made, and emptied where there was one.
    init(path: String, isNew: Bool, mapBytes: Int) throws(EngineError) {
        self.path = path
        self.mapBytes = mapBytes
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | (isNew ? O_CREAT | O_TRUNC : 0), 0o644)
        guard descriptor >= 0 else { throw DurableFile.failure("open", path) }
        let map = unsafe mmap(nil, mapBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, descriptor, 0)
        guard let map = unsafe map, unsafe map != MAP_FAILED else {
            let error = DurableFile.failure("map", path)
            _ = close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        unsafe self.map = UnsafeRawPointer(map)
        fileEnd = Atomic(Int(lseek(descriptor, 0, SEEK_END)))
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(mutating: map), mapBytes)
        _ = close(descriptor)
    }

    /// The size of the file, room included, when it was opened or as this process has made it.
    var byteCount: Int { fileEnd.load(ordering: .acquiring) }

    /// Hands a part of the file to `body`; an empty span when the file has no such part.
    func withBytes<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        guard range.lowerBound >= 0, range.upperBound <= byteCount, range.upperBound <= mapBytes else {
            return body(Span())
        }
        // The range lies in the file and in the map. Nothing changes bytes that were written once.
        let bytes = unsafe UnsafeRawBufferPointer(start: map + range.lowerBound, count: range.count)
        return unsafe body(Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
    }

    /// Writes at an offset and flushes. A failure leaves the file ending at that offset, as far as the disk allows.
    /// - Parameter meanwhile: what is to be done while the disk writes.
    func append(_ bytes: [UInt8], at offset: Int, meanwhile: () -> Void = {}) throws(EngineError) {
        let end = offset + bytes.count
        guard end <= mapBytes else { throw .diskFull("\(path) would grow beyond \(mapBytes) bytes") }
        do throws(EngineError) {
            try write(bytes, at: offset)
            if end > byteCount { fileEnd.store(end, ordering: .releasing) }
            // The flush would begin the writing too, but only to wait for it. Its outcome is the flush's to tell.
            _ = sync_file_range(descriptor, off_t(offset), off_t(bytes.count), UInt32(SYNC_FILE_RANGE_WRITE))
            meanwhile()
            guard fdatasync(descriptor) == 0 else { throw DurableFile.failure("flush", path) }
        } catch {
            do throws(EngineError) {
                try truncate(to: offset, flushes: true)
            } catch let second {
                // What is left of it would stand behind a later, shorter group.
                throw .storage("\(error.message); \(second.message)")
            }
            throw error
        }
    }

    /// Cuts off what stands behind the used bytes: room, or the remnant of a group.
    /// - Parameter flushes: due for a remnant. A crash while another group is written over it would leave a mixture of
    ///   both, which looks damaged rather than torn.
    func truncate(to usedBytes: Int, flushes: Bool) throws(EngineError) {
        guard ftruncate(descriptor, off_t(usedBytes)) == 0 else { throw DurableFile.failure("truncate", path) }
        fileEnd.store(usedBytes, ordering: .releasing)
        guard !flushes || fdatasync(descriptor) == 0 else { throw DurableFile.failure("flush", path) }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(EngineError) {
        var written = 0
        while written < bytes.count {
            // The slice lies within the array.
            let count = unsafe bytes.withUnsafeBytes { source in
                unsafe pwrite(
                    descriptor, source.baseAddress?.advanced(by: written), source.count - written,
                    off_t(offset + written))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw DurableFile.failure("write", path)
            }
            written += count
        }
    }
}
