internal import Synchronization

/// Room for the next segment of a partition's log.
struct NextRoom: Sendable {
    var room: LogRoom?
    /// Whether a thread is at it.
    var isGrowing = false
    /// Whether it was tried for this segment, in vain: it costs time and nothing else.
    var hasFailed = false
    /// Whether the partition is closed.
    var isEnded = false

    /// The room, once a segment may have it.
    var whole: LogRoom? { !isGrowing && room?.isWhole == true ? room : nil }
}

/// A log that is written much gets its segments from rooms, each four times as large as the one before up to the size
/// of a segment, and each laid out while the segment before it fills.
extension Partition {
    private static let roomGrowth = 4

    /// Whether a segment is full: it has reached its size, or the end of its own room and the next one is there.
    func isFull(_ segment: LogSegment, usedBytes: Int) -> Bool {
        if usedBytes >= configuration.segmentBytes { return true }
        return usedBytes >= segment.roomEnd && nextRoom.withLock { $0.whole != nil }
    }

    /// Has the next room grow with the segment that is being filled, so that both are done at the same time.
    func growRoom(behind segment: LogSegment, usedBytes: Int) {
        let filled = usedBytes - (segment.roomEnd - segment.roomBytes)
        // Only small commits that wait for the disk gain by it, and logs that grow little in one opening stay small.
        guard configuration.durability == .strict, configuration.segmentBytes >= LogSegment.roomBytesMin,
            filled >= segment.roomBytes / Self.roomGrowth, segment.groupBytes < LogRoom.groupBytesMax
        else { return }
        let work: (byteCount: Int, target: Int)? = nextRoom.withLock { next in
            // One that was late for its segment is gone on with.
            let size = next.room?.byteCount ?? min(segment.roomBytes * Self.roomGrowth, configuration.segmentBytes)
            let due = min(size, filled * size / segment.roomBytes + LogRoom.stepBytes)
            guard !next.isGrowing, !next.hasFailed, !next.isEnded, due > next.room?.madeBytes ?? 0 else { return nil }
            next.isGrowing = true
            return (size, due)
        }
        guard let work else { return }
        pools.roomMakers.submit { self.extendRoom(byteCount: work.byteCount, to: work.target) }
    }

    private func extendRoom(byteCount: Int, to target: Int) {
        var room = nextRoom.withLock { $0.room }
        do throws(EngineError) {
            if isDiscarded { throw .closed }
            if room == nil {
                let name = LogRoom.fileName(number: files.withLock { $0.takeFileNumber() })
                room = try LogRoom(path: directory + "/" + name, byteCount: byteCount)
            }
            try room?.extend(to: target)
        } catch {
            room = nil
        }
        nextRoom.withLock { next in
            next.isGrowing = false
            next.hasFailed = room == nil
            next.room = next.isEnded ? nil : room
        }
    }

    /// The next room, for a segment that begins now: its own from here on. Nil where there is none that is whole.
    func takeRoom() -> LogRoom? {
        nextRoom.withLock { next in
            next.hasFailed = false
            guard let room = next.whole else { return nil }
            next.room = nil
            return room
        }
    }

    /// Lets go of the room, whose file goes with it.
    func endRoom() {
        nextRoom.withLock { next in
            next.isEnded = true
            next.room = nil
        }
        nextRoom.wait { $0.isGrowing ? nil : () }
    }
}
