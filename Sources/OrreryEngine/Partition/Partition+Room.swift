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
}

/// A log that is written much gets its segments from rooms, each four times as large as the one before up to the size
/// of a segment, and each laid out while the segment before it fills.
extension Partition {
    private static let roomGrowth = 4

    /// Whether a segment is full: it has reached its size, or the end of its own room and the next one is there.
    func isFull(_ segment: LogSegment, usedBytes: Int) -> Bool {
        if usedBytes >= configuration.segmentBytes { return true }
        return usedBytes >= segment.roomEnd && nextRoom.withLock { $0.room?.isWhole ?? false }
    }

    /// Has the next room grow with the segment that is being filled, so that both are done at the same time.
    func growRoom(behind segment: LogSegment, usedBytes: Int) {
        let size = min(segment.roomBytes * Self.roomGrowth, configuration.segmentBytes)
        let filled = usedBytes - (segment.roomEnd - segment.roomBytes)
        // Only commits that wait for the disk gain by it, and logs that grow little in one opening stay small.
        guard configuration.durability == .strict, size >= LogSegment.roomBytesMin,
            filled >= segment.roomBytes / Self.roomGrowth
        else { return }
        let due = min(size, filled * size / segment.roomBytes + LogRoom.stepBytes)
        let begins = nextRoom.withLock { next in
            let missing = due - (next.room?.madeBytes ?? 0)
            guard !next.isGrowing, !next.hasFailed, !next.isEnded, missing >= min(LogRoom.stepBytes, size) else {
                return false
            }
            next.isGrowing = true
            return true
        }
        if begins { pools.roomMakers.submit { self.extendRoom(byteCount: size, to: due) } }
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
            guard let room = next.room, room.isWhole else { return nil }
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
