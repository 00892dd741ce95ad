// SPDX-License-Identifier: Apache-2.0

extension LogReader {
    /// The log's size and root now, to be signed and kept elsewhere.
    package func checkpoint() throws(LogError) -> Checkpoint { try checkpoint(of: end().rawValue) }

    /// The root of the first `size` records, at most ``end()``.
    package func checkpoint(of size: UInt64) throws(LogError) -> Checkpoint {
        var tree = try TreeReader(archive)
        return Checkpoint(origin: archive.origin, size: size, root: try tree.tree(over: 0..<size).root)
    }

    /// Whether the log still begins with exactly the records that `checkpoint` states.
    ///
    /// - Throws: ``LogError`` with `.damaged` when that cannot be told.
    package func matches(_ checkpoint: Checkpoint) throws(LogError) -> Bool {
        guard checkpoint.isOf(archive.origin), try checkpoint.size <= end().rawValue else { return false }
        var tree = try TreeReader(archive)
        return try tree.tree(over: 0..<checkpoint.size).root == checkpoint.root
    }

    /// Proves that a record is in the tree of the first `size` records.
    ///
    /// Costs some reads for each level of the tree, whatever the log's size.
    ///
    /// - Parameters:
    ///   - sequence: Before `size`.
    ///   - size: At most ``end()``.
    /// - Returns: A proof that holds.
    /// - Throws: ``LogError`` with `.damaged` when the log does not prove it.
    package func proveInclusion(of sequence: SequenceNumber, in size: UInt64) throws(LogError)
        -> InclusionProof
    {
        var tree = try TreeReader(archive)
        let hashes = try TreeProof.inclusion(of: sequence.rawValue, in: size) { range throws(LogError) in
            try tree.root(of: range)
        }
        let proof = InclusionProof(
            sequence: sequence, size: size, leaf: try tree.leaf(sequence.rawValue),
            root: try tree.root(of: 0..<size), hashes: hashes)
        guard proof.holds else { throw Self.unproven(sequence) }
        return proof
    }

    /// Proves that the tree of the first `old` records grew into that of the first `size`.
    ///
    /// - Parameters:
    ///   - old: At least 1.
    ///   - size: At least `old` and at most ``end()``.
    /// - Returns: A proof that holds.
    /// - Throws: ``LogError`` with `.damaged` when the log does not prove it.
    package func proveConsistency(from old: UInt64, to size: UInt64) throws(LogError) -> ConsistencyProof {
        var tree = try TreeReader(archive)
        let hashes = try TreeProof.consistency(from: old, to: size) { range throws(LogError) in
            try tree.root(of: range)
        }
        let proof = ConsistencyProof(
            old: old, oldRoot: try tree.root(of: 0..<old), size: size, root: try tree.root(of: 0..<size),
            hashes: hashes)
        guard proof.holds else { throw Self.unproven(SequenceNumber(old)) }
        return proof
    }

    private static func unproven(_ sequence: SequenceNumber) -> LogError {
        .damaged("log", at: sequence, "the tree's parts, as the segments state them, do not make up the tree")
    }

    /// One line of the log.
    ///
    /// - Throws: ``LogError`` with `.damaged` when it cannot be read.
    package func line(_ sequence: SequenceNumber) throws(LogError) -> [UInt8] {
        var cursor = try cursor(from: sequence)
        guard case .lines(let lines)? = try cursor.next(), lines.first == sequence else {
            throw .damaged("log", at: sequence, "the record cannot be read")
        }
        return Array(lines[0])
    }
}
