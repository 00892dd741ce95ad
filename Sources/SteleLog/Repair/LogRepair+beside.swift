// SPDX-License-Identifier: Apache-2.0

/// What lies beside the records: strange names in `log/`, `stele.json`, `lock`.
extension LogRepair {
    /// Moves files out of `log/` that stock tools take for segments.
    mutating func moveStrangers() throws(LogError) {
        for problem in try ArchiveCheck(archive).strangers() {
            report.repaired.append(
                RepairReport.Repair(
                    file: problem.file, what: "moved away: it is no segment",
                    keptCopy: try folder.moveAway(problem.file)))
        }
    }

    mutating func repairDescription() throws(LogError) {
        let name = Archive.descriptionName
        guard try !ArchiveCheck(archive).isDescriptionWhole() else { return }
        guard let bytes = try copied(name), DescriptionSum.holds(bytes) else {
            report.refused.append(
                RepairReport.Refusal(file: name, what: "the copy has no such file whose sum holds"))
            return
        }
        let (_, kept) = try folder.replace(
            name,
            write: { (target) throws(LogError) in
                do throws(FileFailure) { try target.write(bytes, at: 0) } catch { throw LogError(error) }
            },
            isAsWanted: { (_) throws(LogError) in true })
        report.repaired.append(
            RepairReport.Repair(file: name, what: "put back", source: copy.path, keptCopy: kept))
    }

    /// A small file of the copy; nil when it has none.
    private func copied(_ file: String) throws(LogError) -> [UInt8]? {
        guard let place = copy.place(of: file) else { return nil }
        do throws(FileFailure) {
            return try copy.files.contents(of: place, limit: 64 * 1024)
        } catch {
            throw LogError(error)
        }
    }

    /// Says anew where the log ends, when nothing says so any more.
    mutating func repairLock() throws(LogError) {
        guard !wasLockWhole, let last = try archive.segments().last else { return }
        guard published == nil else {
            // Taking the lock wrote the line that names its holder.
            report.repaired.append(
                RepairReport.Repair(file: "lock", what: "the line that names the writer was written anew"))
            return
        }
        let segment = try SegmentFile(archive, last)
        let size = try segment.size()
        guard let mark = try segment.mark(endingAt: size), try verify().isIntact else {
            report.refused.append(
                RepairReport.Refusal(
                    file: "lock",
                    what:
                        "the log was not closed, and nothing tells where it ended: the next writer finds its last whole commit and writes the file anew"
                ))
            return
        }
        let bytes = try segment.bytes(at: mark.offset, count: Int(size - mark.offset))
        do throws(FileFailure) {
            try lock.publish(
                DurableEnd(
                    sequence: mark.header.sequence, segment: last, offset: size,
                    memberCRC: Checksum.crc32(bytes)))
        } catch {
            throw LogError(error)
        }
        report.repaired.append(
            RepairReport.Repair(
                file: "lock",
                what:
                    "written anew from the log, which ends with a mark; whether it once went on nobody here can tell"
            ))
    }
}
